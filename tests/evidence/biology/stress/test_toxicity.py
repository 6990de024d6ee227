"""Toxicity order: who knows which perturbations harm cells."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.biology.axes import Axes, stress_axes
from vcassay.evidence.biology.stress.toxicity import NAME, harm
from vcassay.testing.biology.stresses import conditions, stress_screen
from vcassay.testing.planted import of_model, plant


def test_harm_is_up_with_stress_and_down_with_proliferation():
    study, _, _ = stress_screen(0)
    axes = stress_axes(study.bench())
    ones = np.ones(len(axes))
    for name, unit, sign in zip(axes.names, axes.alone, axes.harm, strict=True):
        if sign:
            assert np.sign(harm(unit[None], axes, ones)[0]) == sign, name


def test_viability_goes_before_programmes():
    rows = np.eye(3)
    axes = Axes(("viability", "heat shock", "x"), ("", "", ""), rows, (), rows, (1, 1, 1), (-1, 1, 0))
    assert harm(np.array([[2.0, 5.0, 7.0]]), axes, np.ones(3)).tolist() == [-2.0]


def test_models_that_know_it_that_mistake_it_and_that_turn_it_round():
    study, stress, private = stress_screen(1)
    found = study.run(
        NAME,
        study.answer(stress + private, "has"),
        study.answer(stress, "stress alone"),
        study.answer(stress[::-1] + private, "mistaken"),
        study.answer(private - stress, "turned"),
        study.answer(np.zeros_like(stress), "nothing"),
    )
    truth = of_model(found, None)
    assert truth.status is Status.PASS
    assert "24 perturbations" in truth.sentence
    states = {f.model: f.status for f in found}
    assert states["has"] is states["stress alone"] is Status.PASS, "toxicity may be all that a model knows"
    assert states["mistaken"] is states["turned"] is states["nothing"] is Status.FAIL
    assert "other way round" in of_model(found, "turned").sentence.lower()
    assert of_model(found, "nothing").value == pytest.approx(0.0, abs=1e-12)


def test_without_halves_training_contexts_tell_the_order():
    study, stress, private = stress_screen(2)
    study.effects.size[:] = np.nan
    found = study.run(NAME, study.answer(stress + private))
    assert "training contexts" in found[0].sentence
    assert of_model(found).status is Status.PASS


def test_not_assessable_without_programmes():
    rng = np.random.default_rng(3)
    table = conditions()
    study = plant(table, rng.standard_normal((len(table), 30)), table.context == "line2", rng)
    found = study.run(NAME, study.answer(study.delta[study.test]))
    assert {f.status for f in found} == {Status.NA}
    assert "no axis tells harm" in found[0].sentence


def test_not_assessable_with_few_perturbations():
    study = stress_screen(4)[0]
    table = study.effects.conditions
    drug = np.array([int(p[0][4:]) for p in table.parts])
    few = plant(
        table, study.delta, (table.context == "line2") & (drug < 5), np.random.default_rng(4),
        genes=study.effects.genes.tolist(),
    )  # fmt: skip
    found = few.run(NAME, few.answer(few.delta[few.test]))
    assert {f.status for f in found} == {Status.NA}
    assert "5 perturbations can be ordered, 8 are needed" in found[0].sentence


def test_abstentions_do_not_accuse():
    study, stress, private = stress_screen(5)
    values = stress + private
    values[::10] = np.nan
    assert of_model(study.run(NAME, study.answer(values))).status is not Status.FAIL
