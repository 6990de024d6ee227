"""Permutations within strata."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.permutations import permute_within


def test_items_stay_in_their_stratum_and_all_orders_occur():
    stratum = np.array([0, 1, 0, 2, 1, 0])
    made = permute_within(stratum, 600, np.random.default_rng(0))
    assert made.shape == (600, 6)
    assert (stratum[made] == stratum).all()
    assert (np.sort(made, axis=1) == np.arange(6)).all()
    counts = np.unique(made[:, [0, 2, 5]], axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert counts.min() > 60


def test_the_identity_comes_first_and_changes_no_other():
    stratum = np.array([0, 1, 0, 2, 1, 0])
    drawn = permute_within(stratum, 20, np.random.default_rng(0))
    made = permute_within(stratum, 20, np.random.default_rng(0), identity=True)
    np.testing.assert_array_equal(made, np.concatenate([np.arange(6)[None], drawn]))


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_to_permute_stays(n):
    assert permute_within(np.zeros(n, dtype=int), 3, np.random.default_rng(0)).tolist() == [[0] * n] * 3
