"""Welch's t against scipy and scanpy's formulas; moments of slots against numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.grouped import slot_moments
from vcassay.arrays.strata import arrange
from vcassay.arrays.transpose import EXPM1, LOG1P, PLAIN, SCALED
from vcassay.arrays.welch import variance, welch, welch_strata


def summary(x: np.ndarray) -> tuple[Any, Any, Any]:
    return x.mean(axis=0), x.var(axis=0, ddof=1) if len(x) > 1 else np.full(x.shape[1], np.nan), np.float64(len(x))


@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 999), st.floats(0.0, 50.0))
def test_equal_to_scipy(n1: int, n2: int, seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(shift, 2.0, (n1, 4)), rng.normal(size=(n2, 4))
    found, want = welch(*summary(x), *summary(y)), stats.ttest_ind(x, y, equal_var=False)
    np.testing.assert_allclose(found.statistic, want.statistic, rtol=1e-12)
    np.testing.assert_allclose(found.df, want.df, rtol=1e-12)
    np.testing.assert_allclose(found.pvalue, want.pvalue, rtol=1e-9)
    (m1, v1, _), (m2, v2, _) = summary(x), summary(y)
    over = stats.ttest_ind_from_stats(m1, v1**0.5, n1, m2, v2**0.5, n1, equal_var=False)
    found = welch(*summary(x), *summary(y), overestimate=True)
    np.testing.assert_allclose(found.statistic, over.statistic, rtol=1e-12)
    np.testing.assert_allclose(found.pvalue, over.pvalue, rtol=1e-9)


def test_degenerate_groups() -> None:
    one, none = np.ones(1), np.zeros(1)
    still = welch(one, none, np.float64(5), one, none, np.float64(5))
    assert (still.statistic[0], still.pvalue[0]) == (0.0, 1.0)
    assert np.isnan(still.df[0])
    apart = welch(one, none, np.float64(5), 2 * one, none, np.float64(5))
    assert (apart.statistic[0], apart.pvalue[0]) == (-np.inf, 0.0)
    half = welch(one, none, np.float64(5), 2 * one, one, np.float64(5))
    assert half.pvalue[0] == pytest.approx(stats.ttest_ind_from_stats(1, 0, 5, 2, 1, 5, equal_var=False).pvalue)
    for n in (1.0, 0.0):
        few = welch(one, np.full(1, np.nan), np.float64(n), one, one, np.float64(5))
        assert np.isnan([few.statistic[0], few.pvalue[0]]).all()


def test_tails() -> None:
    """Closed forms: df = 2 (twice the group of two), and the normal limit far out."""
    t = np.array([1e-6, 0.3, 5.0, 1e3, 1e8])
    found = welch(t, np.ones(5), np.float64(2), np.zeros(5), np.ones(5), np.float64(2))
    exact = [1e-6, 0.3, 5.0, 1e3, 1e8]
    want = [1 - x / np.sqrt(2 + x * x) if x < 100 else 1 / x**2 - 1.5 / x**4 + 2.5 / x**6 for x in exact]
    np.testing.assert_allclose(found.pvalue, want, rtol=1e-12)
    many = welch(np.full(1, 0.3), np.ones(1), np.float64(1e9), np.zeros(1), np.ones(1), np.float64(1e4))
    assert 0 < many.pvalue[0] < 1e-180


@given(st.integers(2, 30), st.integers(0, 999), st.sampled_from([0.0, 1.0, 1e6]))
def test_variance_about_a_shift(n: int, seed: int, level: float) -> None:
    x = np.random.default_rng(seed).normal(level, 1.0, n)
    near = x - x[0]
    got = variance(np.float64(n), near.sum(), (near * near).sum())
    np.testing.assert_allclose(got, x.var(ddof=1), rtol=1e-9)
    assert np.isnan(variance(np.float64(1), np.float64(2), np.float64(4)))


def test_strata_of_one_are_welch() -> None:
    rng = np.random.default_rng(0)
    (m1, v1, n1), (m2, v2, n2) = summary(rng.normal(size=(9, 3))), summary(rng.normal(1, 3, size=(14, 3)))
    alone = welch(m1, v1, n1, m2, v2, n2)
    column = np.ones((1, 1))
    parts, sizes = ((v1 / n1)[None], (v2 / n2)[None]), (n1 * column, n2 * column)
    for a, b in zip(welch_strata((m1 - m2)[None], column, parts, sizes), alone, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


def test_strata_keep_batches_apart() -> None:
    """Under the null, batches that shift both groups leave p-values uniform; pooling them does not."""
    rng = np.random.default_rng(1)
    genes, size = 4000, {0: (40, 10), 1: (10, 40)}
    cells = {b: [rng.normal(3.0 * b, 1.0, (n, genes)) for n in ns] for b, ns in size.items()}
    stats_of = [[summary(x) for x in cells[b]] for b in (0, 1)]
    n1, n2 = (np.array([[s[k][2]] for s in stats_of]) for k in (0, 1))
    difference = np.stack([s[0][0] - s[1][0] for s in stats_of])
    parts = tuple(np.stack([s[k][1] / s[k][2] for s in stats_of]) for k in (0, 1))
    found = welch_strata(difference, n1 / n1.sum(), (parts[0], parts[1]), (n1, n2))
    assert stats.kstest(found.pvalue, "uniform").pvalue > 1e-3
    pooled = [summary(np.concatenate([cells[0][k], cells[1][k]])) for k in (0, 1)]
    assert (welch(*pooled[0], *pooled[1]).pvalue < 0.05).mean() > 0.9


TRANSFORMS = {
    PLAIN: lambda x, depth: x,
    SCALED: lambda x, depth: 1e4 * x / depth,
    LOG1P: lambda x, depth: np.log1p(1e4 * x / depth),
    EXPM1: lambda x, depth: np.expm1(x),
}


@given(st.integers(1, 60), st.integers(0, 999), st.sampled_from(sorted(TRANSFORMS)), st.integers(1, 4))
def test_moments_of_slots(rows: int, seed: int, kind: int, block: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.poisson(0.8, (rows, 4)).astype(np.float64)
    condition, stratum = rng.integers(-2, 3, rows), rng.integers(0, 2, rows)
    strata = arrange(condition, stratum)
    depth = dense.sum(axis=1) + 1.0
    values = TRANSFORMS[kind](dense, depth[:, None])
    options: dict[str, Any] = {"kind": kind, "target": 1.0}
    if kind in (SCALED, LOG1P):
        options = {"kind": kind, "depth": depth, "target": 1e4}
    wanted = slot_moments(dense, strata, threads=1, **options)
    kept = np.unique(stratum[strata.rows])
    for s in range(len(strata.size)):
        own = values[(condition == strata.condition[s]) & (stratum == kept[strata.stratum[s]])]
        np.testing.assert_allclose(wanted.sums[s], own.sum(axis=0), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(wanted.squares[s], own.var(axis=0) * len(own), rtol=1e-9, atol=1e-9)
    for matrix in (sp.csr_matrix(dense), sp.csc_matrix(dense)):
        for got, want in zip(slot_moments(matrix, strata, threads=2, block=block, **options), wanted, strict=True):
            np.testing.assert_array_equal(got, want)


def test_small_spread_about_a_large_mean() -> None:
    x = 1e8 + np.random.default_rng(2).normal(size=(50, 1))
    found = slot_moments(x, arrange(np.arange(50) % 2 - 1))
    for s, k in enumerate((-1, 0)):
        np.testing.assert_allclose(found.squares[s] / 24, x[np.arange(50) % 2 - 1 == k].var(ddof=1), rtol=1e-6)
