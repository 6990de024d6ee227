"""Sinkhorn against a plain log-domain loop and exact assignment; its limits; what debiasing does not do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from vcassay.arrays import threads
from vcassay.arrays.cellsets import as_sets, one_set
from vcassay.arrays.sinkhorn import Regularisation, sinkhorn_divergence, transport_between, transport_within

EXACT = Regularisation(1.0, 1e-12, 100_000)


def plain(x: np.ndarray, y: np.ndarray, epsilon: float) -> float:
    """Dual value after 1,000 iterations on potentials, in the log domain."""
    cost = cdist(x, y, "sqeuclidean")
    g = np.zeros(len(y))
    for _ in range(1000):
        f = -epsilon * (logsumexp((g - cost) / epsilon, axis=1) - np.log(len(y)))
        g = -epsilon * (logsumexp((f[:, None] - cost) / epsilon, axis=0) - np.log(len(x)))
    return float(f.mean() + g.mean())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("epsilon", [4.0, 15.0])
def test_equal_to_a_plain_loop_in_the_log_domain(seed: int, epsilon: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(12, 3)), rng.normal(1, 2, size=(17, 3))
    how, a, b = EXACT._replace(epsilon=epsilon), one_set(x), one_set(y)
    xy, xx, yy = plain(x, y, epsilon), plain(x, x, epsilon), plain(y, y, epsilon)
    assert transport_between(a, b, how=how)[0] == pytest.approx(xy, rel=1e-9)
    assert transport_within(a, how=how)[0] == pytest.approx(xx, rel=1e-9)
    assert sinkhorn_divergence(x, y, how) == pytest.approx(xy - (xx + yy) / 2, rel=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_tends_to_the_exact_assignment(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(10, 2)), rng.normal(1, 1, size=(10, 2))
    cost = cdist(x, y, "sqeuclidean")
    exact = cost[linear_sum_assignment(cost)].mean()
    for epsilon in (0.3, 0.03):
        found = transport_between(one_set(x), one_set(y), how=Regularisation(epsilon, 1e-3, 100_000))[0]
        assert exact - 1e-3 <= found <= exact + epsilon * np.log(10)


def test_tends_to_the_distance_of_the_means() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 5)), rng.normal(1, 1, size=(40, 5))
    want = np.square(x.mean(axis=0) - y.mean(axis=0)).sum()
    assert sinkhorn_divergence(x, y, Regularisation(1e6)) == pytest.approx(want, rel=1e-3)


@given(st.integers(1, 40), st.floats(4, 20), st.integers(0, 999))
def test_invariances(n: int, epsilon: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y, how = rng.normal(size=(n, 4)), rng.normal(0.3, 1.3, size=(n, 4)), Regularisation(epsilon, 1e-7, 20_000)
    turn, want = np.linalg.qr(rng.normal(size=(4, 4)))[0], sinkhorn_divergence(x, y, how)
    assert want > -1e-5
    assert sinkhorn_divergence(x, x, how) == pytest.approx(0, abs=1e-5)
    assert sinkhorn_divergence(y, x, how) == pytest.approx(want, abs=1e-5)
    assert sinkhorn_divergence(x[rng.permutation(n)] @ turn + 9, y @ turn + 9, how) == pytest.approx(want, abs=1e-5)
    gap = np.array([3.0, 0, 0, 0])
    moved = want + 9 - 6 * (x - y).mean(axis=0)[0]
    assert sinkhorn_divergence(x, y + gap, how) == pytest.approx(moved, abs=1e-5)  # a shift parts exactly


def test_far_off_predictions_stay_finite() -> None:
    rng = np.random.default_rng(1)
    x, how = rng.normal(size=(60, 10)), Regularisation(2.0)
    assert sinkhorn_divergence(x, x + 1e6, how) == pytest.approx(1e13, rel=1e-6)
    wide = sinkhorn_divergence(x, 20 * rng.normal(size=(60, 10)), how)
    assert 0.7 < wide / (10 * 19**2) < 1.4


def test_the_default_tolerance_is_right_to_2e_5() -> None:
    rng = np.random.default_rng(5)
    x = one_set(rng.normal(size=(60, 10)))
    for factor in (0.5, 1, 3):
        y = one_set(factor * rng.normal(size=(60, 10)))
        exact = transport_between(x, y, how=Regularisation(2.0, 1e-8, 100_000))
        assert transport_between(x, y, how=Regularisation(2.0)) == pytest.approx(exact, rel=2e-5)


def test_many_pairs_equal_single_ones_on_any_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    sizes = np.array([3, 0, 30, 1, 60, 7])
    x, y, how = *(as_sets(rng.normal(size=(101, 5)), sizes) for _ in range(2)), Regularisation(1.0)
    i, j = np.array([0, 4, 2, 1]), np.array([0, 5, 3, 1])
    between, within = transport_between(x, y, i, j, how=how), transport_within(x, how=how)
    for count in (1, 3):
        monkeypatch.setattr(threads, "threads", lambda count=count: count)
        np.testing.assert_array_equal(transport_between(x, y, i, j, how=how), between)
        np.testing.assert_array_equal(transport_within(x, how=how), within)
    assert np.isnan(between).tolist() == [False, False, False, True]
    alone = transport_between(one_set(x.cells[34:94]), one_set(y.cells[94:]), how=how)
    np.testing.assert_array_equal(between[1], alone[0])


def test_debiased_is_not_unbiased() -> None:
    """A prediction of too little spread beats a replicate: why the floor of either side is taken off."""
    rng = np.random.default_rng(3)
    x, y, z = (as_sets(rng.normal(size=(20 * 50, 50)), np.full(20, 50)) for _ in range(3))
    z = z._replace(cells=0.9 * z.cells)
    how = Regularisation(10.0)
    own = {k: transport_within(s, how=how) for k, s in (("x", x), ("y", y), ("z", z))}
    replicate = transport_between(x, y, how=how) - (own["x"] + own["y"]) / 2
    narrow = transport_between(x, z, how=how) - (own["x"] + own["z"]) / 2
    assert replicate.min() > 5
    assert (narrow < replicate).all()


def test_undefined() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(30, 3))
    broken = x.copy()
    broken[4, 1] = np.nan
    assert np.isnan(sinkhorn_divergence(x, broken, Regularisation(1.0)))
    assert np.isnan(sinkhorn_divergence(x, x[:0], Regularisation(1.0)))
    for epsilon in (np.nan, 0.0):
        assert np.isnan(sinkhorn_divergence(x, x, Regularisation(epsilon)))
    slow = Regularisation(1e-3, max_iterations=3)
    assert np.isnan(transport_between(one_set(x), one_set(rng.normal(size=(30, 3))), how=slow)).all()
