from __future__ import annotations

from dataclasses import replace

from vcassay.core import Status
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION, no_controls, not_comparable, not_tested, too_few
from vcassay.testing.leaks.study import simulated


def test_a_split_with_both_sides_is_judged():
    study = simulated(0)
    assert not_tested("L01", study.split) is None
    assert not_comparable("L01", study.split) is None
    assert no_controls("L15", study.effects) is None


def test_nothing_tested_does_not_apply_and_nothing_trained_is_asked():
    split = simulated(0).split
    roles = split.roles.astype("<U8")
    untested, untrained = roles.copy(), roles.copy()
    untested[split.test], untrained[split.train] = "excluded", "excluded"
    for stop in (not_tested, not_comparable):
        assert stop("L01", replace(split, roles=untested)).status is Status.NA
    found = not_comparable("L01", replace(split, roles=untrained))
    assert (found.status, found.question) == (Status.UNKNOWN, TRAINING_QUESTION)
    assert not_tested("L01", replace(split, roles=untrained)) is None


def test_of_less_than_half_nothing_is_said():
    assert [too_few(n, 10) for n in (0, 4, 5, 10)] == [True, True, False, False]
    assert not too_few(0, 0)
