"""Bands of items of like size."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.bands import bands_by_kind, even_bands


def test_even_bands_keep_ties_together():
    assert even_bands(np.array([3.0, 1.0, 2.0, 4.0]), 2).tolist() == [1, 0, 0, 1]
    assert len(set(even_bands(np.ones(9), 3).tolist())) == 1
    assert even_bands(np.array([np.nan, 1.0, 2.0]), 2).tolist() == [2, 0, 1]
    assert even_bands(np.full(3, np.nan), 2).tolist() == [2, 2, 2]


def test_even_bands_hold_equal_counts():
    values = np.random.default_rng(1).random(100)
    np.testing.assert_array_equal(np.bincount(even_bands(values, 10)), np.full(10, 10))


def test_bands_hold_items_of_one_kind_and_similar_size():
    size, kind = np.arange(24.0)[::-1].copy(), np.repeat([0, 1], 12)
    band = bands_by_kind(size, kind, least=5, most=3)
    assert np.unique(band, return_counts=True)[1].tolist() == [6, 6, 6, 6]
    for own in range(4):
        at = np.flatnonzero(band == own)
        assert len(set(kind[at].tolist())) == 1
        assert np.ptp(size[at]) == 5.0


@pytest.mark.parametrize(("n", "bands"), [(0, 0), (4, 1), (9, 1), (10, 2), (40, 3)])
def test_bands_are_no_smaller_than_asked(n, bands):
    band = bands_by_kind(np.arange(float(n)), np.zeros(n, dtype=np.int64), least=5, most=3)
    assert len(np.unique(band)) == bands
