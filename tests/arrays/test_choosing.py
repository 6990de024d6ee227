"""Rankings: against scipy and counting by hand, chance levels that hold exactly, and the winner's curse."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.choosing import (
    best,
    centred_ranks,
    chance_hits,
    gain,
    group_ranks,
    group_sizes,
    half_gains,
    hits,
    known_group,
    rank_correlation,
    without_main_effects,
)


def ratio(parts) -> float:
    return float(np.nansum(parts[0]) / np.nansum(parts[1]))


def groups(rng: np.random.Generator, n: int = 60, k: int = 4) -> np.ndarray:
    return rng.integers(0, k, n)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_ranks_are_those_of_scipy_in_every_group(seed):
    rng = np.random.default_rng(seed)
    group, values = groups(rng), rng.integers(0, 6, 60).astype(float)
    values[rng.random(60) < 0.1] = np.nan
    group[rng.random(60) < 0.1] = -1
    found = group_ranks(values, group)
    for g in range(4):
        at = (group == g) & np.isfinite(values)
        np.testing.assert_array_equal(found[at], stats.rankdata(values[at]))
    assert np.isnan(found[(group < 0) | np.isnan(values)]).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_rank_correlation_is_the_mean_of_spearman_weighed_by_size(seed):
    rng = np.random.default_rng(seed)
    group, truth, pred = groups(rng), rng.normal(size=60), rng.integers(0, 9, 60).astype(float)
    each = [stats.spearmanr(truth[group == g], pred[group == g])[0] for g in range(4)]
    sizes = [np.sum(group == g) for g in range(4)]
    assert ratio(rank_correlation(truth, pred, group)) == pytest.approx(np.average(each, weights=sizes), abs=1e-12)


def test_a_constant_or_missing_prediction_ranks_at_chance():
    rng = np.random.default_rng(0)
    group, truth = np.repeat([0, 1, -1], 10), rng.normal(size=30)
    k = np.full(30, 3.0)
    half = truth.copy()
    half[:10] = 7.0  # constant in one of two groups
    for pred in (np.zeros(30), np.full(30, np.nan)):
        assert ratio(rank_correlation(truth, pred, group)) == 0.0
        assert ratio(hits(truth, pred, group, k)) == pytest.approx(0.3)
        assert ratio(gain(truth, best(pred, group, k), group, k)) == pytest.approx(0.0, abs=1e-12)
    assert ratio(rank_correlation(truth, half, group)) == pytest.approx(0.5)
    assert np.isnan(rank_correlation(truth, truth, group).numerator[20:]).all()
    flat = np.where(group == 0, 1.0, truth)
    assert np.isnan(rank_correlation(flat, truth, group).numerator[:10]).all()


def test_best_shares_ties_and_sums_to_k():
    group = np.array([0] * 5 + [1] * 4)
    values = np.array([3.0, 2.0, 2.0, 2.0, 1.0, np.nan, 5.0, 4.0, np.nan])
    k = np.array([2.0] * 5 + [1.0] * 4)
    found = best(values, group, k)
    np.testing.assert_allclose(found[:5], [1.0, 1 / 3, 1 / 3, 1 / 3, 0.0])
    np.testing.assert_allclose(found[5:], [0.25, 0.5, 0.0, 0.25])  # what is missing has what it would have by chance
    assert found[:5].sum() == pytest.approx(2.0)
    assert found[5:].sum() == pytest.approx(1.0)


def test_chance_levels_hold_exactly_over_all_orders():
    truth, group, k = np.array([5.0, 4.0, 2.0, 1.0, 0.5]), np.zeros(5, dtype=int), np.full(5, 2.0)
    orders = [np.array(o, dtype=float) for o in permutations(range(5))]
    rate = np.mean([ratio(hits(truth, o, group, k)) for o in orders])
    assert rate == pytest.approx(2 / 5, rel=1e-12)
    assert np.mean([ratio(rank_correlation(truth, o, group)) for o in orders]) == pytest.approx(0.0, abs=1e-12)
    assert np.mean([ratio(gain(truth, best(o, group, k), group, k)) for o in orders]) == pytest.approx(0.0, abs=1e-12)
    enrichment = [hits(truth, o, group, k).numerator.sum() / chance_hits(truth, group, k).sum() for o in orders]
    assert np.mean(enrichment) == pytest.approx(1.0, rel=1e-12)
    perfect = hits(truth, truth, group, k).numerator.sum() / chance_hits(truth, group, k).sum()
    assert perfect == pytest.approx(5 / 2)


def test_a_gain_is_the_mean_of_the_chosen_minus_the_mean_of_all():
    rng = np.random.default_rng(1)
    group, values, pred = np.repeat([0, 1], [8, 12]), rng.normal(size=20), rng.normal(size=20)
    k = np.where(group == 0, 2.0, 5.0)
    each = []
    for g, m in ((0, 2), (1, 5)):
        at = np.flatnonzero(group == g)
        each.append(values[at[np.argsort(-pred[at])[:m]]].mean() - values[at].mean())
    found = ratio(gain(values, best(pred, group, k), group, k))
    assert found == pytest.approx(np.average(each, weights=[8, 12]), rel=1e-12)


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_the_winners_curse_and_what_frees_of_it(noise):
    """A perfect model: judged by the best of the noisy truth it seems to lose much, by disjoint halves nothing."""
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        group, k = np.repeat(np.arange(20), 40), np.full(800, 4.0)
        true = rng.normal(size=800)
        a, b = (true + np.sqrt(2) * noise * rng.normal(size=800) for _ in range(2))
        truth = (a + b) / 2
        mine = ratio(gain(truth, best(true, group, k), group, k))
        measured = ratio(gain(truth, best(truth, group, k), group, k))
        halves = half_gains(a, b, group, k)
        found.append((mine, measured, ratio(halves.crossed), ratio(halves.own)))
    mine, measured, crossed, own = np.mean(found, axis=0)
    assert 1 - mine / measured > 0.1
    assert abs(1 - mine / np.sqrt(crossed * own)) < 0.03
    assert mine / crossed > 1.2  # better than choosing by an experiment of half the depth


def test_a_random_order_loses_everything():
    regret = []
    for seed in range(80):
        rng = np.random.default_rng(seed)
        group, k, true = np.repeat(np.arange(5), 30), np.full(150, 3.0), rng.normal(size=150)
        a, b = (true + rng.normal(size=150) for _ in range(2))
        mine = ratio(gain((a + b) / 2, best(rng.normal(size=150), group, k), group, k))
        regret.append(1 - mine / ratio(half_gains(a, b, group, k).crossed))
    assert abs(np.mean(regret) - 1) < 4 * np.std(regret) / np.sqrt(80)


def test_groups_that_are_too_small_are_left_out():
    truth = np.array([1.0, np.nan, 2.0, 3.0, 4.0, 5.0])
    group = np.array([0, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(known_group(truth, group, 3), [-1, -1, -1, 1, 1, 1])
    np.testing.assert_array_equal(group_sizes(np.array([0, 0, -1, 2])), [2, 2, 0, 1])
    assert np.isnan(centred_ranks(truth, np.full(6, -1))).all()


def test_main_effects_are_those_of_least_squares_also_with_gaps():
    rng = np.random.default_rng(2)
    row, column = np.repeat(np.arange(6), 5), np.tile(np.arange(5), 6)
    values = rng.normal(size=30) + 3.0 * row - 2.0 * column
    values[[3, 11, 12, 28]] = np.nan
    found = without_main_effects(values, row, column)
    at = np.isfinite(values)
    design = np.c_[np.eye(6)[row], np.eye(5)[column]]
    fit = design[at] @ np.linalg.lstsq(design[at], values[at], rcond=None)[0]
    np.testing.assert_allclose(found[at], values[at] - fit, atol=1e-9)
    assert np.isnan(found[~at]).all()
    assert np.isnan(without_main_effects(np.full(3, np.nan), np.arange(3), np.arange(3))).all()
