"""Agreement across contexts, against a correlation of centred blocks."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.across import across_contexts


def blocks(seed, g=30, sizes=(3, 5, 2, 4)):
    rng = np.random.default_rng(seed)
    treatment = np.repeat(np.arange(len(sizes)), sizes)
    order = rng.permutation(len(treatment))
    truth = rng.normal(size=(len(treatment), g))
    pred = truth + 2 * rng.normal(size=truth.shape)
    return truth, pred, rng.random(truth.shape) < 0.9, treatment[order]


def test_the_mean_over_a_treatment_is_its_correlation():
    truth, pred, mask, treatment = blocks(0)
    found = across_contexts(truth, pred, mask, treatment, 3, 1e-6)
    for k in range(4):
        at = np.flatnonzero(treatment == k)
        if len(at) < 3:
            assert np.isnan(found[at]).all()
            continue
        genes = mask[at].all(axis=0)
        u, v = (x[np.ix_(at, genes)] - x[np.ix_(at, genes)].mean(axis=0) for x in (truth, pred))
        np.testing.assert_allclose(found[at].mean(), np.corrcoef(u.ravel(), v.ravel())[0, 1], atol=1e-12)


def test_what_is_the_same_in_all_contexts_scores_nothing():
    truth, pred, mask, treatment = blocks(1)
    conserved = np.random.default_rng(2).normal(size=(4, 30))[treatment]
    shifted = across_contexts(truth + 3 * conserved, pred - conserved, mask, treatment, 3, 1e-6)
    np.testing.assert_allclose(shifted, across_contexts(truth, pred, mask, treatment, 3, 1e-6), atol=1e-10)
    single = conserved.astype(np.float32) * (1 + 1e-7 * np.arange(len(truth)))[:, None]
    assert np.isnan(across_contexts(truth, single, mask, treatment, 3, 1e-6)).all()
    assert np.isnan(across_contexts(conserved, pred, mask, treatment, 3, 1e-6)).all()


def test_conditions_without_truth_are_no_contexts():
    truth, pred, mask, treatment = blocks(3, sizes=(3, 4))
    three = np.flatnonzero(treatment == 0)
    truth[three[0]] = np.nan
    found = across_contexts(truth, pred, mask, treatment, 3, 1e-6)
    assert np.isnan(found[three]).all()
    assert np.isfinite(found[treatment == 1]).all()


def test_perfect_and_unrelated():
    truth, _, mask, treatment = blocks(4, g=500, sizes=(4,) * 30)
    perfect = across_contexts(truth, 2 * truth, mask, treatment, 3, 1e-6)
    np.testing.assert_allclose([perfect[treatment == k].mean() for k in range(30)], 1.0)
    noise = np.random.default_rng(5).normal(size=truth.shape)
    assert abs(across_contexts(truth, noise, mask, treatment, 3, 1e-6).mean()) < 0.02
