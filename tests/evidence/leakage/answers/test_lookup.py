"""A look-up beside the model, on one yardstick."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.core import Status
from vcassay.evidence.leakage.answers.lookup import SUFFICES, Lead, Lookup
from vcassay.evidence.leakage.yardstick import make_yardstick
from vcassay.simulate.answers import honest, no_change, perfect


def made(study, seed=0, skill=0.8):
    return study.answer(honest(study.simulation, study.wanted, np.random.default_rng(seed), skill=skill))


def look_up(answer, by="context", **more):
    return Lookup(f"by_{by}", f"nearest {by}", by, answer, **more)


def test_a_look_up_that_is_shown_to_reach_the_share_is_named_with_its_numbers(clean):
    for study in clean:
        model, twin = made(study, 0, 0.5), made(study, 1, 0.9)
        found = study.run("L25", answer=model, lookups=[look_up(model, "dose"), look_up(twin)])
        assert found.status is Status.WARN
        yard = make_yardstick(study.effects, study.split, np.random.default_rng(3))
        score, own = yard.score(twin.values), yard.score(model.values)
        row = found.evidence[0]
        assert (row["by"], row["score"], row["model"]) == ("context", score.value, own.value)
        gap = yard.estimate(yard.each(twin.values) - SUFFICES.value * yard.each(model.values))
        assert (row["low"], row["high"]) == (gap.low, gap.high)
        assert found.value == pytest.approx(score.value / own.value)
        assert f"{score.value:.3f}" in found.sentence
        assert f"{own.value:.3f}" in found.sentence


def test_one_that_is_shown_to_fall_short_lets_the_model_pass(clean):
    for study in clean:
        weak = made(study, 1, 0.3)
        found = study.run("L25", answer=made(study), lookups=[look_up(weak)])
        assert found.status is Status.PASS
        assert found.evidence[0]["high"] < 0


def test_in_between_it_cannot_be_told(clean):
    study = clean[0]
    found = study.run("L25", answer=made(study, 0), lookups=[look_up(made(study, 1, 0.73))])
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    nothing = study.answer(no_change(study.simulation, study.wanted))
    zero = study.run("L25", answer=nothing, lookups=[look_up(nothing)])
    assert zero.status is Status.UNKNOWN
    assert "neither scores above 0" in zero.sentence


def test_what_is_missing_is_said_and_never_a_pass(clean, silent):
    study = clean[0]
    wants = look_up(None, "structure", why="no structures", needs="fingerprints of the compounds")
    alone = study.run("L25", answer=made(study), lookups=[wants])
    assert alone.status is Status.UNKNOWN
    assert "fingerprints of the compounds" in alone.question
    beside = study.run("L25", answer=made(study), lookups=[wants, look_up(made(study, 1, 0.3))])
    assert beside.status is Status.PASS
    assert "by structure needs fingerprints" in beside.sentence
    assert beside.evidence[-1]["not compared"] == "no structures"
    assert study.run("L25", answer=made(study), lookups=[]).status is Status.UNKNOWN
    quiet = silent[0]
    assert quiet.run("L25", answer=made(quiet), lookups=[look_up(made(quiet, 1))]).status is Status.NA


def test_a_look_up_submitted_as_a_model_is_not_compared_with_itself(clean):
    study = clean[0]
    model = replace(made(study), source="by_context")
    found = study.run("L25", answer=model, lookups=[look_up(model), look_up(made(study, 1, 0.3), "dose")])
    assert [row["by"] for row in found.evidence] == ["dose"]


def test_a_perfect_model_is_not_accused(clean):
    for study in clean:
        model = study.answer(perfect(study.simulation, study.wanted))
        assert study.run("L25", answer=model, lookups=[look_up(made(study, 2, 0.6))]).status is Status.PASS


@pytest.mark.parametrize(
    ("lead", "score", "suffices"),
    [((-0.01, 0.03), (0.4, 0.6), False), ((0.0, 0.03), (0.4, 0.6), True), ((0.01, 0.03), (-0.1, 0.2), False)],
)
def test_it_is_the_bound_that_shows(lead, score, suffices):
    lead, score = (Estimate(sum(ends) / 2, *ends, 0.01) for ends in (lead, score))
    assert Lead(look_up(None), score, score, lead, 20).suffices is suffices
