"""Ranks over shared draws against plain counting and scipy."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from vcassay.arrays.ranking import kendall_tau_b, mid_ranks, probability_better, rank_interval, rank_probabilities

TIED = arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 7)), elements=st.integers(0, 3).map(float))


def slow_probabilities(draws: np.ndarray) -> np.ndarray:
    """Mean over all orders of the answers that sort each draw: ties in every possible order."""
    b, a = draws.shape
    out = np.zeros((a, a))
    for row in draws:
        orders = [p for p in permutations(range(a)) if all(row[x] >= row[y] for x, y in pairwise(p))]
        for order in orders:
            for rank, i in enumerate(order):
                out[i, rank] += 1.0 / len(orders) / b
    return out


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 3).map(float)))
def test_probabilities_are_those_of_every_order_of_ties(draws: np.ndarray) -> None:
    np.testing.assert_allclose(rank_probabilities(draws), slow_probabilities(draws), atol=1e-12)


@given(TIED)
def test_every_answer_has_a_rank_and_every_rank_an_answer(draws: np.ndarray) -> None:
    chances = rank_probabilities(draws)
    np.testing.assert_allclose(chances.sum(axis=0), 1.0)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)


@given(TIED, st.randoms())
def test_the_order_of_answers_does_not_matter(draws: np.ndarray, random) -> None:
    order = list(range(draws.shape[1]))
    random.shuffle(order)
    np.testing.assert_allclose(rank_probabilities(draws[:, order]), rank_probabilities(draws)[order], atol=1e-15)
    better = probability_better(draws)
    np.testing.assert_array_equal(probability_better(draws[:, order]), better[order][:, order])


def test_two_normal_answers_have_the_closed_form() -> None:
    """P(first above second) of two normal scores is Phi(d / sqrt(2)) if independent, and 1 or 0 if shifted together."""
    rng = np.random.default_rng(0)
    free = rng.normal(size=(40_000, 2)) + np.array([0.5, 0.0])
    expected = stats.norm.cdf(0.5 / np.sqrt(2))
    assert rank_probabilities(free)[0, 0] == pytest.approx(expected, abs=0.01)
    assert probability_better(free)[0, 1] == pytest.approx(expected, abs=0.01)
    shared = rng.normal(size=(1000, 1)) + np.array([[0.01, 0.0]])
    np.testing.assert_array_equal(rank_probabilities(shared), np.eye(2))


@given(TIED)
def test_better_and_worse_sum_to_one(draws: np.ndarray) -> None:
    better = probability_better(draws)
    np.testing.assert_allclose(better + better.T, 1.0)
    np.testing.assert_allclose(np.diag(better), 0.5)


def test_equal_answers_share_the_first_rank() -> None:
    chances = rank_probabilities(np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 5.0]]))
    np.testing.assert_allclose(chances, [[0.25, 0.5, 0.25], [0.25, 0.5, 0.25], [0.5, 0.0, 0.5]])


@given(arrays(np.float64, st.integers(1, 9), elements=st.integers(0, 3).map(float)))
def test_mid_ranks_are_scipys(values: np.ndarray) -> None:
    np.testing.assert_array_equal(mid_ranks(values), stats.rankdata(-values))


def test_rank_interval_holds_95_percent() -> None:
    chances = np.array([[0.97, 0.03, 0.0], [0.02, 0.9, 0.08], [0.01, 0.07, 0.92]])
    low, high = rank_interval(chances)
    np.testing.assert_array_equal(low, [1, 2, 2])
    np.testing.assert_array_equal(high, [2, 3, 3])
    sure_low, sure_high = rank_interval(np.eye(3))
    np.testing.assert_array_equal(sure_low, [1, 2, 3])
    np.testing.assert_array_equal(sure_high, [1, 2, 3])


@given(arrays(np.float64, st.tuples(st.just(3), st.integers(2, 9)), elements=st.integers(0, 4).map(float)))
def test_tau_b_is_scipys(values: np.ndarray) -> None:
    tau = kendall_tau_b(values)
    for i in range(3):
        for j in range(3):
            expected = stats.kendalltau(values[i], values[j]).statistic
            assert tau[i, j] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_tau_b_takes_the_answers_that_both_metrics_score() -> None:
    values = np.array([[1.0, 2.0, 3.0, np.nan], [3.0, np.nan, 1.0, 9.0], [np.nan, np.nan, np.nan, 1.0]])
    tau = kendall_tau_b(values)
    assert tau[0, 1] == -1.0
    assert np.isnan(tau[2]).all()


def test_no_draws_are_no_probabilities() -> None:
    assert np.isnan(rank_probabilities(np.empty((0, 3)))).all()
    assert np.isnan(probability_better(np.empty((0, 3)))).all()
