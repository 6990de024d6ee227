"""Means over cells against direct transcriptions."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES


@pytest.fixture
def screen():
    rng = np.random.default_rng(0)
    keys = [("A", "g1"), ("A", "g2"), ("B", "g1"), ("B", "g3"), ("B", "g1+g3")]
    cells = dict(zip(keys, [10.0, 300.0, 40.0, 7.0, 25.0], strict=True))
    return {k: rng.normal(size=4) for k in keys}, cells


def test_cells_weigh_alike_whatever_their_condition(make, answer, screen):
    effects, cells = screen
    expected = sum(cells[k] * effects[k] for k in effects) / sum(cells.values())
    found = answer("perturbed_mean_cells", make(effects, [("A", "g9"), ("C", "g1")], weights=cells))
    np.testing.assert_allclose(found, [expected, expected])


def test_the_general_baseline_is_txperts(make, screen):
    """Cell-weighted over lines; pairs as trained, else sums; what is unseen is the global mean, and is counted."""
    effects, cells = screen
    wanted = [("C", p) for p in ("g1", "g9", "g1+g3", "g1+g2", "g2+g9", "g8+g9")]
    task = make(effects, wanted, weights=cells, regime=Regime.CEX)
    model = BASELINES["general_mean"].obj().fit(task)
    found = dict(zip(task.wanted.perturbation.tolist(), model.predict(task.wanted), strict=True))
    g1 = (10.0 * effects["A", "g1"] + 40.0 * effects["B", "g1"]) / 50.0
    mean = sum(cells[k] * effects[k] for k in effects) / sum(cells.values())
    g2 = effects["A", "g2"]
    expected = {"g1": g1, "g9": mean, "g1+g3": effects["B", "g1+g3"], "g1+g2": g1 + g2, "g2+g9": g2 + mean}
    expected["g8+g9"] = mean
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, err_msg=name)
    assert model.n_fallback == 3


@pytest.mark.parametrize("name", ["perturbed_mean_cells", "general_mean"])
def test_cells_are_worth_counting_where_noise_falls_with_them(make, answer, name):
    """Not where conditions differ in themselves: then a large condition is no better than a small one."""
    gap = []
    for noisy in (True, False):
        errors = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            v = rng.normal(size=50)
            cells = {(c, f"p{i}"): float(rng.choice([4, 400])) for c in "ABCDEF" for i in range(4)}
            spread = {k: 20.0 / np.sqrt(n) if noisy else 3.0 for k, n in cells.items()}
            effects = {k: v + spread[k] * rng.normal(size=50) for k in cells}
            task = make(effects, [("Z", f"p{i}") for i in range(4)], weights=cells, regime=Regime.CEX)
            plain = {"perturbed_mean_cells": "perturbed_mean", "general_mean": "perturbation_mean"}[name]
            own, other = (np.sum((answer(n, task) - v) ** 2) for n in (name, plain))
            errors.append(np.log(own / other))
        gap.append(np.mean(errors))
    assert gap[0] < -0.5
    assert gap[1] > 0.1
