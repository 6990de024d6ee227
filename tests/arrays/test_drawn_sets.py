from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.drawn_sets import level_bins, matched_sets


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(1, 10))
def test_sets_are_free_of_members_and_match_in_level_where_they_can(seed, g, k):
    rng = np.random.default_rng(seed)
    bins = level_bins(rng.standard_normal(g), 4)
    members, allowed = rng.choice(g, min(k, g), replace=False), rng.random(g) < 0.8
    found = matched_sets(members, allowed, bins, 20, rng)
    free = allowed.copy()
    free[members] = False
    assert found.shape == (20, min(len(members), free.sum()))
    assert free[found].all()
    for row in found:
        assert len(set(row.tolist())) == len(row)
    want = np.bincount(bins[members], minlength=4)
    have = np.bincount(bins[free], minlength=4)
    if (have >= want).all():
        for row in found:
            np.testing.assert_array_equal(np.bincount(bins[row], minlength=4), want)


def test_every_free_gene_of_a_bin_is_drawn_equally_often():
    found = matched_sets(np.array([0]), np.ones(6, dtype=bool), np.zeros(6, dtype=int), 5000, np.random.default_rng(0))
    share = np.bincount(found[:, 0], minlength=6) / 5000
    np.testing.assert_allclose(share, [0, 0.2, 0.2, 0.2, 0.2, 0.2], atol=0.02)


def test_bins_hold_equal_counts_and_ties_stay_together():
    np.testing.assert_array_equal(np.bincount(level_bins(np.random.default_rng(1).random(100))), np.full(10, 10))
    assert (level_bins(np.ones(7)) == 0).all()
