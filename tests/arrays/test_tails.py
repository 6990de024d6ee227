from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.tails import in_tails, pair_percentiles


def symmetric(n, seed=0):
    value = np.random.default_rng(seed).standard_normal((n, n))
    out = np.triu(value, 1) + np.triu(value, 1).T
    np.fill_diagonal(out, np.nan)
    return out


def test_places_are_those_of_percentiles_of_all_pairs():
    like = symmetric(21)
    place = pair_percentiles(like)
    upper = np.triu_indices(21, 1)
    np.testing.assert_array_equal(place, place.T)
    assert np.isnan(np.diag(place)).all()
    assert in_tails(place, 0.1)[upper].mean() == pytest.approx(0.1, abs=0.01)
    low, high = np.quantile(like[upper], [0.05, 0.95])
    expected = (like[upper] <= low) | (like[upper] >= high)
    np.testing.assert_array_equal(in_tails(place, 0.1)[upper].astype(bool), expected)


def test_one_side_takes_the_whole_share():
    like = symmetric(30)
    upper, place = np.triu_indices(30, 1), pair_percentiles(like)
    top, bottom = in_tails(place, 0.1, 1)[upper].astype(bool), in_tails(place, 0.1, -1)[upper].astype(bool)
    assert top.mean() == pytest.approx(0.1, abs=0.005)
    assert like[upper][top].min() > like[upper][~top].max()
    assert like[upper][bottom].max() < like[upper][~bottom].min()


def test_ties_are_in_no_tail_and_unknown_pairs_take_no_part():
    flat = np.ones((10, 10))
    assert not in_tails(pair_percentiles(flat), 0.1).any()
    like = symmetric(12)
    like[3] = like[:, 3] = np.nan
    rest = np.delete(np.delete(like, 3, 0), 3, 1)
    place = pair_percentiles(like)
    np.testing.assert_array_equal(np.delete(np.delete(place, 3, 0), 3, 1), pair_percentiles(rest))
    assert np.isnan(place[3]).all()
    assert not in_tails(place, 0.5)[3].any()
    assert np.isnan(pair_percentiles(np.full((3, 3), np.nan))).all()
