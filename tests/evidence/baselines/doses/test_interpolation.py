"""Interpolation along one axis: lines, ends, ratios."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.evidence.baselines.doses.interpolation import Ratios, along, best_share


def no_ratio(first, second):
    return None


@given(
    st.lists(st.integers(-20, 20), min_size=2, max_size=8, unique=True),
    st.floats(0.0, 1.0),
    st.floats(-3, 3),
    st.floats(-3, 3),
)
def test_a_line_is_returned_between_its_points(points, share, slope, level):
    x = np.sort(np.array(points, dtype=float))
    at = float(x[0] + share * (x[-1] - x[0]))
    weights, inside, lost = along(x, at, no_ratio)
    assert inside
    assert not lost
    np.testing.assert_allclose(weights.sum(), 1.0)
    np.testing.assert_allclose(weights @ (level + slope * x), level + slope * at, atol=1e-9)
    assert (weights > 0).sum() <= 2


def test_it_is_numpys_piecewise_linear_interpolation():
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.normal(size=7)), rng.normal(size=7)
    for at in np.linspace(x[0], x[-1], 23):
        np.testing.assert_allclose(along(x, float(at), no_ratio)[0] @ y, np.interp(at, x, y), atol=1e-12)


@pytest.mark.parametrize(("at", "end"), [(-1.0, 0), (5.0, 2)])
def test_beyond_the_points_the_end_is_scaled(at, end):
    asked = []

    def ratio(first, second):
        asked.append((first, second))
        return 2.5

    x = np.array([0.0, 1.0, 2.0])
    weights, inside, lost = along(x, at, ratio)
    assert weights.tolist() == [2.5 * (i == end) for i in range(3)]
    assert (inside, lost, asked) == (False, False, [(x[end], at)])
    weights, inside, lost = along(x, at, no_ratio)
    assert (weights[end], inside, lost) == (1.0, False, True)


def test_ratios_are_medians_over_other_owners():
    owner = ["a", "a", "b", "b", "c", "c", "d"]
    series = [1, 1, 2, 2, 3, 3, 4]
    points = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    size = np.array([1.0, 2.0, 1.0, 5.0, 2.0, 6.0, 9.0])
    ratios = Ratios(owner, series, points, size)
    assert ratios.of("z")(0.0, 1.0) == 3.0
    assert ratios.of("a")(0.0, 1.0) == 4.0  # its own 2 does not count
    assert ratios.of("z")(1.0, 0.0) == pytest.approx(1 / 3)
    assert ratios.of("z")(0.0, 2.0) is None


def test_the_best_share_is_least_squares_within_its_bounds():
    rng = np.random.default_rng(1)
    towards = rng.normal(size=(30, 4))
    for share, expected in ((0.3, 0.3), (1.7, 1.0), (-0.4, 0.0)):
        assert best_share(share * towards, towards) == pytest.approx(expected)
    assert best_share(towards, np.zeros_like(towards)) == 1.0
