"""Isotonic regression against scikit-learn, half-maximal doses against a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.isotonic import IsotonicRegression

from vcassay.arrays.isotonic import half_response, isotonic

SERIES = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 8)), elements=st.floats(-5, 5, width=32))


@given(SERIES)
def test_equals_scikit_learn(response: np.ndarray) -> None:
    got = isotonic(response)
    for fit, row in zip(got, response, strict=True):
        want = IsotonicRegression().fit_transform(np.arange(len(row)), row)
        np.testing.assert_allclose(fit, want, atol=1e-9)


@given(SERIES)
def test_never_falls_keeps_the_mean_and_is_its_own_fit(response: np.ndarray) -> None:
    got = isotonic(response)
    assert (np.diff(got, axis=1) >= -1e-9).all()
    np.testing.assert_allclose(got.mean(axis=1), response.mean(axis=1), atol=1e-9)
    np.testing.assert_allclose(isotonic(got), got, atol=1e-9)


def test_a_missing_dose_leaves_the_series_undefined() -> None:
    got = isotonic(np.array([[0.0, np.nan, 1.0], [2.0, 1.0, 3.0]]))
    assert np.isnan(got[0]).all()
    assert got[1] == pytest.approx([1.5, 1.5, 3.0])


@pytest.mark.parametrize(
    ("fit", "want"),
    [
        ([0.0, 1.0, 2.0], 0.0),
        ([0.0, 0.0, 1.0], 0.5),
        ([0.25, 0.75, 1.0], -0.5),
        ([1.0, 1.0, 1.0], -1.0),
        ([0.6, 0.8, 1.0], -1.0),
        ([-1.0, 0.0, 1.0], 0.5),
        ([0.0, 0.0, 0.0], np.nan),
        ([-2.0, -1.0, -0.5], np.nan),
    ],
)
def test_half_of_the_response_lies_on_straight_lines_between_doses(fit: list[float], want: float) -> None:
    got = half_response(np.array([fit]), np.array([[-1.0, 0.0, 1.0]]))
    assert got == pytest.approx([want], nan_ok=True)


def test_half_response_does_not_depend_on_the_size_of_the_response() -> None:
    rng = np.random.default_rng(0)
    fit = isotonic(rng.normal(size=(50, 5)).cumsum(axis=1) + 3)
    dose = np.tile(np.arange(5.0), (50, 1))
    np.testing.assert_allclose(half_response(7 * fit, dose), half_response(fit, dose))
