"""Screens in which nothing happens: what is measured there must say so, whatever the numbers of cells and batches."""

from __future__ import annotations

import numpy as np
import pytest

from tests.effects.builders import biology, count_cells
from vcassay.arrays.agreement import pearson
from vcassay.arrays.shards import RESERVED, TRAINING
from vcassay.effects import accumulate, measure
from vcassay.effects.measure import ALL
from vcassay.simulate import SimulationPlan, simulate_screen

BASE = {
    "n_genes": 60,
    "n_pathways": 4,
    "n_contexts": 2,
    "n_siblings": 0,
    "n_crispri": 24,
    "n_drugs": 0,
    "null_share": 1.0,
    "depth": 600.0,
    "controls_per_batch": 60,
}
LAYOUTS = {
    "usual": {},
    "few cells": {"cells_per_condition": 8},
    "three cells": {"cells_per_condition": 3},
    "four batches that differ": {"n_batches": 4, "batch_sd": 0.5, "controls_per_batch": 40},
    "unequal depth and numbers": {"cells_spread": 0.8, "depth_spread": 1.0},
}


def test_reliability_is_zero(nulls):
    means = np.array([e.reliability.mean() for e in nulls])
    error = means.std(ddof=1) / np.sqrt(len(means))
    assert error < 0.03
    assert abs(means.mean()) < 3 * error


def test_the_debiased_size_is_zero_relative_to_its_spread(nulls):
    sizes = np.array([e.size for e in nulls])
    means = sizes.mean(axis=1)
    assert abs(means.mean()) < 3 * means.std(ddof=1) / np.sqrt(len(means))
    assert abs(sizes.mean()) < 0.25 * sizes.std()
    plain = np.array([np.mean(e.delta[:, e.mask[0]] ** 2) for e in nulls])
    assert abs(sizes.mean()) < 0.05 * plain.mean()


def test_p_values_are_uniform(nulls):
    p = np.concatenate([e.p_value for e in nulls])
    assert np.isfinite(p).all()
    for level in (0.1, 0.25, 0.5, 0.75, 0.9):
        # conditions of a screen share their controls, so that 480 p-values tell as much as some 60
        assert abs((p <= level).mean() - level) < 3 * np.sqrt(level * (1 - level) / 60)


def test_few_are_detected(nulls):
    found = np.array([e.detectable.sum() for e in nulls])
    assert (found > 0).mean() <= 0.2
    assert found.sum() <= 0.03 * sum(len(e.conditions) for e in nulls)


def test_what_is_not_detected_is_in_the_null_stratum(nulls):
    for effects in nulls:
        np.testing.assert_array_equal(effects.stratum == "null", ~effects.detectable)


def test_the_standard_error_is_the_spread_of_the_effects(nulls):
    observed = np.mean([np.mean(e.delta[:, e.mask[0]] ** 2) for e in nulls])
    stated = np.mean([np.mean(e.se[:, e.mask[0]] ** 2) for e in nulls])
    assert 0.85 < observed / stated < 1.15


@pytest.mark.parametrize("layout", LAYOUTS)
def test_p_values_hold_in_every_layout(layout):
    plan = SimulationPlan(**BASE | LAYOUTS[layout])
    p, detected = [], []
    for seed in range(6):
        effects = measure(simulate_screen(plan, seed=seed).screen, seed=seed)
        p.append(effects.p_value)
        detected.append(effects.detectable.any())
    every = np.concatenate(p)
    assert np.isfinite(every).all()
    assert 0.4 < every.mean() < 0.6
    assert 0.01 < (every < 0.05).mean() < 0.11
    assert np.mean(detected) <= 1 / 3  # conditions of a screen share their controls: false detections come together


@pytest.mark.parametrize("cells", [3, 8, 40])
def test_reliability_is_low_however_few_cells(cells):
    plan = SimulationPlan(**BASE | {"cells_per_condition": cells, "depth": 2000.0})
    found = [measure(simulate_screen(plan, seed=s).screen, seed=s).reliability.mean() for s in range(4)]
    assert abs(np.mean(found)) < 0.08


def test_a_deeper_batch_is_no_effect():
    # pooled counts weigh cells by their depth: a control that weighed cells alike would leave the batches' difference
    effect, base = biology(3, 20, 40, n_batches=2, batch_sd=0.5)
    for seed in range(3):
        screen = count_cells(seed, 0 * effect, base, cells=(20,), controls=(30, 70), depth=(400.0, 4000.0)).screen
        effects = measure(screen, seed=seed)
        assert abs(effects.reliability.mean()) < 0.15
        assert effects.detectable.mean() <= 0.1
        np.testing.assert_array_equal(effects.matched, 1.0)


def test_batches_do_not_hide_effects():
    # pseudo-perturbations whose batches were not matched would be as wide as the batches differ
    unit, base = biology(4, 24, 40, n_batches=2, batch_sd=0.5)
    found = []
    for seed in range(3):
        effect = 0.06 * unit
        screen = count_cells(seed, effect, base, cells=(20,), controls=(80,), depth=(1000.0,)).screen
        found.append(measure(screen, seed=seed).detectable.mean())
    assert np.mean(found) > 0.9


@pytest.fixture(scope="module")
def mean_predictor() -> dict[str, float]:
    """Pearson delta of the mean of all others, on null screens with n = n0 = 100: .70, .58, .02 (docs/methods.md)."""
    scores: dict[str, list[float]] = {"shared": [], "half": [], "reserved": []}
    mask = np.ones(100, dtype=bool)
    for seed in range(20):
        effect, base = biology(seed, 30, 100)
        screen = count_cells(seed, 0 * effect, base, cells=(100,), controls=(100,), depth=(1000.0,)).screen
        moments = accumulate(screen, seed=seed)
        every = moments.effects(ALL, ALL)
        for name, truth, seen in (
            ("shared", every, every),
            ("half", moments.effects((0, 1, 2, 3), RESERVED), every),
            ("reserved", moments.effects(ALL, RESERVED), moments.effects(ALL, TRAINING)),
        ):
            guess = (seen.sum(axis=0) - seen) / (len(seen) - 1)  # the mean of all other conditions
            scores[name].append(float(np.mean(pearson(truth, guess, mask))))
    return {name: float(np.mean(values)) for name, values in scores.items()}


def test_shared_controls_reward_a_mean(mean_predictor):
    assert abs(mean_predictor["shared"] - 1 / np.sqrt(2)) < 0.05


def test_splitting_at_scoring_time_is_too_late(mean_predictor):
    assert abs(mean_predictor["half"] - 0.5) < 0.1  # cov = v / 100, variances v / 25 and v / 100


def test_reserved_controls_do_not(mean_predictor):
    assert abs(mean_predictor["reserved"]) < 0.08
