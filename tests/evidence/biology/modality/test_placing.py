import numpy as np
import pytest

from vcassay.evidence.biology.modality.placing import Side, averaged, centred, same_signs


def test_rows_of_an_item_in_a_context_are_averaged():
    rng = np.random.default_rng(0)
    values, item, context = rng.standard_normal((30, 4)), rng.integers(3, size=30), rng.integers(2, size=30)
    found = averaged(values, item, context)
    assert len(found.values) == len(set(zip(item, context, strict=True)))
    for row, i, c in zip(*found, strict=True):
        assert row == pytest.approx(values[(item == i) & (context == c)].mean(axis=0))


def test_means_are_taken_off_where_there_are_enough_items():
    values = np.arange(14.0).reshape(7, 2)
    found = centred(Side(values, np.array([0, 1, 2, 3, 4, 0, 1]), np.array([0] * 5 + [3] * 2)))
    assert found[:5] == pytest.approx(values[:5] - values[:5].mean(axis=0))
    assert found[5:] == pytest.approx(values[5:])


def test_concordance_counts_signs_of_the_largest_alone():
    left = np.array([[3.0, -2.0, 0.1, 0.0], [0.0, 0.0, 0.0, 0.0]])
    right = np.array([[1.0, -1.0, -9.0, 5.0], [-1.0, 4.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]])
    assert same_signs(left, right, 2) == pytest.approx(np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]]))


def test_undefined_rows_are_left_out_and_single_gaps_are_nothing():
    values = np.array([[1.0, 2.0, 3.0], [np.nan, np.nan, 0.0], [3.0, np.nan, 5.0], [np.nan, np.nan, np.nan]])
    found = averaged(values, np.array([0, 0, 0, 1]), np.zeros(4, dtype=np.int64))
    assert found.item.tolist() == [0]
    assert found.values == pytest.approx(np.array([[2.0, 1.0, 4.0]]))
