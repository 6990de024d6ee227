"""The card's figure: picked by use, from the record alone, with a reason where another stands in."""

from __future__ import annotations

import pytest

from vcassay.claim.applications import USES
from vcassay.record.evidence import UtilityRecord
from vcassay.verdict import decide, judge

BY_USE = {
    "signature_hits": ("target-id", "screening", "unseen-compound", "combination"),
    "selectivity_spearman": ("selectivity",),
    "dose_spearman": ("dose-finding",),
    "pathway_agreement": ("moa",),
}


def figure(name: str, **changed) -> UtilityRecord:
    fields = {"value": 0.6, "low": 0.5, "high": 0.7, "sentence": f"{name} says so.", "model": "net"}
    return UtilityRecord(**({"name": name, "uses": BY_USE[name]} | fields | changed))


def missing(name: str, reason: str) -> UtilityRecord:
    return figure(name, value=None, low=None, high=None, sentence="", reason=reason)


def test_every_use_has_its_figure(record, make_claim):
    utilities = (*(figure(n, model="other", value=0.1) for n in BY_USE), *(figure(n) for n in BY_USE))
    shown = {u: decide(record(claim=make_claim(use=u), utilities=utilities), "net").utility for u in USES}
    assert {u: f.name for u, f in shown.items()} == {u: n for n, uses in BY_USE.items() for u in uses}
    assert {f.value for f in shown.values()} == {0.6}  # its own, not another model's


def test_retrieval_stands_in_and_says_why(record):
    made = record(utilities=(missing("selectivity_spearman", "fewer than 2 test contexts"),))
    shown = decide(made, "net").utility
    assert (shown.value, shown.low, shown.high, shown.chance) == (0.8, 0.7, 0.88, 0.5)
    assert "80%" in shown.sentence
    assert shown.sentence.endswith("Shown instead of a figure for selectivity: fewer than 2 test contexts.")
    assert (shown.baseline, shown.baseline_value) == ("additive", 0.5)


@pytest.mark.parametrize("use", ["", *USES])
def test_a_record_without_figures_shows_retrieval_or_nothing(record, make_claim, use):
    made = record(claim=make_claim(use=use))
    assert decide(made, "net").utility.name == "picks the right perturbation"
    assert decide(made, "net").utility.reason == ""
    without = made.model_copy(update={"skills": tuple(s for s in made.skills if s.family != "retrieval")})
    assert decide(without, "net").utility is None
    unscored = made.model_copy(update={"scores": ()})
    assert decide(unscored, "net").utility.low is None


def test_the_figure_is_derived_again_from_the_stored_record(record, make_claim):
    made = judge(record(claim=make_claim(use="moa"), utilities=(figure("pathway_agreement"),)))
    again = type(made).model_validate_json(made.model_dump_json())
    assert decide(again, "net") == made.models[0].verdict
