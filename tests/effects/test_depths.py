"""Parts of the rows: disjoint, of the right depth, and as noisy as that depth makes them."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.shards import HELD_OUT
from vcassay.effects.depths import Depths, depth_levels
from vcassay.effects.measure import ALL


@pytest.mark.parametrize("shards", [ALL, HELD_OUT])
def test_parts_are_disjoint_and_have_their_share_of_rows_and_controls(shards):
    for level in depth_levels(shards):
        for a, b in level.pairs:
            assert not set(a.shards) & set(b.shards)
            assert set(a.shards) | set(b.shards) <= set(shards)
            for part in (a, b):
                assert len(part.shards) == level.depth * len(shards)
                weights = np.array(part.controls)
                assert weights.sum() == pytest.approx(1)
                # noise of the weighted shards: that of depth x 4 of them
                assert 1 / (weights**2).sum() == pytest.approx(4 * level.depth)
            assert not (np.array(a.controls) * np.array(b.controls)).any()


def test_noise_falls_with_the_depth(drawn):
    """Error against the truth: proportional to 1 / depth, as of the whole screen at full depth."""
    rows = np.arange(len(drawn.truth))
    at_full = np.mean([(e.delta - drawn.truth)[e.mask].var() for e in drawn.effects])
    for level in depth_levels(ALL):
        error = []
        for e in drawn.effects:
            for a, b in Depths(e.moments, rows).pairs(level):
                error += [(a - drawn.truth)[e.mask].var(), (b - drawn.truth)[e.mask].var()]
        assert np.mean(error) * level.depth == pytest.approx(at_full, rel=0.1)


def test_errors_of_a_pair_are_independent(drawn):
    rows = np.arange(len(drawn.truth))
    for level in depth_levels(ALL):
        r = [
            np.corrcoef((a - drawn.truth)[e.mask], (b - drawn.truth)[e.mask])[0, 1]
            for e in drawn.effects
            for a, b in Depths(e.moments, rows).pairs(level)
        ]
        assert abs(np.mean(r)) < 0.03


def test_some_conditions_are_measured_as_all_are(drawn):
    e = drawn.effects[0]
    rows = np.array([3, 0, 7])
    part = depth_levels(ALL)[2].pairs[0][0]
    np.testing.assert_array_equal(
        Depths(e.moments, rows).effects(part), Depths(e.moments, np.arange(len(drawn.truth))).effects(part)[rows]
    )
