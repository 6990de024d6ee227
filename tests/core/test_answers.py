"""Findings, scores and the words of the verdict."""

from __future__ import annotations

import dataclasses

import pytest

from vcassay.core import Finding, Interval, Level, Regime, Score, ScoreStatus, Status
from vcassay.core.finding import SEVERITY

FINDING = Finding("L01", "Shared conditions", Status.FAIL, "3 of 9.", value=1 / 3, null=0.0, evidence=({"id": "a"},))


def test_a_finding_about_a_model_changes_nothing_else() -> None:
    about = FINDING.about("net")
    assert about.model == "net"
    assert FINDING.model is None
    assert about.about(None) == FINDING


def test_every_status_has_its_place_with_what_is_wrong_first() -> None:
    assert set(SEVERITY) == set(Status)
    ordered = sorted(Status, key=SEVERITY.__getitem__)
    assert ordered[:3] == [Status.ERROR, Status.FAIL, Status.WARN]
    assert len(set(SEVERITY.values())) == len(Status)


def test_a_score_has_bounds_only_with_an_interval() -> None:
    bare = Score("cosine", "net", "all", None, None, ScoreStatus.UNDEFINED, 0, reason="no truth")
    assert (bare.low, bare.high) == (None, None)
    full = dataclasses.replace(bare, value=0.5, interval=Interval(0.4, 0.6, "contexts"))
    assert (full.low, full.high) == (0.4, 0.6)


@pytest.mark.parametrize(("thing", "name"), [(FINDING, "value"), (Interval(0.0, 1.0, "contexts"), "low")])
def test_frozen(thing: object, name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(thing, name, 3)


def test_words_are_what_is_stored() -> None:
    assert f"{Regime.CEX} {Level.CANNOT_TELL} {Status.NA} {ScoreStatus.OK}" == "CEX cannot tell NA ok"
    assert Regime("few-shot context") is Regime.FEW_SHOT
