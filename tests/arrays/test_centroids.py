from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.centroids import balanced_accuracy, nearest_centroid


def slowly(left, right, label, group):
    """One unit and label at a time."""
    out = []
    for i in range(len(left)):
        distance = []
        for k in range(label.max() + 1):
            at = (label == k) & (group != group[i])
            if at.any():
                c_left, c_right = left[at].mean(axis=0), right[at].mean(axis=0)
                distance.append((c_left @ c_right - 2 * left[i] @ c_right, k))
        out.append(min(distance)[1] if len(distance) > 1 else -1)
    return np.array(out)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(4, 20), st.integers(2, 4), st.integers(2, 8))
def test_as_one_unit_at_a_time(seed, n, k, groups):
    rng = np.random.default_rng(seed)
    left, right = rng.standard_normal((2, n, 5))
    label, group = np.unique(rng.integers(k, size=n), return_inverse=True)[1], rng.integers(groups, size=n)
    labels = np.stack([label, rng.permutation(label)])
    found = nearest_centroid(left @ right.T, labels, group)
    for own, row in zip(found, labels, strict=True):
        np.testing.assert_array_equal(own, slowly(left, right, row, group))


def test_separate_labels_are_found_and_balanced():
    x = np.repeat(np.eye(3), (5, 3, 2), axis=0)
    label = np.repeat(np.arange(3), (5, 3, 2))
    found = nearest_centroid(x @ x.T, label[None], np.arange(10))
    assert balanced_accuracy(found, label[None]) == [1.0]
    assert balanced_accuracy(np.zeros((1, 10), dtype=int), label[None]) == pytest.approx([1 / 3])


def test_one_label_alone_cannot_be_found():
    label = np.zeros((1, 4), dtype=int)
    found = nearest_centroid(np.eye(4), label, np.arange(4))
    assert (found == -1).all()
    assert np.isnan(balanced_accuracy(found, label)).all()


def test_labels_of_units_that_take_no_part_do_not_count():
    assert balanced_accuracy(np.array([[0, -1, 1]]), np.array([[0, 2, 0]])) == pytest.approx([0.5])
