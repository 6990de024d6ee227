"""Rank sums against scipy and exact arithmetic; invariance; calibration and power."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtr

from vcassay.arrays.blocks import needs_double
from vcassay.arrays.ranksum import RankSum, log_pvalue, rank_sum
from vcassay.arrays.strata import arrange


def exact(x: np.ndarray, y: np.ndarray, *, continuity: bool) -> tuple[float, float, float]:
    """U, z and p with the variance in whole numbers, pair by pair."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    u = Fraction(int(2 * (x[:, None] > y).sum() + (x[:, None] == y).sum()), 2)
    n1, n2 = len(x), len(y)
    n = n1 + n2
    ties = sum(int(t) ** 3 - int(t) for t in np.unique(np.r_[x, y], return_counts=True)[1])
    variance = Fraction(n1 * n2, 12) * (n + 1 - Fraction(ties, n * (n - 1)))
    away = u - Fraction(n1 * n2, 2)
    if variance == 0:
        return float(u), 0.0, 1.0
    half = Fraction(1, 2) if continuity else Fraction(0)
    z = float(max(abs(away) - half, Fraction(0))) / float(variance) ** 0.5
    return float(u), z if away > 0 else -z, min(1.0, float(2 * ndtr(-z)))


def expected(dense: np.ndarray, condition: np.ndarray, stratum: np.ndarray, *, continuity: bool) -> list[np.ndarray]:
    n = int(condition.max(initial=-1)) + 1
    out = np.full((3, n, dense.shape[1]), np.nan)
    for c in range(n):
        own = condition == c
        at = stratum[own]
        controls = (condition == -1) & (stratum == at[0]) if len(at) else own
        if controls.any():
            for g in range(dense.shape[1]):
                out[:, c, g] = exact(dense[own, g], dense[controls, g], continuity=continuity)
    return list(out)


def same(found: RankSum, wanted: Any) -> None:
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


KINDS: dict[str, Any] = {
    "counts": lambda rng, shape: rng.poisson(0.6, shape).astype(np.float32),
    "whole": lambda rng, shape: rng.poisson(0.9, shape) - rng.poisson(0.4, shape),
    "large": lambda rng, shape: rng.choice([0, 2**24, 2**24 + 1, -(2**24) - 1], shape).astype(np.int32),
    "short": lambda rng, shape: rng.poisson(0.6, shape).astype(np.uint8),
    "lognorm": lambda rng, shape: np.log1p(rng.poisson(0.8, shape) * rng.uniform(1, 3, (shape[0], 1))).astype("f4"),
    "double": lambda rng, shape: np.log1p(rng.poisson(0.8, shape) * rng.uniform(1, 3, (shape[0], 1))),
    "signed": lambda rng, shape: (rng.normal(size=shape) * (rng.random(shape) < 0.7)).round(1),
    "signed32": lambda rng, shape: (rng.normal(size=shape) * (rng.random(shape) < 0.7)).round(1).astype("f4"),
    "huge ties": lambda rng, shape: np.where(rng.random(shape) < 0.03, 1.5, -2.25),
    "zeros": lambda rng, shape: np.zeros(shape, dtype=np.float32),
    "infinite": lambda rng, shape: rng.choice([-np.inf, 0.0, -0.0, 1e-40, 1e300, np.inf], shape),
}


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    kind, seed = draw(st.sampled_from(sorted(KINDS))), draw(st.integers(0, 9999))
    rows, genes, n, pools = (draw(st.integers(a, b)) for a, b in ((1, 160), (1, 5), (1, 5), (1, 3)))
    rng = np.random.default_rng(seed)
    condition = rng.integers(-2, n, rows)
    home = rng.integers(0, pools, n)
    stratum = np.where(condition >= 0, home[np.maximum(condition, 0)], rng.integers(0, pools, rows))
    return KINDS[kind](rng, (rows, genes)), condition, stratum


@given(problems(), st.booleans(), st.sampled_from(["dense", "fortran", "csr", "csc"]))
def test_equal_to_exact_arithmetic(problem: Any, continuity: bool, store: str) -> None:
    dense, condition, stratum = problem
    matrix = {"dense": dense, "fortran": np.asfortranarray(dense)}.get(store)
    if matrix is None:
        matrix = sp.csr_matrix(dense) if store == "csr" else sp.csc_matrix(dense)
    found = rank_sum(matrix, condition, stratum, continuity=continuity, threads=1)
    wanted = expected(dense, condition, stratum, continuity=continuity)
    np.testing.assert_array_equal(found.statistic, wanted[0])
    np.testing.assert_allclose(found.z, wanted[1], rtol=1e-14, atol=0)
    np.testing.assert_allclose(found.pvalue, wanted[2], rtol=1e-12, atol=0)


