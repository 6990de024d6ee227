"""The largest values of each row, with ties and masks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vcassay.arrays.largest import largest


@given(
    arrays(np.float64, (3, 9), elements=st.integers(-3, 3).map(float)),
    arrays(np.bool_, (3, 9)),
    st.integers(1, 5),
)
def test_it_marks_what_a_sort_marks(values, mask, k):
    found = largest(values, mask, k)
    for row, inside, marked in zip(values, mask, found, strict=True):
        ranked = np.sort(row[inside])[::-1]
        expected = inside & (row >= ranked[k - 1]) if len(ranked) >= k else np.zeros(9, dtype=bool)
        np.testing.assert_array_equal(marked, expected)


def test_a_missing_value_inside_leaves_the_row_out():
    values = np.array([[1.0, np.nan, 3.0], [1.0, np.nan, 3.0]])
    mask = np.array([[True, True, True], [True, False, True]])
    np.testing.assert_array_equal(largest(values, mask, 1), [[False] * 3, [False, False, True]])
