"""Benjamini-Hochberg and Holm against scipy, definitions and simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from vcassay.arrays.multiple import benjamini_hochberg, holm

Adjust = Callable[[np.ndarray], np.ndarray]

# Hundredths, so that ties occur.
P_VALUES = arrays(np.float64, st.integers(1, 30), elements=st.integers(0, 100).map(lambda i: i / 100))


@given(P_VALUES)
def test_benjamini_hochberg_equals_scipy(p: np.ndarray) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p, method="bh"), atol=1e-14)


@given(P_VALUES)
def test_holm_equals_its_definition(p: np.ndarray) -> None:
    ordered = sorted(p.tolist())
    n = len(ordered)
    want = {value: max(min(1.0, (n - j) * ordered[j]) for j in range(i + 1)) for i, value in enumerate(ordered)}
    np.testing.assert_allclose(holm(p), [want[value] for value in p.tolist()], atol=1e-14)


@pytest.mark.parametrize("adjust", [benjamini_hochberg, holm])
@given(p=P_VALUES, seed=st.integers(0, 99))
def test_order_and_nan(adjust: Adjust, p: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(p))
    np.testing.assert_array_equal(adjust(p[order]), adjust(p)[order])
    gaps = np.r_[np.nan, p, np.nan]
    got = adjust(gaps)
    np.testing.assert_array_equal(got[1:-1], adjust(p))
    assert np.isnan(got[[0, -1]]).all()
    assert (adjust(p) >= p - 1e-15).all()
    assert (adjust(p) <= 1).all()


@pytest.mark.parametrize("adjust", [benjamini_hochberg, holm])
def test_nothing_to_adjust(adjust: Adjust) -> None:
    assert len(adjust(np.empty(0))) == 0
    assert np.isnan(adjust(np.full(3, np.nan))).all()


def simulated(rng: np.random.Generator, n: int = 100, effects: int = 20) -> tuple[np.ndarray, np.ndarray]:
    z = rng.normal(size=n)
    z[:effects] += 3.0
    return stats.norm.sf(z), np.arange(n) < effects


def test_benjamini_hochberg_controls_the_false_discovery_rate() -> None:
    rng = np.random.default_rng(0)
    false_share, power = [], []
    for _ in range(400):
        p, real = simulated(rng)
        called = benjamini_hochberg(p) <= 0.1
        false_share.append((called & ~real).sum() / max(called.sum(), 1))
        power.append(called[real].mean())
    se = np.std(false_share) / np.sqrt(len(false_share))
    # Under independence the rate is exactly alpha times the share of true nulls.
    assert np.mean(false_share) == pytest.approx(0.1 * 0.8, abs=4 * se)
    assert np.mean(power) > 0.6


def test_holm_controls_the_family_wise_error_rate() -> None:
    rng = np.random.default_rng(1)
    wrong = []
    for _ in range(600):
        p, real = simulated(rng, n=20, effects=5)
        wrong.append(((holm(p) <= 0.05) & ~real).any())
    assert np.mean(wrong) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)
    assert np.mean(wrong) > 0.01
