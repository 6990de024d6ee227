"""`vcassay field`: the table, filters, one review, JSON, the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.run.review_cards import ideal
from vcassay.run.card_writer import write_toml

Run = Callable[..., Any]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(write_toml(ideal() | {"name": "Mine"}), encoding="utf-8")
    return path


def test_json_is_a_list_with_what_others_need(vcassay: Run, own: Path) -> None:
    rows = json.loads(vcassay("field", "--json", "--card", own).out)
    assert len(rows) > 30
    for row in rows:
        assert isinstance(row["name"], str)
        assert isinstance(row["claim"], str)
        for key in ("supports", "missing", "questions"):
            assert isinstance(row[key], list)
            assert all(isinstance(text, str) and text for text in row[key])
        assert set(row["tiers"]) == {"T0", "T1", "T2", "T3", "T4"}
        assert row["evidence"] in ("read", "second-hand", "recalled", "inferred")
        assert row["confidence"] in ("high", "medium", "low")
    names = [row["name"] for row in rows]
    assert names == sorted(names, key=str.casefold)
    (mine,) = [row for row in rows if row["name"] == "Mine"]
    assert (mine["level"], mine["regime"]) == ("supported", "CEX")
    assert mine["tiers"]["T3"]["state"] == "reported"


def test_the_table_and_its_filters(vcassay: Run, own: Path) -> None:
    out = vcassay("field", "--card", own).out
    assert out.startswith("Of ")
    assert "\nMine " in out
    few = vcassay("field", "--card", own, "--regime", "cex", "--missing", "t3").out
    assert "\nSTATE " in few
    assert "\nMine " not in few
    assert not few.startswith("Of ")
    assert (
        json.loads(vcassay("field", "--card", own, "--name", "min", "--level", "supported", "--json").out)[0]["name"]
        == "Mine"
    )
    assert vcassay("field", "--name", "nobody has this name").out == "No review fits these filters.\n"


def test_one_review_in_full(vcassay: Run, tmp_path: Path) -> None:
    out = vcassay("field", "txpert").out
    assert out.startswith("TxPert (")
    assert "Questions to the authors" in out
    assert vcassay("explain", "TxPert").out == out
    page = tmp_path / "one.html"
    assert vcassay("field", "txpert", "--html", page).status == 0
    assert "<h1>TxPert</h1>" in page.read_text(encoding="utf-8")


def test_the_page(vcassay: Run, own: Path, tmp_path: Path) -> None:
    page = tmp_path / "new" / "field.html"
    assert vcassay("field", "--card", own, "--html", page).out.endswith(f"Written to {page}.\n")
    text = page.read_text(encoding="utf-8")
    assert "Where is the field right now?" in text
    assert ">Mine<" in text
    assert len(text.encode()) < 3_000_000


def test_a_card_becomes_a_page(vcassay: Run, own: Path, tmp_path: Path) -> None:
    assert vcassay("review", own, "-o", tmp_path / "mine.html").status == 0
    assert "<h1>Mine</h1>" in (tmp_path / "mine.html").read_text(encoding="utf-8")


def test_mistakes_are_one_sentence(vcassay: Run, tmp_path: Path) -> None:
    for words, said in (
        (("field", "GEARZ"), "did you mean 'GEARS'"),
        (("field", "--regime", "CEXX"), "did you mean 'CEX'"),
        (("field", "--missing", "T9"), "--missing"),
        (("field", "--level", "good"), "--level"),
        (("field", "--html", tmp_path / "x.pdf"), "end it with .html"),
        (("field", "--card", tmp_path / "none.toml"), "is missing"),
    ):
        ended = vcassay(*words)
        assert ended.status == 2, words
        assert said in ended.said
