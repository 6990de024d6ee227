"""Agreement across contexts, against a correlation of centred blocks."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.across import across_contexts, interactions


def blocks(seed, g=30, sizes=(3, 5, 2, 4)):
    rng = np.random.default_rng(seed)
    treatment = np.repeat(np.arange(len(sizes)), sizes)
    order = rng.permutation(len(treatment))
    truth = rng.normal(size=(len(treatment), g))
    pred = truth + 2 * rng.normal(size=truth.shape)
    return truth, pred, rng.random(truth.shape) < 0.9, treatment[order]


def test_the_ratio_of_sums_over_a_treatment_is_its_correlation():
    truth, pred, mask, treatment = blocks(0)
    found = across_contexts(truth, pred, mask, treatment, 3, 1e-6)
    for k in range(4):
        at = np.flatnonzero(treatment == k)
        if len(at) < 3:
            assert np.isnan(found.numerator[at]).all()
            continue
        genes = mask[at].all(axis=0)
        u, v = (x[np.ix_(at, genes)] - x[np.ix_(at, genes)].mean(axis=0) for x in (truth, pred))
        np.testing.assert_allclose(found.numerator[at].sum(), np.corrcoef(u.ravel(), v.ravel())[0, 1], atol=1e-12)
        np.testing.assert_allclose(found.denominator[at].sum(), 1.0)
        np.testing.assert_allclose(
            found.denominator[at], ((u**2).sum(axis=1) / (u**2).sum() + (v**2).sum(axis=1) / (v**2).sum()) / 2
        )


def test_what_is_the_same_in_all_contexts_scores_nothing():
    truth, pred, mask, treatment = blocks(1)
    conserved = np.random.default_rng(2).normal(size=(4, 30))[treatment]
    shifted = across_contexts(truth + 3 * conserved, pred - conserved, mask, treatment, 3, 1e-6)
    np.testing.assert_allclose(shifted, across_contexts(truth, pred, mask, treatment, 3, 1e-6), atol=1e-10)
    single = conserved.astype(np.float32) * (1 + 1e-7 * np.arange(len(truth)))[:, None]
    known = np.isfinite(shifted.numerator)
    same = across_contexts(truth, single, mask, treatment, 3, 1e-6)
    np.testing.assert_array_equal(same.numerator[known], 0.0)
    for k in (0, 1, 3):
        np.testing.assert_allclose(same.denominator[treatment == k].sum(), 1.0)
    assert np.isnan(across_contexts(conserved, pred, mask, treatment, 3, 1e-6).denominator).all()


def test_conditions_without_truth_are_no_contexts():
    truth, pred, mask, treatment = blocks(3, sizes=(3, 4))
    three = np.flatnonzero(treatment == 0)
    truth[three[0]] = np.nan
    found = across_contexts(truth, pred, mask, treatment, 3, 1e-6)
    assert np.isnan(found.numerator[three]).all()
    assert np.isfinite(found.denominator[treatment == 1]).all()


def test_perfect_and_unrelated():
    truth, _, mask, treatment = blocks(4, g=500, sizes=(4,) * 30)
    perfect = across_contexts(truth, 2 * truth, mask, treatment, 3, 1e-6)
    np.testing.assert_allclose(perfect.numerator, perfect.denominator)
    noise = np.random.default_rng(5).normal(size=truth.shape)
    unrelated = across_contexts(truth, noise, mask, treatment, 3, 1e-6)
    assert abs(unrelated.numerator.sum() / unrelated.denominator.sum()) < 0.02


def test_interactions_are_residuals_of_contexts_and_treatments():
    rng = np.random.default_rng(6)
    have = rng.random((4, 8)) < 0.8
    c, t = np.nonzero(have)
    y = rng.normal(size=(len(c), 5))
    x = np.concatenate([c[:, None] == np.arange(4), t[:, None] == np.arange(8)], axis=1).astype(float)
    expected = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    np.testing.assert_allclose(interactions(y, np.ones(5, bool), 10 - c, 3 * t), expected, atol=1e-12)


def test_additive_effects_in_single_precision_have_no_interaction():
    rng = np.random.default_rng(7)
    c, t = np.divmod(np.arange(30), 10)
    y = (rng.normal(size=(3, 20))[c] + rng.normal(size=(10, 20))[t]).astype(np.float32).astype(float)
    np.testing.assert_array_equal(interactions(y, np.ones(y.shape, bool), c, t), 0.0)


def test_what_is_masked_or_missing_changes_no_interaction():
    rng = np.random.default_rng(8)
    c, t = np.divmod(np.arange(30), 10)
    y, mask = rng.normal(size=(30, 20)), rng.random((30, 20)) < 0.9
    spiked = np.where(mask, y, 100.0)
    spiked[~mask.all(axis=1), np.argmin(mask, axis=1)[~mask.all(axis=1)]] = np.nan
    np.testing.assert_array_equal(interactions(spiked, mask, c, t), interactions(y, mask, c, t))
    y[4, np.flatnonzero(mask[4])[0]] = np.nan
    found = interactions(y, mask, c, t)
    assert np.flatnonzero(np.isnan(found).any(axis=1)).tolist() == [4]
    rest = np.delete(np.arange(30), 4)
    np.testing.assert_array_equal(found[rest], interactions(y[rest], mask[rest], c[rest], t[rest]))
    assert np.isnan(interactions(np.full((2, 3), np.nan), np.ones(3, bool), c[:2], t[:2])).all()
