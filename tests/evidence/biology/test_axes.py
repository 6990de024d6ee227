"""Axes of stress: from programmes and training effects alone, and no more of them than that."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.biology import axes as module
from vcassay.evidence.biology.axes import MEAN, VIABILITY, orthonormal, stress_axes
from vcassay.knowledge.programmes import STRESS, programmes
from vcassay.testing.biology.stresses import conditions, stress_screen
from vcassay.testing.planted import plant

NAMES = [p.name for p in programmes(STRESS)]


def test_axes_are_programmes_then_the_mean_of_training():
    study, _, _ = stress_screen(0)
    axes = stress_axes(study.bench())
    assert list(axes.names) == [*NAMES, MEAN]
    assert len(axes) == len(axes.sources) == len(axes.size) == len(axes.harm) == len(axes.alone)
    assert np.allclose(axes.matrix @ axes.matrix.T, np.eye(len(axes)), atol=1e-12)
    assert np.allclose(np.linalg.norm(axes.alone, axis=1), 1.0)
    assert axes.missing == ()
    assert dict(zip(axes.names, axes.harm, strict=True))["proliferation"] == -1
    rng = np.random.default_rng(0)
    assert np.allclose(axes.without(rng.standard_normal((3, axes.matrix.shape[1]))) @ axes.matrix.T, 0.0, atol=1e-12)


def test_nothing_of_the_test_conditions_is_in_them():
    study = stress_screen(1)[0]
    bench = study.bench()
    before = stress_axes(bench)
    moved = study.effects.delta.copy()
    study.effects.delta[study.test] = np.random.default_rng(0).standard_normal(moved[study.test].shape)
    after = stress_axes(study.bench())
    study.effects.delta[...] = moved
    assert (before.matrix == after.matrix).all()


def test_the_mean_of_few_conditions_is_said_to_be_an_accident():
    table, rng = conditions(), np.random.default_rng(2)
    test = np.arange(len(table)) >= 3
    study = plant(table, np.zeros((len(table), 80)), test, rng)
    axes = stress_axes(study.bench())
    assert axes.names == (MEAN,)
    assert "3 training conditions" in axes.sources[0]
    assert len(axes.missing) == len(NAMES)
    assert "(0 genes measured)" in axes.missing[0]
    steady = stress_screen(2)[0]
    assert float(stress_axes(steady.bench()).sources[-1].rsplit(" ", 1)[-1]) > 0.8


def test_an_accidental_mean_is_called_so(monkeypatch):
    study, _, _ = stress_screen(2)
    monkeypatch.setattr(module, "NOISY_MEAN", 1.1)
    assert "accident" in stress_axes(study.bench()).sources[-1]


def _labelled(seed, tied):
    rng = np.random.default_rng(seed)
    table = conditions()
    drug = np.array([int(p[0][4:]) for p in table.parts])
    viability = rng.random(24)
    direction = rng.standard_normal(80)
    own = rng.standard_normal((24, 80)) * 0.3
    effects = own + (2.0 * np.outer(0.5 - viability, direction) if tied else 0.0)
    table = type(table)(
        table.context, table.parts, table.dose, table.time, table.modality,
        {"viability": np.array([f"{viability[d]:.4f}" if d != 3 else "unknown" for d in drug])},
    )  # fmt: skip
    return plant(table, effects[drug], table.context == "line2", rng), direction


def test_viability_is_learnt_where_training_is_labelled_and_predicts_it():
    study, direction = _labelled(3, tied=True)
    axes = stress_axes(study.bench())
    assert axes.names == (VIABILITY, MEAN)
    assert axes.harm[0] == -1
    assert axes.alone[0] @ direction / np.linalg.norm(direction) < -0.8, "effects along it go with more viability"
    assert "23 training perturbations" in axes.sources[0]


def test_viability_that_effects_do_not_predict_gives_no_axis():
    study, _ = _labelled(4, tied=False)
    axes = stress_axes(study.bench())
    assert VIABILITY not in axes.names
    assert axes.missing[0].startswith("viability (Spearman")


@pytest.mark.parametrize("k", [1, 4])
def test_dependent_rows_are_left_out(k):
    rows = np.random.default_rng(5).standard_normal((k, 9))
    kept, matrix = orthonormal(np.vstack([rows, rows.sum(axis=0), np.zeros(9)]))
    assert kept == list(range(k))
    assert np.allclose(matrix @ matrix.T, np.eye(k))