@pytest.mark.parametrize("continuity", [True, False])
@pytest.mark.parametrize("kind", ["counts", "lognorm", "double", "signed"])
def test_equal_to_scipy(kind: str, continuity: bool) -> None:
    rng = np.random.default_rng(3)
    dense = KINDS[kind](rng, (900, 40))
    condition = rng.integers(-1, 4, 900)
    dense[condition == 2, ::3] *= 3
    found = rank_sum(sp.csr_matrix(dense), condition, continuity=continuity)
    for c in range(4):
        x, y = (dense[condition == k].astype(np.float64) for k in (c, -1))
        wanted = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=continuity)
        np.testing.assert_array_equal(found.statistic[c], wanted.statistic)
        np.testing.assert_allclose(found.pvalue[c], wanted.pvalue, rtol=1e-12, atol=0)


def test_long_columns_take_the_counting_sort() -> None:
    rng = np.random.default_rng(4)
    for dense in (rng.gamma(1.0, 1.0, (9000, 2)).astype(np.float32), rng.normal(size=(9000, 2)).round(3)):
        condition = rng.integers(-1, 3, 9000)
        found = rank_sum(dense, condition)
        for c in range(3):
            wanted = stats.mannwhitneyu(*(dense[condition == k].astype(float) for k in (c, -1)), method="asymptotic")
            np.testing.assert_array_equal(found.statistic[c], wanted.statistic)
            np.testing.assert_allclose(found.pvalue[c], wanted.pvalue, rtol=1e-12, atol=0)


@given(problems(), st.integers(1, 3), st.integers(1, 6))
def test_threads_and_blocks_do_not_change_a_bit(problem: Any, threads: int, block: int) -> None:
    dense, condition, stratum = problem
    wanted = rank_sum(dense, condition, stratum, threads=1)
    for matrix in (dense, sp.csr_matrix(dense), sp.csc_matrix(dense)):
        same(rank_sum(matrix, condition, stratum, threads=threads, block=block), wanted)


@given(problems(), st.integers(0, 99))
def test_order_does_not_change_a_bit(problem: Any, seed: int) -> None:
    dense, condition, stratum = problem
    rng = np.random.default_rng(seed)
    rows, genes = rng.permutation(len(dense)), rng.permutation(dense.shape[1])
    wanted = rank_sum(dense, condition, stratum, threads=1)
    same(rank_sum(dense[rows], condition[rows], stratum[rows], threads=1), wanted)
    same(rank_sum(sp.csr_matrix(dense[:, genes]), condition, stratum, threads=1), [w[:, genes] for w in wanted])


@given(problems())
def test_pools_are_tested_as_if_alone(problem: Any) -> None:
    dense, condition, stratum = problem
    together = rank_sum(sp.csr_matrix(dense), condition, stratum, threads=1)
    n = len(together.z)
    for s in np.unique(stratum):
        own = stratum == s
        alone = rank_sum(sp.csr_matrix(dense[own]), condition[own], threads=1)
        for c in np.unique(condition[own & (condition >= 0)]):
            if not np.isnan(together.z[c]).any():
                np.testing.assert_array_equal(together.pvalue[c], alone.pvalue[c])
    assert together.z.shape == (n, dense.shape[1])


def test_several_strata_are_van_elterens() -> None:
    rng = np.random.default_rng(5)
    dense = rng.poisson(1.0, (600, 6)).astype(np.float64)
    condition, stratum = rng.integers(-1, 3, 600), rng.integers(0, 4, 600)
    lost = (stratum == 3) & (condition == -1)
    condition[lost] = -2  # a batch without controls takes no part
    found = rank_sum(sp.csr_matrix(dense), condition, stratum)
    for c in range(3):
        for g in range(6):
            away = spread = total = 0.0
            for s in range(3):
                x, y = (dense[(condition == k) & (stratum == s), g] for k in (c, -1))
                n = len(x) + len(y)
                ranks = stats.rankdata(np.r_[x, y])
                weight = 1.0 / (n + 1)
                away += weight * (ranks[: len(x)].sum() - len(x) * (n + 1) / 2)
                spread += weight**2 * len(x) * len(y) / n * ranks.var(ddof=1)
                total += stats.mannwhitneyu(x, y).statistic
            z = away / spread**0.5
            assert found.statistic[c, g] == total
            np.testing.assert_allclose(found.z[c, g], z, rtol=1e-11, atol=1e-13)
            np.testing.assert_allclose(found.pvalue[c, g], 2 * stats.norm.sf(abs(z)), rtol=1e-11)


