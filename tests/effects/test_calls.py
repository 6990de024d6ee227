"""Calls on simulated screens: calibrated without effects, sensitive with them, and blind to presence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.moderated import t_pvalue
from vcassay.effects import measure
from vcassay.effects.calls import MIN_EXPECTED_COUNT, find_calls
from vcassay.simulate import SimulationPlan, simulate_screen

PLAN = {
    "n_genes": 250,
    "n_contexts": 2,
    "n_siblings": 0,
    "n_crispri": 40,
    "n_drugs": 0,
    "cells_per_condition": 30,
    "controls_per_batch": 60,
}


def effects_of(seed, **settings):
    simulation = simulate_screen(SimulationPlan(**(PLAN | settings)), seed=seed)
    return simulation, measure(simulation.screen, seed=seed)


def found_in(effects):
    calls = find_calls(effects, np.arange(len(effects.delta)))
    at = np.isfinite(calls.threshold)
    return calls, t_pvalue(calls.statistic[at], calls.df[at])


def test_a_null_screen_makes_hardly_any_call():
    rows, small = [], []
    for seed in range(3):
        _, effects = effects_of(seed, null_share=1.0)
        calls, p = found_in(effects)
        assert calls.reason == ""
        rows.append(calls.called.any(axis=1).mean())
        small.append((p < 0.05).mean())
    assert np.mean(rows) < 0.08
    assert np.mean(small) == pytest.approx(0.05, abs=0.012)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"depth": 300.0},
        {"cells_per_condition": 10},
        {"cells_spread": 0.8, "depth_spread": 0.6},
        {"n_batches": 4, "controls_per_batch": 300},
        {"controls_per_batch": 16},
    ],
    ids=["plain", "few counts", "ten cells", "unequal", "many controls", "few controls"],
)
def test_calibration_over_seeds(settings):
    """Rows with a call share their controls and come in clusters: the mean over seeds is judged."""
    rows, tail = [], []
    for seed in range(16):
        _, effects = effects_of(100 + seed, null_share=1.0, **settings)
        calls, p = found_in(effects)
        rows.append(calls.called.any(axis=1).mean())
        tail.append([(p < 0.05).mean(), (p < 0.001).mean()])
    error = np.std(rows, ddof=1) / np.sqrt(len(rows))
    assert np.mean(rows) < 0.05 + 2 * error
    body, far = np.mean(tail, axis=0)
    assert 0.035 < body < 0.06
    assert far < 0.0018


def test_real_effects_are_called_with_few_false_ones():
    simulation, effects = effects_of(1, null_share=0.5)
    calls, _ = found_in(effects)
    null = simulation.truth.is_null
    strong = calls.called[~null].sum(axis=1)
    assert np.median(strong) > 15
    assert calls.called[null].any(axis=1).mean() < 0.15
    wrong = calls.called & (np.sign(simulation.truth.delta) * np.sign(effects.delta) < 0)
    assert wrong.sum() < 0.05 * calls.called.sum()


def test_a_copy_of_the_truth_takes_exactly_the_bar():
    _, effects = effects_of(2)
    calls, _ = found_in(effects)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(np.abs(effects.delta) >= calls.threshold, calls.called)
    tested = np.isfinite(calls.threshold)
    assert not (tested & ~effects.mask).any()
    np.testing.assert_array_equal(np.isfinite(calls.statistic), tested)


def test_testing_depends_on_training_controls_alone():
    """Presence in the condition would leak the direction: no sum of a condition's genes may change what is tested."""
    _, effects = effects_of(3, depth=300.0)
    before = np.isfinite(find_calls(effects, np.arange(4)).threshold)
    assert 0.2 < before.mean() < 0.95
    moved = effects.moments.sums.copy()
    moved[:4] = moved[:4, :, ::-1]
    changed = replace(effects, moments=replace(effects.moments, sums=moved), delta=effects.delta[:, ::-1].copy())
    np.testing.assert_array_equal(np.isfinite(find_calls(changed, np.arange(4)).threshold), before)
    expected = np.expm1(effects.control_train[:4]) / 1e4 * effects.moments.sizes[:4].sum(axis=(1, 2))[:, None]
    assert expected[before].min() >= MIN_EXPECTED_COUNT.value


def test_rows_are_tested_on_their_own_and_held_out_shards_count():
    _, effects = effects_of(4)
    whole, some = find_calls(effects, np.arange(20)), find_calls(effects, np.array([11, 3]))
    np.testing.assert_array_equal(some.threshold, whole.threshold[[11, 3]])
    half = find_calls(effects, np.arange(20), (4, 5, 6, 7))
    ratio = np.nanmedian(half.se / whole.se)
    assert 1.15 < ratio < np.sqrt(2)  # half of the cells, the same controls


def test_nothing_to_test_says_why():
    _, effects = effects_of(5)
    m = effects.moments
    lone = np.zeros(8)[:, None]
    lone[0] = 1.0
    single = replace(
        m,
        sums=m.sums * lone,
        sizes=m.sizes * lone,
        control_sums=m.control_sums * lone,
        control_sizes=m.control_sizes * lone,
    )
    calls = find_calls(replace(effects, moments=single), np.arange(3))
    assert "two replicates or cells" in calls.reason
    assert np.isnan(calls.threshold).all()
    assert not calls.called.any()
