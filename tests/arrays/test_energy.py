"""Energy distance against scipy, plain numpy and the Gaussian closed form; unbiased, and what it does not see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import cdist

from vcassay.arrays import threads
from vcassay.arrays.cellsets import as_sets
from vcassay.arrays.energy import energy_between, energy_distance, energy_within
from vcassay.arrays.pairwise import TILE, mean_between, mean_within


def plain(x: np.ndarray, y: np.ndarray, *, unbiased: bool) -> float:
    n, m = len(x) * (len(x) - unbiased), len(y) * (len(y) - unbiased)
    return float(2 * cdist(x, y).mean() - cdist(x, x).sum() / n - cdist(y, y).sum() / m)


@given(st.integers(2, 2 * TILE + 5), st.integers(2, 40), st.integers(1, 12), st.integers(0, 999))
def test_equal_to_plain_numpy(n: int, m: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(0.3, 2, size=(m, d))
    assert energy_distance(x, y) == pytest.approx(plain(x, y, unbiased=True), abs=1e-12)
    assert energy_distance(x, y, estimator="v") == pytest.approx(plain(x, y, unbiased=False), abs=1e-12)
    assert energy_distance(y, x) == pytest.approx(energy_distance(x, y), abs=1e-12)


def test_one_dimension_is_the_square_of_scipys() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=300), rng.exponential(size=200)
    v = energy_distance(x[:, None], y[:, None], estimator="v")
    assert v == pytest.approx(stats.energy_distance(x, y) ** 2, rel=1e-10)


def test_gaussians_in_closed_form() -> None:
    def folded(mean: float, sd: float) -> float:
        """E|Z| of a normal Z."""
        return sd * np.sqrt(2 / np.pi) * np.exp(-(mean**2) / sd**2 / 2) + mean * (1 - 2 * stats.norm.cdf(-mean / sd))

    rng = np.random.default_rng(1)
    want = 2 * folded(0.5, np.hypot(1, 1.5)) - folded(0, np.sqrt(2)) - folded(0, 1.5 * np.sqrt(2))
    found = [energy_distance(rng.normal(size=(80, 1)), rng.normal(0.5, 1.5, size=(80, 1))) for _ in range(200)]
    assert np.mean(found) == pytest.approx(want, abs=3 * np.std(found) / np.sqrt(200))


def test_unbiased_under_the_null_and_by_how_much_the_v_statistic_is_not() -> None:
    rng = np.random.default_rng(2)
    x, y = (as_sets(rng.normal(size=(400 * 15, 10)), np.full(400, 15)) for _ in range(2))
    between = energy_between(x, y)
    u = 2 * between - energy_within(x) - energy_within(y)
    v = 2 * between - energy_within(x, estimator="v") - energy_within(y, estimator="v")
    assert abs(u.mean()) < 3 * u.std() / 20
    assert 0.35 < (u < 0).mean() < 0.75
    assert (v > 0).all()
    np.testing.assert_allclose(v - u, (energy_within(x) + energy_within(y)) / 15, rtol=1e-12)


def test_many_pairs_equal_single_ones_on_any_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    sizes = np.array([3, 0, 40, 1, 140, 7])
    x, y = as_sets(rng.normal(size=(191, 5)), sizes), as_sets(rng.normal(size=(191, 5)), sizes[::-1])
    i, j = np.array([0, 4, 4, 2, 1, 5]), np.array([1, 1, 5, 3, 0, 5])
    between, within = mean_between(x, y, i, j), mean_within(x)
    for count in (1, 3):
        monkeypatch.setattr(threads, "threads", lambda count=count: count)
        np.testing.assert_array_equal(mean_between(x, y, i, j), between)
        np.testing.assert_array_equal(mean_within(x), within)
    assert np.isnan(between).tolist() == [False, False, False, False, True, False]
    assert np.isnan(within).tolist() == [False, True, False, True, False, False]
    a, b = (s.cells[s.start[k] : s.start[k] + s.size[k]] for s, k in ((x, 4), (y, 5)))
    assert between[2] == pytest.approx(cdist(a, b).mean(), rel=1e-13)


def test_invariant_to_order_shift_and_rotation() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(150, 8)), rng.normal(0.2, 1, size=(150, 8))
    turn = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    want = energy_distance(x, y)
    assert energy_distance(x[rng.permutation(150)], y[rng.permutation(150)]) == pytest.approx(want, abs=1e-12)
    assert energy_distance(x @ turn + 3, y @ turn + 3) == pytest.approx(want, abs=1e-12)
    assert energy_distance(4 * x, 4 * y) == pytest.approx(4 * want, rel=1e-12)


def test_equal_sets() -> None:
    x = np.random.default_rng(5).normal(size=(30, 4))
    assert energy_distance(x, x, estimator="v") == pytest.approx(0, abs=1e-13)
    assert energy_distance(x, x) < 0  # better than a replicate: the same cells
    assert energy_distance(np.ones((5, 3)), np.ones((4, 3))) == 0


def test_sees_a_change_of_spread_and_a_broken_dependence() -> None:
    rng = np.random.default_rng(6)
    mix = rng.normal(size=(4, 20))
    z = {name: [] for name in ("spread", "shuffle", "mean")}
    null = []
    for _ in range(40):
        x, y, w = (rng.normal(size=(100, 4)) @ mix + 0.3 * rng.normal(size=(100, 20)) for _ in range(3))
        null.append(energy_distance(x, y))
        z["spread"].append(energy_distance(x, w.mean(axis=0) + 0.7 * (w - w.mean(axis=0))))
        z["shuffle"].append(energy_distance(x, np.stack([rng.permutation(column) for column in w.T], axis=1)))
        z["mean"].append(energy_distance(x, w + 0.5))
    standardised = {name: (np.mean(found) - np.mean(null)) / np.std(null) for name, found in z.items()}
    assert standardised["spread"] > 3
    assert standardised["shuffle"] > 1
    assert standardised["mean"] > standardised["shuffle"]


def test_undefined() -> None:
    x = np.random.default_rng(7).normal(size=(10, 3))
    broken = x.copy()
    broken[4, 1] = np.inf
    assert np.isnan(energy_distance(x, x[:1]))
    assert np.isnan(energy_distance(x, x[:0]))
    assert np.isnan(energy_distance(x, broken))
    assert np.isfinite(energy_distance(x, x[:1], estimator="v"))
    assert np.isnan(energy_distance(x, broken[4:5], estimator="v"))
    assert np.isnan(energy_distance(x, x[:0], estimator="v"))
