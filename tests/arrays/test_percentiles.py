import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vcassay.arrays.percentiles import matched_percentiles, percentiles

MATRIX = arrays(float, st.tuples(st.integers(1, 4), st.integers(2, 9)), elements=st.integers(-5, 5).map(float))


def by_hand(row, i, others):
    return np.mean([1.0 if row[j] < row[i] else 0.5 if row[j] == row[i] else 0.0 for j in others])


@given(MATRIX)
def test_a_percentile_is_the_share_of_the_others_below(values):
    found = percentiles(values)
    for r, row in enumerate(values):
        for i in range(len(row)):
            assert found[r, i] == pytest.approx(by_hand(row, i, [j for j in range(len(row)) if j != i]))
    assert found.mean(axis=1) == pytest.approx(0.5)


@given(MATRIX)
def test_enough_neighbours_of_like_size_are_all_the_others(values):
    size = np.arange(values.shape[1])[::-1].astype(float)
    assert matched_percentiles(values, size, 100) == pytest.approx(percentiles(values))


def test_only_columns_of_like_size_are_compared():
    rng = np.random.default_rng(0)
    values, size = rng.standard_normal((3, 12)), rng.permutation(12).astype(float)
    found = matched_percentiles(values, size, 4)
    for i in range(12):
        first = int(np.clip(size[i] - 2, 0, 7))
        near = [j for j in range(12) if first <= size[j] <= first + 4 and j != i]
        assert len(near) == 4
        assert found[:, i] == pytest.approx([by_hand(row, i, near) for row in values])


def test_the_order_of_columns_does_not_matter():
    rng = np.random.default_rng(1)
    values, size, order = rng.standard_normal((5, 20)), rng.random(20), rng.permutation(20)
    assert matched_percentiles(values[:, order], size[order], 6) == pytest.approx(
        matched_percentiles(values, size, 6)[:, order]
    )


def test_a_single_column_has_no_place():
    assert np.isnan(percentiles(np.ones((2, 1)))).all()
    assert np.isnan(matched_percentiles(np.ones((2, 1)), np.ones(1), 5)).all()
