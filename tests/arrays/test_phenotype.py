"""Agreement across conditions against scipy and scikit-learn-like closed forms, group by group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.choosing import group_ranks
from vcassay.arrays.phenotype import (
    correlation,
    equal_weights,
    found_among,
    hits,
    rank_correlation,
    standardised,
)

blocks = np.repeat([0, 1, 2, 3], [6, 9, 5, 2])


def drawn(seed: int, n: int = len(blocks)) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    return z + rng.normal(size=n), z + rng.normal(size=n), z


def value(ratio) -> float:
    return float(np.nansum(ratio.numerator) / np.nansum(ratio.denominator))


def by_group(function, *arrays, smallest=3):
    return [
        (int((blocks == c).sum()), function(*(x[blocks == c] for x in arrays)))
        for c in np.unique(blocks)
        if (blocks == c).sum() >= smallest
    ]


def mean(rows):
    return sum(n * v for n, v in rows) / sum(n for n, _ in rows)


@pytest.mark.parametrize("seed", range(5))
def test_the_ratio_of_sums_is_the_mean_of_the_groups_correlations(seed):
    truth, pred, _ = drawn(seed)
    expected = mean(by_group(lambda a, b: stats.pearsonr(a, b)[0], truth, pred))
    found = correlation(truth, pred, blocks)
    assert value(found) == pytest.approx(expected, abs=1e-12)
    assert np.isnan(found.numerator[blocks == 3]).all()
    assert np.isnan(found.denominator[blocks == 3]).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_covariate_gives_the_partial_correlation(seed):
    truth, pred, z = drawn(seed)

    def partial(a, b, c):
        r = np.corrcoef([a, b, c])
        return (r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))

    found = value(correlation(truth, pred, blocks, given=z))
    assert found == pytest.approx(mean(by_group(partial, truth, pred, z)), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_rank_correlation_is_that_of_scipy_also_of_residuals(seed):
    truth, pred, z = drawn(seed)
    found = value(rank_correlation(truth, pred, blocks))
    assert found == pytest.approx(mean(by_group(lambda a, b: stats.spearmanr(a, b)[0], truth, pred)), abs=1e-12)

    def beyond(a, b, c):
        left = [y - np.polyval(np.polyfit(c, y, 1), c) for y in (a, b)]
        return stats.spearmanr(*left)[0]

    found = value(rank_correlation(truth, pred, blocks, z))
    assert found == pytest.approx(mean(by_group(beyond, truth, pred, z)), abs=1e-12)
    assert np.isnan(rank_correlation(truth, 2.0 * z, blocks, z).numerator).all()


def test_a_covariate_that_is_constant_in_a_group_takes_nothing_off():
    truth, pred, _ = drawn(1)
    flat = np.array([3.0, -1.0, 0.0, 2.0])[blocks]
    np.testing.assert_allclose(
        correlation(truth, pred, blocks, given=flat).numerator, correlation(truth, pred, blocks).numerator, atol=1e-12
    )


def test_a_straight_line_of_the_covariate_counts_as_at_chance():
    truth, _, z = drawn(2)
    for pred in (z, 2.0 * z - 5.0, np.full(len(z), 0.3), 1e-9 * z):
        found = correlation(truth, pred, blocks, given=z)
        here = blocks < 3
        assert np.isnan(found.numerator[here]).all()
        assert value(correlation(truth, truth, blocks, given=z)) == pytest.approx(1.0)
        assert np.isfinite(found.denominator[here]).all()


def test_half_of_the_groups_at_chance_halve_the_correlation():
    truth = np.tile(np.arange(6.0), 2)
    group = np.repeat([0, 1], 6)
    pred = np.where(group == 0, truth, 1.0)
    assert value(correlation(truth, pred, group)) == pytest.approx(0.5)


def test_weights_give_contexts_the_same_say_in_a_correlation_over_all():
    truth, pred, _ = drawn(4)
    w = equal_weights(blocks)
    assert np.bincount(blocks, weights=w) == pytest.approx(len(blocks) / 4)
    cov = np.cov(truth, pred, aweights=w)
    found = correlation(truth, pred, np.zeros(len(truth), dtype=int), weight=w)
    total = float((w * found.numerator).sum() / (w * found.denominator).sum())
    assert total == pytest.approx(cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), levels=st.integers(2, 6))
def test_ranks_within_groups_are_those_of_scipy(seed, levels):
    values = np.random.default_rng(seed).integers(0, levels, len(blocks)).astype(float)
    ranks = group_ranks(values, np.where(blocks == 3, -1, blocks))
    for c in range(3):
        assert (ranks[blocks == c] == stats.rankdata(values[blocks == c])).all()
    assert np.isnan(ranks[blocks == 3]).all()


def auc(truth, pred, share):
    last = np.sort(truth)[max(1, round(share * len(truth))) - 1]
    low, high = pred[truth <= last], pred[truth > last]
    return len(truth), stats.mannwhitneyu(high, low).statistic / (len(low) * len(high))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), levels=st.integers(2, 5))
def test_found_among_is_the_area_under_the_curve_with_ties(seed, levels):
    rng = np.random.default_rng(seed)
    truth, pred = rng.normal(size=len(blocks)), rng.integers(0, levels, len(blocks)).astype(float)
    found = found_among(truth, pred, blocks, 0.4)
    expected = [auc(truth[blocks == c], pred[blocks == c], 0.4) for c in range(3)]
    assert value(found) == pytest.approx(mean(expected), abs=1e-12)


@pytest.mark.parametrize("function", [found_among, hits])
def test_finding_has_its_optimum_and_its_chance(function):
    rng = np.random.default_rng(0)
    truth, group = rng.normal(size=2000), np.repeat(np.arange(100), 20)
    chance = 0.5 if function is found_among else 0.0
    assert value(function(truth, truth, group, 0.2)) == 1.0
    assert value(function(truth, np.zeros(2000), group, 0.2)) == pytest.approx(chance, abs=1e-12)
    assert value(function(truth, rng.normal(size=2000), group, 0.2)) == pytest.approx(chance, abs=0.06)
    worst = value(function(truth, -truth, group, 0.2))
    assert worst == pytest.approx(0.0 if function is found_among else -0.25)


def test_hits_counts_what_is_found():
    truth = np.arange(10.0)
    pred = truth.copy()
    pred[[1, 9]] = pred[[9, 1]]
    found = hits(truth, pred, np.zeros(10, dtype=int), 0.2)
    assert value(found) == pytest.approx((1 - 0.4) / (2 - 0.4))


def test_values_that_tie_with_the_last_are_to_be_found_too():
    truth = np.array([0.0, 1.0, 1.0, 1.0, 5.0, 6.0])
    found = found_among(truth, truth, np.zeros(6, dtype=int), 0.3)
    assert found.denominator == pytest.approx([0.75] * 4 + [1.5] * 2)  # four to find, two others, six in all
    assert value(found) == 1.0
    flat = found_among(np.zeros(6), truth, np.zeros(6, dtype=int), 0.3)
    assert np.isnan(flat.denominator).all()


def test_groups_that_are_too_small_or_constant_are_undefined():
    truth = np.array([1.0, 2.0, 4.0, 4.0, 4.0])
    group = np.array([0, 0, 1, 1, 1])
    assert np.isnan(standardised(truth, group, np.ones(5))).all()
    assert np.isnan(found_among(truth, truth, group, 0.2).numerator[:2]).all()


@pytest.mark.parametrize("function", [found_among, hits])
def test_a_perfect_order_is_perfect_on_every_resample_also_without_anything_to_find(function):
    truth, group = np.random.default_rng(2).normal(size=40), np.repeat(np.arange(4), 10)
    found = function(truth, 2.0 * truth, group, 0.2)
    assert (found.denominator > 0).all()
    np.testing.assert_allclose(found.numerator, found.denominator, atol=1e-12)
