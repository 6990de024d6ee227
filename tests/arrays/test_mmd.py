"""MMD^2 against plain numpy and the Gaussian closed form; unbiased; its ruler never comes from the prediction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist

from vcassay.arrays.cellsets import as_sets
from vcassay.arrays.mmd import (
    SPREAD,
    median_distance,
    median_kernel,
    mmd_between,
    mmd_within,
    multi_kernel,
    squared_mmd,
)


def plain(x: np.ndarray, y: np.ndarray, squared_widths: list[float]) -> float:
    n, m, total = len(x), len(y), 0.0
    for s in squared_widths:
        k = [np.exp(-cdist(a, b, "sqeuclidean") / (2 * s)) for a, b in ((x, x), (y, y), (x, y))]
        total += (k[0].sum() - n) / (n * (n - 1)) + (k[1].sum() - m) / (m * (m - 1)) - 2 * k[2].mean()
    return total


@given(st.integers(2, 150), st.integers(2, 30), st.floats(0.3, 30), st.integers(0, 999))
def test_equal_to_plain_numpy(n: int, m: int, width: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 6)), rng.normal(0.5, 1.5, size=(m, 6))
    assert squared_mmd(x, y, median_kernel(width)) == pytest.approx(plain(x, y, [width**2]), abs=1e-12)
    five = [factor * width**2 for factor in SPREAD]
    assert squared_mmd(x, y, multi_kernel(width)) == pytest.approx(plain(x, y, five), abs=1e-12)


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (0.7, 1.0), (0.0, 2.0)])
def test_gaussians_in_closed_form(shift: float, scale: float) -> None:
    d, width, n, repeats = 3, 1.5, 40, 300

    def kernel(gap: float, variance: float) -> float:
        return float((width**2 / (width**2 + variance)) ** (d / 2) * np.exp(-d * gap**2 / (2 * (width**2 + variance))))

    want = kernel(0, 2) + kernel(0, 2 * scale**2) - 2 * kernel(shift, 1 + scale**2)
    rng = np.random.default_rng(0)
    x = as_sets(rng.normal(size=(n * repeats, d)), np.full(repeats, n))
    y = as_sets(rng.normal(shift, scale, size=(n * repeats, d)), np.full(repeats, n))
    k = median_kernel(width)
    found = mmd_within(x, kernel=k) + mmd_within(y, kernel=k) - 2 * mmd_between(x, y, kernel=k)
    assert found.mean() == pytest.approx(want, abs=3 * found.std() / np.sqrt(repeats))
    if shift == 0 and scale == 1:
        assert 0.35 < (found < 0).mean() < 0.75


def test_median_is_of_reference_cells_in_any_order() -> None:
    rng = np.random.default_rng(1)
    cells = rng.normal(size=(300, 5))
    assert median_distance(cells, np.random.default_rng(0)) == pytest.approx(np.median(pdist(cells)))
    some = median_distance(cells, np.random.default_rng(0), n=100)
    assert some == pytest.approx(np.median(pdist(cells)), rel=0.1)
    assert median_distance(cells[::-1], np.random.default_rng(0), n=100) == pytest.approx(some, rel=1e-12)


def test_invariant_to_order_shift_and_rotation() -> None:
    rng = np.random.default_rng(2)
    x, y, k = rng.normal(size=(150, 8)), rng.normal(0.2, 1, size=(150, 8)), multi_kernel(4.0)
    turn, want = np.linalg.qr(rng.normal(size=(8, 8)))[0], squared_mmd(x, y, k)
    assert squared_mmd(x[rng.permutation(150)], y[rng.permutation(150)], k) == pytest.approx(want, abs=1e-12)
    assert squared_mmd(x @ turn + 3, y @ turn + 3, k) == pytest.approx(want, abs=1e-12)
    assert squared_mmd(y, x, k) == pytest.approx(want, abs=1e-12)
    assert squared_mmd(4 * x, 4 * y, multi_kernel(16.0)) == pytest.approx(want, rel=1e-9)


def test_sees_a_change_of_spread_either_way_and_a_broken_dependence() -> None:
    rng = np.random.default_rng(3)
    mix, k = rng.normal(size=(4, 20)), multi_kernel(10.0)
    z: dict[str, list[float]] = {name: [] for name in ("null", "narrow", "wide", "shuffle")}
    for _ in range(40):
        x, y, w = (rng.normal(size=(100, 4)) @ mix + 0.3 * rng.normal(size=(100, 20)) for _ in range(3))
        z["null"].append(squared_mmd(x, y, k))
        z["narrow"].append(squared_mmd(x, 0.7 * w, k))
        z["wide"].append(squared_mmd(x, 1.4 * w, k))
        z["shuffle"].append(squared_mmd(x, np.stack([rng.permutation(column) for column in w.T], axis=1), k))
    standardised = {name: (np.mean(found) - np.mean(z["null"])) / np.std(z["null"]) for name, found in z.items()}
    assert standardised["narrow"] > 3
    assert standardised["wide"] > 3
    assert standardised["shuffle"] > 2


def test_undefined() -> None:
    x = np.random.default_rng(4).normal(size=(10, 3))
    broken = x.copy()
    broken[4, 1] = np.inf
    assert np.isnan(squared_mmd(x, x[:1], median_kernel(1.0)))
    assert np.isnan(squared_mmd(x, broken, median_kernel(1.0)))
    assert np.isnan(squared_mmd(x, x, median_kernel(np.nan)))
    rng = np.random.default_rng(0)
    assert np.isnan(median_distance(np.ones((20, 3)), rng))
    assert np.isnan(median_distance(x[:1], rng))
    assert np.isnan(median_distance(broken, rng))
