"""p-values against a simulated null: uniform, monotone, and fit for a false discovery rate."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.null import TAIL, permutation_spearman, upper_pvalue

Draw = Callable[[np.random.Generator, int], np.ndarray]
NULLS: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "mean of products": lambda rng, n: (rng.normal(size=(n, 20)) * rng.normal(size=(n, 20))).mean(axis=1),
}


def under_the_null(draw: Draw, m: int, observed: int, repeats: int) -> np.ndarray:
    rng = np.random.default_rng(m)
    return np.concatenate([upper_pvalue(draw(rng, observed), draw(rng, m)) for _ in range(repeats)])


@pytest.mark.parametrize("m", [200, 2000])
@pytest.mark.parametrize("name", NULLS)
def test_uniform_under_its_null(name: str, m: int) -> None:
    p = under_the_null(NULLS[name], m, observed=1000, repeats=100)
    for level in (0.9, 0.5, 0.2, 0.05):
        assert (p <= level).mean() == pytest.approx(level, abs=0.02)
    assert (p <= 0.01).mean() < 0.0135
    assert (p <= 0.001).mean() < 0.0016


@pytest.mark.parametrize("m", [100, 1000])
def test_an_exponential_tail_is_met_whatever_the_number_of_draws(m: int) -> None:
    p = under_the_null(NULLS["exponential"], m, observed=1000, repeats=1000)
    assert (p <= 0.01).mean() == pytest.approx(0.01, rel=0.15)
    assert (p <= 0.001).mean() == pytest.approx(0.001, rel=0.35)


@given(st.integers(20, 300), st.integers(0, 10_000))
def test_monotone_within_0_and_1(m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    null = np.round(rng.normal(size=m), int(rng.integers(0, 4)))  # ties, too
    observed = np.sort(np.r_[null, rng.normal(0, 3, size=50), 1e3, 1e9, -1e9])
    p = upper_pvalue(observed, null)
    assert (np.diff(p) <= 0).all()
    assert (p > 0).all()
    assert (p <= 1).all()


@pytest.mark.parametrize("m", [20, 99, 1000])
def test_within_the_null_it_is_the_count(m: int) -> None:
    rng = np.random.default_rng(m)
    null = rng.normal(size=m)
    observed = rng.normal(size=200)
    inside = observed < np.sort(null)[m - max(10, int(TAIL * m)) - 1]
    want = [(1 + sum(d >= x for d in null)) / (m + 1) for x in observed]
    assert inside.sum() > 50
    np.testing.assert_allclose(upper_pvalue(observed, null)[inside], np.array(want)[inside])


def test_the_tail_goes_on_beyond_the_largest_draw() -> None:
    null = np.random.default_rng(0).exponential(size=4000)
    for x in (10.0, 14.0, 18.0):
        p = upper_pvalue(np.array([x]), null)[0]
        assert 0.1 < p / np.exp(-x) < 10
    assert upper_pvalue(np.array([1e300]), null)[0] > 0


def test_location_scale_and_order_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    null, observed = rng.normal(size=500), rng.normal(1, 2, size=100)
    p = upper_pvalue(observed, null)
    np.testing.assert_array_equal(upper_pvalue(observed, rng.permutation(null)), p)
    np.testing.assert_allclose(upper_pvalue(4 * observed - 7, 4 * null - 7), p, rtol=1e-9)


def test_undefined() -> None:
    null = np.arange(30.0)
    assert np.isnan(upper_pvalue(np.array([np.nan, 3.0]), null)).tolist() == [True, False]
    assert np.isnan(upper_pvalue(np.array([3.0]), null[:19])).all()
    assert np.isnan(upper_pvalue(np.array([3.0]), np.full(100, np.nan))).all()
    flat = upper_pvalue(np.array([-1.0, 0.0, 1.0]), np.zeros(99))  # no spread: no tail to fit
    np.testing.assert_allclose(flat, [1.0, 1.0, 0.01])


def test_false_discovery_rate_with_planted_effects() -> None:
    rng = np.random.default_rng(2)
    false_share, power = [], []
    for _ in range(60):
        observed = NULLS["normal"](rng, 400)
        observed[:80] += 4.0
        called = benjamini_hochberg(upper_pvalue(observed, NULLS["normal"](rng, 2000))) <= 0.05
        false_share.append(called[80:].sum() / max(called.sum(), 1))
        power.append(called[:80].mean())
    assert np.mean(false_share) < 0.05
    assert np.mean(power) > 0.75


@pytest.mark.parametrize("seed", range(3))
def test_permutation_spearman_equals_scipy_and_the_exact_p(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=6)
    y = np.round(x + rng.normal(size=6))
    rho, p = permutation_spearman(x, y, 4000, rng)
    assert rho == pytest.approx(stats.spearmanr(x, y)[0])
    each = [abs(stats.pearsonr(stats.rankdata(x), order)[0]) for order in permutations(stats.rankdata(y))]
    exact = np.mean(np.array(each) >= abs(rho) - 1e-9)
    assert p == pytest.approx(exact, abs=4 * np.sqrt(0.25 / 4000))


def test_permutation_spearman_is_valid_under_the_null() -> None:
    rng = np.random.default_rng(3)
    p = np.array([permutation_spearman(rng.normal(size=12), rng.normal(size=12), 99, rng)[1] for _ in range(400)])
    assert (p <= 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert p.mean() == pytest.approx(0.5, abs=0.06)
    assert p.min() >= 0.01


def test_permutation_spearman_undefined() -> None:
    rng = np.random.default_rng(4)
    x = np.array([1.0, 2.0, np.nan, 3.0, 4.0])
    assert np.isnan(permutation_spearman(x[:4], np.arange(4.0), 9, rng)).all()
    assert np.isnan(permutation_spearman(x, np.ones(5), 9, rng)).all()
    rho, p = permutation_spearman(x, np.arange(5.0), 9, rng)
    assert rho == pytest.approx(1.0)
    assert 0.1 <= p <= 1.0
