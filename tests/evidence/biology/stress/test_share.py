"""Stress share: the truth's without its noise, and models that have as much, more or less."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.core import Status
from vcassay.evidence.biology.axes import stress_axes
from vcassay.evidence.biology.stress.share import NAME, grade_share
from vcassay.testing.biology.stresses import stress_screen
from vcassay.testing.planted import of_model


def _e(value, low=None, high=None):
    return Estimate(value, value - 0.05 if low is None else low, value + 0.05 if high is None else high, 0.02)


@pytest.mark.parametrize(
    ("truth", "share", "excess", "status"),
    [
        (_e(0.4), _e(0.4), _e(0.0), Status.PASS),
        (_e(0.4), _e(0.8), _e(0.67), Status.FAIL),
        (_e(0.4), _e(0.8), _e(0.67, low=-0.1), Status.PASS),
        (_e(0.4), _e(0.6), _e(0.33), Status.WARN),
        (_e(0.4), _e(0.1), _e(-0.5), Status.WARN),
        (_e(0.4, low=0.0), _e(0.1), _e(-0.5), Status.PASS),
        (_e(0.4), _e(0.4), _e(float("nan")), Status.PASS),
    ],
)
def test_grades(truth, share, excess, status):
    assert grade_share(truth, share, excess, 0.05)[0] is status


def test_the_truth_is_free_of_its_noise_and_models_are_held_beside_it():
    study, stress, private = stress_screen(0)
    noise = np.random.default_rng(0).standard_normal(stress.shape)
    found = study.run(
        NAME,
        study.answer(stress + private, "has"),
        study.answer(stress, "lacks"),
        study.answer(private, "calm"),
        study.answer(0.2 * (stress + private), "shrunken"),
        study.answer(stress + private + 3 * noise, "noisy"),
    )
    axes = stress_axes(study.bench())
    true = stress + private
    wanted = ((true @ axes.matrix.T) ** 2).sum() / (true**2).sum()
    truth = of_model(found, None)
    assert truth.value == pytest.approx(wanted, abs=0.12)
    assert truth.null < 0.15
    assert of_model(found, "has").value == pytest.approx(wanted, abs=1e-9)
    states = {f.model: f.status for f in found}
    assert states["has"] is states["shrunken"] is Status.PASS
    assert states["lacks"] is Status.FAIL
    assert states["calm"] is states["noisy"] is Status.WARN
    assert "Less stress" in of_model(found, "noisy").sentence


def test_shares_are_of_the_conditions_that_are_answered():
    study, stress, private = stress_screen(1)
    values = stress + private
    values[::10] = np.nan
    found = of_model(study.run(NAME, study.answer(values)))
    assert found.status is Status.PASS
    assert "21 of 24 conditions" in found.sentence
    none = of_model(study.run(NAME, study.answer(np.zeros_like(values))))
    assert none.status is Status.NA
    assert "predicts no effect" in none.sentence


def test_not_assessable_without_effects_room_or_halves():
    null, _, _ = stress_screen(2, own=0.0, harm=0.0)
    assert {f.status for f in null.run(NAME, null.answer(null.delta[null.test]))} == {Status.NA}
    full, stress, _ = stress_screen(3, own=0.0, harm=1.5)
    found = full.run(NAME, full.answer(stress))
    assert found[0].status is Status.NA
    assert "no room" in found[0].sentence
    once, stress, private = stress_screen(4)
    once.effects.size[:] = np.nan
    found = once.run(NAME, once.answer(stress + private))
    assert {f.status for f in found} == {Status.NA}
    assert "noise counts as its own" in found[0].sentence
    assert found[0].value > 0.2
    assert "of its squared size is stress" in found[1].sentence
    assert found[1].evidence[-1]["model_share"] > found[0].value
