"""Verdicts on reported evidence: first match wins, the best benchmark speaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vcassay.core import Level, Regime
from vcassay.verdict.reported import AS_REPORTED, ReportedEvidence, judge_reported, rule_on

GOOD = ReportedEvidence("d", Regime.CEX, "The model predicts x.", won=("r .6 against .4",))


@pytest.mark.parametrize(
    ("change", "level", "rule"),
    [
        ({}, Level.SUPPORTED, "e"),
        ({"regime": None}, Level.CANNOT_TELL, "a"),
        ({"grave": ("Leak.",)}, Level.NOT_SUPPORTED, "b"),
        ({"lost": ("r",), "won": ()}, Level.NOT_SUPPORTED, "b"),
        ({"lost": ("r",)}, Level.CANNOT_TELL, "b"),
        ({"lost": ("r",), "won": (), "unresolved": ("s",)}, Level.CANNOT_TELL, "b"),
        ({"usable": False}, Level.CANNOT_TELL, "c"),
        ({"compared": False}, Level.CANNOT_TELL, "c"),
        ({"needed": ("T3",)}, Level.CANNOT_TELL, "c"),
        ({"won": ()}, Level.CANNOT_TELL, "c"),
        ({"won": (), "unresolved": ("r",)}, Level.CANNOT_TELL, "c"),
        ({"interval": False}, Level.CANNOT_TELL, "c"),
        ({"ceiling": False}, Level.CANNOT_TELL, "c"),
        ({"regime": Regime.RANDOM_CELLS}, Level.DIAGNOSTIC_ONLY, "d"),
        ({"fit": "diagnostic", "use": "target identification"}, Level.DIAGNOSTIC_ONLY, "d"),
        ({"fit": "none"}, Level.DIAGNOSTIC_ONLY, "d"),
        ({"fit": "partial"}, Level.SPLIT_LIMITED, "d"),
        ({"open": ("Pretraining",)}, Level.SUPPORTED, "e"),
    ],
)
def test_rules(change: dict, level: Level, rule: str) -> None:
    ruling = rule_on(replace(GOOD, **change))
    assert ruling.level == level
    assert ruling.rule.startswith(rule)
    assert ruling.reasons
    told = judge_reported("M", [replace(GOOD, **change)]).sentence
    assert AS_REPORTED in told.casefold()
    assert told.count(".") == 1


def test_what_is_open_becomes_a_proviso() -> None:
    told = judge_reported("M", [replace(GOOD, open=("Pretraining",))]).sentence
    assert "provided that no leak lies in what is open (Pretraining)" in told


def test_the_benchmark_that_supports_most_speaks() -> None:
    lost = replace(GOOD, title="lost", lost=("r",), won=())
    silent = replace(GOOD, title="silent", regime=None)
    verdict = judge_reported("M", [silent, lost, GOOD])
    assert verdict.ruling.level == Level.SUPPORTED
    assert [r.partition(":")[0] for r in verdict.ruling.reasons] == ["d", "lost", "silent"]
    assert list(verdict.levels.items()) == [
        ("d", Level.SUPPORTED),
        ("lost", Level.NOT_SUPPORTED),
        ("silent", Level.CANNOT_TELL),
    ]
    assert judge_reported("M", [silent, lost]).ruling.level == Level.NOT_SUPPORTED


def test_of_benchmarks_that_end_alike_the_fitting_and_stronger_one_speaks() -> None:
    weak = replace(GOOD, title="weak", ceiling=False, regime=Regime.GEX)
    strong = replace(weak, title="strong", regime=Regime.CEX)
    off = replace(strong, title="off", regime=Regime.AEX, fit="partial", use="u")
    assert judge_reported("M", [off, weak, strong]).ruling.reasons[0].startswith("strong: ")


def test_nothing_reported() -> None:
    verdict = judge_reported("M", [])
    assert verdict.ruling.level == Level.CANNOT_TELL
    assert AS_REPORTED in verdict.sentence
