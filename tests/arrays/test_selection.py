from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vcassay.arrays.selection import expected_maximum, selection_optimism


def test_the_best_of_many_equals_is_flattered_by_the_mean_of_their_maximum():
    """Closed form: of k equal scores with independent normal draws, the mean maximum of k standard normals."""
    rng = np.random.default_rng(0)
    expected = {1: 0.0, 2: 1.0 / np.sqrt(np.pi), 3: 1.5 / np.sqrt(np.pi)}
    for k, value in expected.items():
        assert selection_optimism(3.0 + 0.1 * rng.normal(size=(k, 200_000))) == pytest.approx(0.1 * value, abs=1e-3)


def test_choosing_flatters_nothing_where_one_is_far_ahead_or_the_order_never_changes():
    rng = np.random.default_rng(1)
    far = np.array([[0.0], [5.0]]) + 0.01 * rng.normal(size=(2, 5_000))
    paired = np.array([[0.0], [0.1]]) + rng.normal(size=(1, 5_000))
    for draws in (far, paired):
        assert selection_optimism(draws) == pytest.approx(0.0, abs=1e-12)


def test_nothing_is_known_without_draws_that_define_all():
    assert np.isnan(selection_optimism(np.array([[np.nan, 1.0], [1.0, np.nan]])))


@given(arrays(float, (3, 20), elements=st.floats(-5, 5)))
def test_choosing_never_harms(draws):
    assert selection_optimism(draws) >= -1e-12


@pytest.mark.parametrize(
    ("k", "value"),
    [
        (1, 0.0),
        (2, 1 / np.sqrt(np.pi)),
        (3, 1.5 / np.sqrt(np.pi)),
        (4, 1.0293753730),
        (10, 1.5387527308),
        (100, 2.50759),
    ],
)
def test_expected_maximum_of_normals(k, value):
    """Closed forms to k = 3; tables of normal order statistics (Harter 1961) above."""
    assert expected_maximum(k) == pytest.approx(value, abs=1e-5)


def test_expected_maximum_grows_and_is_that_of_draws():
    drawn = np.random.default_rng(0).normal(size=(20_000, 50)).max(axis=1)
    assert expected_maximum(50) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(len(drawn)))
    assert np.all(np.diff([expected_maximum(k) for k in (1, 2, 5, 100, 10**4, 10**6)]) > 0)
    with pytest.raises(ValueError, match="largest of 0"):
        expected_maximum(0)
