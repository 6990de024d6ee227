"""Sliced Wasserstein against scipy in one dimension and closed forms; its floor and its invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from vcassay.arrays import threads
from vcassay.arrays.cellsets import as_sets
from vcassay.arrays.wasserstein import random_directions, sliced_between, sliced_wasserstein, sorted_projections

LINE = np.ones((1, 1))


@given(st.integers(1, 60), st.integers(0, 999))
def test_one_dimension_is_the_exact_assignment(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 1)), rng.exponential(size=(n, 1))
    cost = cdist(x, y, "sqeuclidean")
    assert sliced_wasserstein(x, y, LINE) == pytest.approx(cost[linear_sum_assignment(cost)].mean(), rel=1e-10)
    w1 = stats.wasserstein_distance(x[:, 0], y[:, 0])
    assert sliced_wasserstein(x, y, LINE) >= w1**2 - 1e-12


def test_gaussians_in_one_dimension() -> None:
    at = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None]
    assert sliced_wasserstein(at, 0.7 + 1.5 * at, LINE) == pytest.approx(0.7**2 + 0.5**2, rel=1e-3)


def test_a_shift_counts_one_dth_of_its_square() -> None:
    rng = np.random.default_rng(0)
    x, gap = rng.normal(size=(30, 6)), rng.normal(size=6)
    directions = random_directions(6, rng, 20_000)
    np.testing.assert_allclose(np.square(directions).sum(axis=1), 1.0)
    assert sliced_wasserstein(x, x + gap, directions) == pytest.approx(gap @ gap / 6, rel=0.03)


def test_plain_numpy_order_and_shift() -> None:
    rng = np.random.default_rng(1)
    x, y, directions = rng.normal(size=(50, 7)), rng.normal(1, 2, size=(50, 7)), random_directions(7, rng)
    want = np.square(np.sort(x @ directions.T, axis=0) - np.sort(y @ directions.T, axis=0)).mean()
    assert sliced_wasserstein(x, y, directions) == pytest.approx(want, rel=1e-12)
    assert sliced_wasserstein(y[::-1], x[rng.permutation(50)], directions) == pytest.approx(want, rel=1e-12)
    assert sliced_wasserstein(x + 5, y + 5, directions) == pytest.approx(want, rel=1e-10)
    turn = np.linalg.qr(rng.normal(size=(7, 7)))[0]
    assert sliced_wasserstein(x @ turn, y @ turn, directions @ turn) == pytest.approx(want, rel=1e-10)
    assert sliced_wasserstein(x @ turn, y @ turn, directions) == pytest.approx(want, rel=0.3)
    assert sliced_wasserstein(x, x, directions) == 0


def test_many_pairs_equal_single_ones_on_any_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    sizes = np.array([3, 0, 30, 1, 30])
    x, y = (as_sets(rng.normal(size=(64, 5)), sizes) for _ in range(2))
    directions = random_directions(5, rng)
    i, j = np.array([2, 0, 1, 2]), np.array([4, 0, 1, 2])

    def found() -> np.ndarray:
        return sliced_between(sorted_projections(x, directions), sorted_projections(y, directions), i, j)

    want = found()
    for count in (1, 3):
        monkeypatch.setattr(threads, "threads", lambda count=count: count)
        np.testing.assert_array_equal(found(), want)
    assert np.isnan(want).tolist() == [False, False, True, False]
    assert want[0] == sliced_wasserstein(x.cells[3:33], y.cells[34:], directions)


def test_its_floor_falls_as_one_over_n() -> None:
    rng = np.random.default_rng(3)
    directions = random_directions(10, rng, 32)
    floor = [
        np.mean([sliced_wasserstein(*rng.normal(size=(2, n, 10)), directions) for _ in range(100)]) for n in (20, 80)
    ]
    assert 3 < floor[0] / floor[1] < 4.5


def test_sees_a_change_of_spread_either_way_and_a_broken_dependence() -> None:
    rng = np.random.default_rng(4)
    mix, directions = rng.normal(size=(4, 20)), random_directions(20, rng)
    z: dict[str, list[float]] = {name: [] for name in ("null", "narrow", "wide", "shuffle")}
    for _ in range(40):
        x, y, w = (rng.normal(size=(100, 4)) @ mix + 0.3 * rng.normal(size=(100, 20)) for _ in range(3))
        shuffled = np.stack([rng.permutation(column) for column in w.T], axis=1)
        for name, other in (("null", y), ("narrow", 0.7 * w), ("wide", 1.4 * w), ("shuffle", shuffled)):
            z[name].append(sliced_wasserstein(x, other, directions))
    standardised = {name: (np.mean(found) - np.mean(z["null"])) / np.std(z["null"]) for name, found in z.items()}
    assert min(standardised["narrow"], standardised["wide"]) > 3
    assert standardised["shuffle"] > 2


def test_undefined() -> None:
    rng = np.random.default_rng(5)
    x, directions = rng.normal(size=(10, 3)), random_directions(3, rng)
    broken = x.copy()
    broken[4, 1] = np.inf
    with np.errstate(invalid="ignore"):
        assert np.isnan(sliced_wasserstein(x, broken, directions))
    assert np.isnan(sliced_wasserstein(x[:0], x[:0], directions))
    with pytest.raises(ValueError, match="equal numbers"):
        sliced_wasserstein(x, x[:9], directions)
