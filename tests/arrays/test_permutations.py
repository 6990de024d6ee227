"""Permutations within strata."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.permutations import within_strata


def test_items_stay_in_their_stratum_and_all_orders_occur():
    stratum = np.array([0, 1, 0, 2, 1, 0])
    made = within_strata(stratum, 600, np.random.default_rng(0))
    assert made.shape == (601, 6)
    np.testing.assert_array_equal(made[0], np.arange(6))
    assert (stratum[made] == stratum).all()
    assert (np.sort(made, axis=1) == np.arange(6)).all()
    counts = np.unique(made[1:, [0, 2, 5]], axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert counts.min() > 60
