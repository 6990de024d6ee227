"""`vcassay review`: statuses, files, the schema, and a card that is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest

from tests.run.review_cards import IDEAL, ideal
from vcassay.cli.review_new import REGIMES
from vcassay.core import Regime
from vcassay.run.card_writer import write_toml
from vcassay.run.review import read_card

RECALLED = Path(__file__).parents[1] / "run" / "cards"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "clear.toml"
    path.write_text(write_toml(IDEAL), encoding="utf-8")
    return path


def test_the_verdict_comes_first(vcassay, card) -> None:
    ended = vcassay("review", card)
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[0] == "Clear: SUPPORTED"
    assert lines[1].startswith("  As reported, not recomputed: ")


def test_questions_are_numbered_to_be_pasted(vcassay) -> None:
    out = vcassay("review", RECALLED / "scgen.toml").out
    asked = out[out.index("Questions to the authors") :]
    assert "\n  1. " in asked
    assert "\n  2. " in asked


def test_json_is_the_record(vcassay, card) -> None:
    told = json.loads(vcassay("review", card, "--json").out)
    assert told["schema"] == "vcassay.review/1"
    assert told["level"] == "supported"
    assert len(told["card_sha256"]) == 64
    both = json.loads(vcassay("review", card, RECALLED / "cellot.toml", "--json").out)
    assert [r["card"]["name"] for r in both] == ["Clear", "CellOT"]


@pytest.mark.parametrize("ending", ["md", "json"])
def test_a_review_is_written(vcassay, card, tmp_path, ending) -> None:
    out = tmp_path / "new" / f"review.{ending}"
    ended = vcassay("review", card, "-o", out)
    assert ended.status == 0
    text = out.read_text(encoding="utf-8")
    assert "as reported, not recomputed" in text.casefold()
    assert (json.loads(text)["schema"] == "vcassay.review/1") if ending == "json" else text.startswith("# Clear: ")


def test_several_reviews_go_to_a_folder(vcassay, card, tmp_path) -> None:
    ended = vcassay("review", card, RECALLED / "scgen.toml", "-o", tmp_path / "all")
    assert ended.status == 0
    assert {p.stem for p in (tmp_path / "all").iterdir()} == {"clear", "scgen"}


def test_mistakes_are_one_sentence(vcassay, card, tmp_path) -> None:
    for arguments, words in (
        (("review",), "names no card"),
        (("review", tmp_path / "none.toml"), "is missing"),
        (("review", card, "-o", tmp_path / "x.txt"), "no known ending"),
        (("review", card, RECALLED / "scgen.toml", "-o", tmp_path / "x.md"), "one file for several cards"),
        (("review", "--new", card), "never overwritten"),
        (("review", "--new", card, card), "several files"),
    ):
        ended = vcassay(*arguments)
        assert ended.status == 2, arguments
        assert words in ended.said


def test_the_schema_takes_cards_as_they_are_written(vcassay) -> None:
    schema = json.loads(vcassay("review", "--schema").out)
    check = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert not list(check.iter_errors(ideal()))
    for path in RECALLED.iterdir():
        assert not list(check.iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))), path
    for wrong in ({"nme": "x"}, {"evidence": "guessed"}, {"leakage": [{"check": "L99", "status": "found"}]}):
        assert list(check.iter_errors(ideal() | wrong))


ANSWERS = [
    "MyModel", 'Predicts "everything"', "read", "", "screening", "10.1/x", "2026", "", "scGPT corpus", "none", "",
    "validation", "y", "tahoe-100m", "state-tahoe-fewshott", "state-tahoe-fewshot", "Pearson delta, PDS",
    "cell mean, additive", "perturbations", "y", "", "0.5", "0.4", "0.6", "0.3", "cell mean", "0.8", "n", "n", "y",
    "L24", "found", "It does.", "y", "n", "y", "stress", "measured", "Half is stress.", "n",
]  # fmt: skip


def asked(vcassay, monkeypatch, tmp_path, answers, stop=False):
    """Answer from a pipe, which may be interrupted at its end."""

    class Pipe:
        def __init__(self) -> None:
            self.left = list(answers)

        def readline(self) -> str:
            if self.left:
                return self.left.pop(0) + "\n"
            if stop:
                raise KeyboardInterrupt
            return ""

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr("sys.stdin", Pipe())
    return vcassay("review", "--new", tmp_path / "new.toml"), tmp_path / "new.toml"


def test_new_asks_its_way_to_a_card_that_reads_again(vcassay, monkeypatch, tmp_path) -> None:
    ended, path = asked(vcassay, monkeypatch, tmp_path, ANSWERS)
    assert ended.status == 0
    assert "did you mean" in ended.out
    card = read_card(path)
    assert (card.name, card.claim.text, card.claim.use) == ("MyModel", 'Predicts "everything"', "screening")
    assert card.disclosure.pretrained == "yes"
    assert card.disclosure.priors == ()
    assert card.disclosure.graphs is None
    assert card.benchmark[0].protocol == "state-tahoe-fewshot"
    assert card.benchmark[0].results[0].against == "cell mean"
    assert card.leakage is not None
    assert card.leakage[0].grave
    assert card.diagnostic is not None
    assert vcassay("review", path).status == 0


def test_new_takes_the_first_answers_alone(vcassay, monkeypatch, tmp_path) -> None:
    ended, path = asked(vcassay, monkeypatch, tmp_path, ANSWERS[:2])
    assert ended.status == 0
    assert read_card(path).benchmark == ()


def test_new_needs_a_name_and_a_claim(vcassay, monkeypatch, tmp_path) -> None:
    ended, path = asked(vcassay, monkeypatch, tmp_path, ANSWERS[:1])
    assert ended.status == 2
    assert "is not answered" in ended.said
    assert not path.exists()


@pytest.mark.parametrize(("n", "kept"), [(1, False), (3, True), (14, True), (22, True), (31, True)])
def test_an_interruption_keeps_what_was_answered(vcassay, monkeypatch, tmp_path, n, kept) -> None:
    ended, path = asked(vcassay, monkeypatch, tmp_path, ANSWERS[:n], stop=True)
    assert ended.status == 130
    assert path.exists() is kept
    if kept:
        assert read_card(path).name == "MyModel"


def test_new_explains_goes_back_and_asks_what_names_do_not_tell(vcassay, monkeypatch, tmp_path) -> None:
    answers = [
        "?", "<", "M", "First", "<", "Second", "", "", "", "", "2026", "", "", "?", "none", "", "", "y", "?",
        "tahoe-100m", "", "CEX", "?", "5", "", "", "drug", "Pearson, foo", "delta", "calls",
        "mean of other lines, fancy net", "model",
    ]  # fmt: skip
    ended, path = asked(vcassay, monkeypatch, tmp_path, answers)
    assert ended.status == 0
    told = ("cannot do without", "the first question", "'none': there were none", "norman2019", "whole number")
    assert [words for words in told if words not in ended.out] == []
    card = read_card(path)
    assert (card.name, card.claim.text, card.publication.year) == ("M", "Second", 2026)
    told = card.benchmark[0]
    assert [(m.name, m.kind, m.space) for m in told.metrics] == [("Pearson", "", "delta"), ("foo", "calls", "")]
    assert [(c.name, c.tier) for c in told.baselines] == [("mean of other lines", ""), ("fancy net", "model")]
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# What a publication reports")
    assert "# leakage: " in text
    assert "# benchmark: " not in text


def test_new_offers_every_regime_with_what_it_says_is_new() -> None:
    assert list(REGIMES) == [str(r) for r in Regime]


def test_the_schema_describes_what_an_editor_shows(vcassay) -> None:
    schema = json.loads(vcassay("review", "--schema").out)
    parts = {name: part["properties"] for name, part in schema["$defs"].items() if "properties" in part}
    for part in ("Benchmark", "Measured", "Compared", "Result", "StatedStratum"):
        plain = [key for key, entry in parts[part].items() if "description" not in entry]
        assert set(plain) <= {"what", "shots_share"}, part
    assert parts["Given"]["looks"]["description"].startswith("How often the test set was scored")
    assert parts["Corpus"]["perturbed"]["description"] == "Whether it holds perturbed cells."
    assert "read" in schema["properties"]["extent"]["description"]


def test_a_review_loads_neither_readers_nor_learners(card) -> None:
    told = "import sys; from vcassay.run.review import read_card, review_card; review_card(read_card(sys.argv[1]));"
    told += "print([m for m in ('anndata', 'sklearn', 'dask', 'scipy.stats') if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", told, str(card)], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
