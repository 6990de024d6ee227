"""vcassay compare, and a model's card, as a user types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def copy(assessed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the assessment that may be written into."""
    folder = tmp_path_factory.mktemp("compare") / "a"
    return Path(shutil.copytree(assessed / "a", folder, ignore=shutil.ignore_patterns("cache")))


def test_compare_prints_and_writes_what_verify_accepts(vcassay, copy, tmp_path):
    ended = vcassay("compare", copy, "--reference", "mine", "-o", tmp_path / "board.html")
    assert ended.status == 0
    assert "Verdicts" in ended.out
    assert f"Written: {tmp_path / 'board.html'}" in ended.out
    assert "<script" not in (tmp_path / "board.html").read_text()
    ended = vcassay("compare", copy, "--json", "-o", tmp_path / "board.json")
    data = json.loads(ended.out)
    assert data["schema"] == "vcassay.comparison/1"
    assert data == json.loads((tmp_path / "board.json").read_text())
    ended = vcassay("verify", tmp_path / "board.json")
    assert ended.status == 0
    assert "made again" in ended.out


def test_mistakes_are_one_sentence(vcassay, copy, tmp_path):
    for words, said in (
        ((copy, "--metric", "nothing"), "--metric: no metric of all assessments is called 'nothing'"),
        ((copy, "--reference", "nobody"), "--reference: no model is called 'nobody'"),
        ((tmp_path,), "holds no assessment.json"),
        ((copy, "-o", tmp_path / "board.txt"), "use a name that ends in .html, .md or .json"),
    ):
        ended = vcassay("compare", *words)
        assert ended.status == 2
        assert said in ended.said


def test_a_card_is_written_beside_the_report_and_never_over_a_file(vcassay, copy, tmp_path):
    readme = tmp_path / "README.md"
    ended = vcassay("report", copy, "--model-card", readme, "--model", "mine", "--json")
    assert ended.status == 0
    files = json.loads(ended.out)["files"]
    assert str(copy / "card.yml") in files
    assert str(readme) in files
    assert readme.read_text().startswith("---\nmodel-index:\n")
    ended = vcassay("report", copy, "--model-card", readme, "--model", "mine")
    assert (ended.status, "is there already" in ended.said) == (2, True)
    ended = vcassay("report", copy, "--model-card", tmp_path / "other.md")
    assert (ended.status, "a card is of one; name one: mine, mean" in ended.said) == (2, True)
    ended = vcassay("report", copy, "--model", "mine")
    assert (ended.status, "add --model-card" in ended.said) == (2, True)