def test_degenerate_groups() -> None:
    dense = np.array([[0.0, 2.0, 1.0], [0.0, 2.0, 5.0], [0.0, 2.0, 0.0]])
    found = rank_sum(dense, np.array([-1, 0, -2]))
    assert found.z[0, :2].tolist() == [0.0, 0.0]
    assert found.pvalue[0, :2].tolist() == [1.0, 1.0]
    assert found.pvalue[0, 2] == stats.mannwhitneyu([5.0], [1.0], method="asymptotic").pvalue
    for condition in ([0, 0, 0], [0, 1, 1]):
        assert np.isnan(rank_sum(dense, np.array(condition)).pvalue).all()
    assert rank_sum(dense, np.array([-1, -1, -1])).z.shape == (0, 3)
    assert rank_sum(np.empty((3, 0)), np.array([-1, 0, 0])).z.shape == (1, 0)
    assert rank_sum(sp.csr_matrix((3, 4), dtype=np.float32), np.array([-1, 0, 0])).pvalue.tolist() == [[1.0] * 4]


def test_indices_out_of_order_and_stored_zeros() -> None:
    data = np.array([3.0, 1.0, 0.0, 2.0, -0.0, 5.0], dtype=np.float32)
    indices, indptr = np.array([2, 0, 1, 0, 1, 2]), np.array([0, 3, 4, 6])
    matrix = sp.csr_matrix((data, indices, indptr), shape=(3, 3))
    before = matrix.indices.copy()
    same(rank_sum(matrix, np.array([-1, 0, 0])), rank_sum(matrix.toarray(), np.array([-1, 0, 0])))
    np.testing.assert_array_equal(matrix.indices, before)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_nan_is_refused(kind: type, sign: float) -> None:
    dense = np.random.default_rng(0).normal(size=(80, 3)).astype(kind)
    dense[7, 1] = np.copysign(np.nan, sign)
    condition = np.arange(80) % 3 - 1
    for matrix in (dense, sp.csr_matrix(dense), sp.csc_matrix(dense)):
        with pytest.raises(ValueError, match="NaN"):
            rank_sum(matrix, condition)


def test_what_is_no_matrix_of_numbers_is_refused() -> None:
    condition = np.array([-1, 0])
    for bad in (np.array([["a"], ["b"]]), np.zeros((2, 2), dtype=complex), np.zeros(2), np.zeros((1, 1))):
        with pytest.raises(ValueError):
            rank_sum(bad, condition)
    with pytest.raises(ValueError):
        arrange(condition, np.array([0]))
    with pytest.raises(ValueError):
        arrange(condition, np.array([0, -1]))
    with pytest.raises(ValueError):
        arrange(np.array([-1, 3]), None, 2)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcassay.arrays.ranksum.LARGEST", 5)
    rank_sum(np.zeros((5, 1)), np.array([-1, -1, -1, 0, 0]))
    with pytest.raises(ValueError, match="more than"):
        rank_sum(np.zeros((6, 1)), np.array([-1, -1, -1, -1, 0, 0]))


def test_precision_of_the_keys() -> None:
    assert not needs_double(np.array([0, 1, 2**24], dtype=np.int64))
    assert needs_double(np.array([2**24 + 1], dtype=np.int64))
    assert not needs_double(np.array([0.5, np.nan, np.inf]))
    assert needs_double(np.array([0.1]))
    # Values that single precision would tie are told apart.
    dense = np.array([[1.0], [1.0 + 1e-12], [1.0 + 2e-12]])
    assert rank_sum(dense, np.array([-1, 0, 0])).statistic[0, 0] == 2.0


def test_far_tails() -> None:
    n = 4000
    dense = np.r_[np.arange(n), np.arange(n) + 2.0 * n].astype(np.float32)[:, None]
    found = rank_sum(dense, np.repeat([-1, 0], n))
    assert found.z[0, 0] > 70
    assert found.pvalue[0, 0] == 0.0
    z = np.array([0.0, 0.5, -8.0, 37.0, found.z[0, 0]])
    want = np.log(2) + stats.norm.logsf(np.abs(z))
    np.testing.assert_allclose(log_pvalue(z), want, rtol=1e-13, atol=1e-15)
    assert log_pvalue(z).max() == 0.0


def test_null_pvalues_are_uniform_and_effects_are_found() -> None:
    rng = np.random.default_rng(6)
    condition = np.repeat([-1, 0, 1], [400, 200, 200])
    dense = np.log1p(rng.poisson(1.5, (800, 1500)) * rng.uniform(0.5, 2, (800, 1500))).astype(np.float32)
    dense[condition == 1, :100] *= 1.8
    found = rank_sum(sp.csr_matrix(dense), condition, continuity=False)
    null = np.r_[found.pvalue[0], found.pvalue[1, 100:]]
    assert stats.kstest(null, "uniform").pvalue > 1e-3
    for level in (0.01, 0.05):
        assert (null < level).mean() == pytest.approx(level, abs=4 * np.sqrt(level / len(null)))
    assert (found.pvalue[1, :100] < 1e-4).mean() > 0.95
    assert (found.z[1, :100] > 0).all()
