"""docs/biology.md names every diagnostic and question, and its table of power has every planted case."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcassay.evidence.biology import DIAGNOSTICS
from vcassay.record.rooms import BIOLOGY_ROOMS
from vcassay.testing.biology import CASES

TEXT = (Path(__file__).parents[2] / "docs" / "biology.md").read_text(encoding="utf-8")
POWER = TEXT.split("<!-- power: begin -->")[1].split("<!-- power: end -->")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in POWER.splitlines()
    if line.startswith("| ") and not line.startswith(("| diagnostic ", "| ---"))
]


@pytest.mark.parametrize("name", [entry.name for entry in DIAGNOSTICS])
def test_every_diagnostic_is_described(name):
    assert f"`{name}`" in TEXT.split("## What to hand in")[0]


@pytest.mark.parametrize(("room", "question"), BIOLOGY_ROOMS.items())
def test_every_question_is_asked_as_the_report_asks_it(room, question):
    assert f"**{question}** (`{room}`)" in TEXT


def test_every_planted_case_has_a_row():
    assert sorted((r[0], r[1], r[2]) for r in ROWS) == sorted((c.diagnostic, c.planted, c.size) for c in CASES)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r[0]} {r[1]}")
def test_biology_is_seen_and_its_absence_too(row):
    able, seeds = map(int, row[3].split(" of "))
    assert able >= 0.8 * seeds
    accused = int(row[4].split(" of ")[0].split(", ")[1])
    caught, missed = map(int, row[5].split(" of ")[0].split(", "))
    assert accused <= 0.1 * able
    assert missed <= 0.05 * able
    assert caught >= 0.9 * able
    assert int(row[6].split(" of ")[0]) <= 0.1 * seeds
