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
        ({"doubts": ("Chosen on the test set.",)}, Level.CANNOT_TELL, "c"),
        ({"trivial": True}, Level.CANNOT_TELL, "c"),
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
    assert [r.partition(":")[0] for r in verdict.ruling.reasons[1:]] == ["lost", "silent"]
    assert "on d" not in verdict.ruling.reasons[0]
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
    assert next(iter(judge_reported("M", [off, weak, strong]).levels)) == "strong"
    ran = replace(strong, title="ran", by="others")
    assert next(iter(judge_reported("M", [ran, weak]).levels)) == "weak"
    silent = replace(strong, title="silent", won=())
    assert next(iter(judge_reported("M", [silent, strong]).levels)) == "strong"
    assert next(iter(judge_reported("M", [silent, weak]).levels)) == "silent"


def test_what_others_measured_is_said_beside_the_authors_own() -> None:
    ran = replace(GOOD, title="ran", by="Others 2025, retrained", lost=("r .3 against .4",), won=())
    own = replace(GOOD, title="own", won=(), ceiling=False)
    verdict = judge_reported("M", [own, ran])
    assert verdict.ruling.level == Level.NOT_SUPPORTED
    assert "That is what Others 2025, retrained measured; by the authors' own numbers alone: cannot tell." in (
        verdict.ruling.reasons
    )
    assert not any("own numbers" in r for r in judge_reported("M", [ran]).ruling.reasons)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"regime": None, "compared": False, "doubts": ("Chosen on the test set.",)}, ("Chosen on", "No baseline")),
        ({"lost": ("r",), "doubts": ("Chosen on the test set.",)}, ("Chosen on", "The numbers disagree")),
        ({"won": (), "unresolved": ("r",), "interval": False}, ("by nobody knows how much",)),
        ({"won": (), "compared": False, "unread": ("mean of X",)}, ("'mean of X', and the card does not say",)),
        ({"trivial": True, "needed": ("T3",)}, ("No change is the only baseline",)),
    ],
)
def test_reasons_name_what_decides_and_each_thing_once(change: dict, words: tuple[str, ...]) -> None:
    told = " ".join(rule_on(replace(GOOD, **change)).reasons)
    assert all(w in told for w in words)
    assert "No number is reported" not in told
    assert told.count("interval") <= 1


def test_where_numbers_come_from_stands_in_brackets() -> None:
    claim = "The model predicts x in 5 contexts; numbers recalled, not checked."
    told = judge_reported("M", [replace(GOOD, claim=claim)]).sentence
    assert "in 5 contexts (numbers recalled, not checked), better than" in told


def test_nothing_reported() -> None:
    verdict = judge_reported("M", [])
    assert verdict.ruling.level == Level.CANNOT_TELL
    assert AS_REPORTED in verdict.sentence
