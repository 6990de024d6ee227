"""docs/leakage.md names every check, and its table of power has every planted leak."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vcassay.evidence.leakage import CHECKS
from vcassay.testing.leaks import CASES

TEXT = (Path(__file__).parents[2] / "docs" / "leakage.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in TEXT.split("<!-- power: begin -->")[1].split("<!-- power: end -->")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| check ")
]


@pytest.mark.parametrize("name", [entry.name for entry in CHECKS])
def test_every_check_is_described(name):
    prose = TEXT.split("<!-- power: begin -->")[0]
    number = re.fullmatch(r"(L\d\d)[a-z]?", name)
    assert (number[1] if number else name) in prose


def test_every_planted_leak_has_a_row():
    assert [(r[0].strip("| "), r[1], r[2]) for r in ROWS] == sorted((c.check, c.leak, c.dose) for c in CASES)


def test_every_check_has_a_planted_leak():
    assert {c.check for c in CASES} >= {entry.name for entry in CHECKS}


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r[0]} {r[1]}")
def test_leaks_are_found_and_clean_data_are_let_pass(row):
    found, seeds = map(int, row[3].split(" of "))
    assert found >= 0.8 * seeds
    false, runs = map(int, row[5].split(" of "))
    assert false <= 0.05 * runs
    if row[4] != "–":
        assert row[4] == f"{found} of {found}"
