"""Rows of length 1."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.unit_rows import unit_rows


def test_rounding_has_no_direction() -> None:
    whole = np.array([[3.0, 4.0], [3.0, 4.0], [0.0, 0.0]])
    found = unit_rows(np.array([[3.0, 4.0], [1e-9, 0.0], [0.0, 0.0]]), whole)
    assert np.allclose(found, [[0.6, 0.8], [0.0, 0.0], [0.0, 0.0]])


def test_rows_have_length_one_and_those_without_values_none():
    found = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0], [np.nan, 1.0]]))
    assert np.allclose(found[:2], [[0.6, 0.8], [0.0, 0.0]])
    assert np.isnan(found[2, 0])
