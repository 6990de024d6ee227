"""A set's score among matched random sets, against drawn sets and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.bands import even_bands
from vcassay.arrays.matched_sets import draw_matched, draw_sets, matched_bins, matched_scores


def signed_set(rng, g, k):
    weights = np.zeros(g)
    weights[rng.choice(g, k, replace=False)] = rng.choice([-1.0, 1.0], k)
    return weights


def test_bins_hold_genes_that_are_alike_in_both_properties():
    rng = np.random.default_rng(1)
    properties = rng.standard_normal((2, 500))
    use = rng.random(500) < 0.9
    bins = matched_bins(properties, use)
    assert (bins[~use] == -1).all()
    size = np.bincount(bins[use])
    assert len(size) == 16  # 450 genes: four bands of each property
    assert size.max() - size.min() <= 3
    order = [properties[0, bins == b].mean() for b in range(16)]
    assert np.ptp(order) > 1.5
    for b in range(16):
        assert np.ptp(properties[0, bins == b]) < np.ptp(properties[0])


def test_few_genes_are_one_bin_and_none_are_no_bin():
    assert (matched_bins(np.arange(20.0).reshape(2, 10), np.ones(10, dtype=bool)) == 0).all()
    assert (matched_bins(np.zeros((2, 4)), np.zeros(4, dtype=bool)) == -1).all()


def test_mean_and_deviation_are_those_of_all_drawn_sets():
    rng = np.random.default_rng(2)
    values = rng.standard_normal((3, 90)) * np.linspace(0.5, 2, 90)
    bins = np.repeat([0, 1, 2], 30)
    bins[:4] = -1
    weights = signed_set(rng, 90, 12)
    weights[:4] = 0
    drawn = values @ draw_matched(weights, bins, 40_000, rng)
    expected = (values @ weights - drawn.mean(axis=1)) / drawn.std(axis=1)
    assert matched_scores(values, weights[:, None], bins)[:, 0] == pytest.approx(expected, abs=0.03)


def test_the_rank_among_drawn_sets_is_the_normal_one():
    rng = np.random.default_rng(3)
    values = rng.standard_normal((1, 400))
    bins = np.repeat(np.arange(8), 50)
    for _ in range(5):
        weights = np.abs(signed_set(rng, 400, 10))
        drawn = values @ draw_matched(weights, bins, 20_000, rng)
        share = float((drawn < values @ weights).mean())
        assert stats.norm.cdf(matched_scores(values, weights[:, None], bins)[0, 0]) == pytest.approx(share, abs=0.03)


def test_one_bin_without_replacement_in_closed_form():
    values = np.array([[3.0, 1.0, 0.0, -1.0, 2.0]])
    weights = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    # two of five: mean 2 * 1, variance 2 * s^2 * (5 - 2) / (5 - 1) with population variance s^2 = 2
    z = matched_scores(values, weights[:, None], np.zeros(5, dtype=np.int64))
    assert z[0, 0] == pytest.approx((4.0 - 2.0) / np.sqrt(2 * 2 * 3 / 4))


def test_undefined_where_all_matched_sets_are_equal():
    bins = np.zeros(6, dtype=np.int64)
    weights = np.array([[1.0, 0, 0, 0, 0, 0], [1.0] * 6]).T
    z = matched_scores(np.array([[1.0, 1, 1, 1, 1, 1], [1.0, 2, 3, 4, 5, np.nan]]), weights, bins)
    assert np.isnan(z).all()
    whole = matched_scores(np.arange(6.0)[None], weights, bins)
    assert np.isfinite(whole[0, 0])
    assert np.isnan(whole[0, 1])


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-5, 5))
def test_scale_shift_and_the_order_of_genes_do_not_count(seed, scale, shift):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((2, 60))
    bins = rng.integers(0, 3, 60)
    weights = signed_set(rng, 60, 8)[:, None]
    z = matched_scores(values, weights, bins)
    assert matched_scores(scale * values + shift, weights, bins) == pytest.approx(z, abs=1e-8)
    assert matched_scores(-values, weights, bins) == pytest.approx(-z, abs=1e-9)
    order = rng.permutation(60)
    assert matched_scores(values[:, order], weights[order], bins[order]) == pytest.approx(z, abs=1e-9)


def test_drawn_sets_keep_their_weights_in_every_bin():
    rng = np.random.default_rng(4)
    bins = np.repeat([0, 1, 2, -1], 10)
    weights = signed_set(rng, 40, 9)
    weights[30:] = 0
    drawn = draw_matched(weights, bins, 50, rng)
    for b in range(3):
        at = bins == b
        assert (np.sort(drawn[at], axis=0) == np.sort(weights[at])[:, None]).all()
    assert not drawn[30:].any()
    assert len(np.unique(drawn, axis=1).T) > 25


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(1, 10))
def test_sets_are_free_of_members_and_match_in_level_where_they_can(seed, g, k):
    rng = np.random.default_rng(seed)
    bins = even_bands(rng.standard_normal(g), 4)
    members, allowed = rng.choice(g, min(k, g), replace=False), rng.random(g) < 0.8
    found = draw_sets(members, allowed, bins, 20, rng)
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
    found = draw_sets(np.array([0]), np.ones(6, dtype=bool), np.zeros(6, dtype=int), 5000, np.random.default_rng(0))
    share = np.bincount(found[:, 0], minlength=6) / 5000
    np.testing.assert_allclose(share, [0, 0.2, 0.2, 0.2, 0.2, 0.2], atol=0.02)
