"""Dose trends against scipy and plain loops."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from vcassay.arrays.trend import kendall_to_dose, violation

SERIES = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 7)),
    elements=st.one_of(st.integers(-3, 3).map(float), st.just(float("nan"))),
)


@given(SERIES)
def test_kendall_equals_the_count_of_pairs(response: np.ndarray) -> None:
    for got, row in zip(kendall_to_dose(response), response, strict=True):
        pairs = list(combinations(row[np.isfinite(row)].tolist(), 2))
        want = sum((b > a) - (b < a) for a, b in pairs) / len(pairs) if pairs else np.nan
        assert got == pytest.approx(want, nan_ok=True)


def test_kendall_without_ties_equals_scipy() -> None:
    response = np.random.default_rng(0).normal(size=(30, 8))
    want = [stats.kendalltau(np.arange(8), row)[0] for row in response]
    np.testing.assert_allclose(kendall_to_dose(response), want)


@given(SERIES)
def test_kendall_reversed_and_rescaled(response: np.ndarray) -> None:
    tau = kendall_to_dose(response)
    np.testing.assert_allclose(kendall_to_dose(response[:, ::-1]), -tau)
    np.testing.assert_allclose(kendall_to_dose(np.exp(response) * 5 - 2), tau)


@given(SERIES)
def test_violation_equals_the_sum_of_falls(response: np.ndarray) -> None:
    for got, row in zip(violation(response), response, strict=True):
        s = [x for x in row.tolist() if x == x]
        want = float("nan")
        if s and max(s) > min(s):
            want = sum(max(0.0, a - b) for a, b in pairwise(s)) / (max(s) - min(s))
        assert got == pytest.approx(want, nan_ok=True)


def test_known_series() -> None:
    nan = np.nan
    response = np.array([[1, 2, 3, 4], [4, 3, 2, 1], [1, 3, 2, 4], [0, 0, 0, 0], [nan, 1, nan, 2], [nan, nan, 5, nan]])
    np.testing.assert_allclose(kendall_to_dose(response), [1, -1, 4 / 6, 0, 1, nan])
    np.testing.assert_allclose(violation(response), [0, 1, 1 / 3, nan, 0, nan])
