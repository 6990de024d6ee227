"""vcc2026's metrics against plain implementations and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from tests.evidence.metrics.profiles.builders import counts, example, pair_of, scored

from vcassay.arrays.jackknife import profile_spread
from vcassay.core import InputError
from vcassay.evidence.metrics.profiles import CONTROL, Cells, Pair
from vcassay.evidence.metrics.profiles.pair import group_means, group_sums
from vcassay.evidence.metrics.profiles.vcc2026 import check_counts
from vcassay.evidence.metrics.profiles.vcc2026_metrics import (
    credit,
    direction_fidelity_yield_raw,
    direction_reach_raw,
    lfc_nmae,
    pds_cosine,
    sig_jaccard,
)


def test_jackknife_of_a_profile():
    rng = np.random.default_rng(0)
    x, code = rng.poisson(3, (23, 6)), np.r_[np.zeros(12, int), np.ones(10, int), [2]]
    sums = np.array([x[code == p].sum(axis=0) for p in range(3)], dtype=float)
    for matrix in (x, sp.csr_matrix(x)):
        found = profile_spread(matrix, code, sums, 5e4)
        assert found[2] == 0
        for p in range(2):
            own = x[code == p]
            n = len(own)
            left = np.array([np.delete(own, i, axis=0).sum(axis=0) for i in range(n)])
            v = np.log1p(5e4 * left / left.sum(axis=1, keepdims=True))
            np.testing.assert_allclose(found[p], (n - 1) / n * ((v - v.mean(axis=0)) ** 2).sum(), rtol=1e-10)


def test_sums_of_groups():
    x, code = np.arange(12.0).reshape(6, 2), np.array([0, 0, 2, CONTROL, CONTROL, CONTROL - 1])
    for matrix in (x, sp.csr_matrix(x)):
        sums, size = group_sums(matrix, code, 3)
        np.testing.assert_array_equal(sums, [[2, 4], [0, 0], [4, 5], [14, 16]])
        np.testing.assert_array_equal(size, [2, 0, 1, 2])
        assert np.isnan(group_means(matrix, code, 3)[1]).all()


def test_retrieval_takes_the_middle_of_ties():
    truth, all_genes = np.eye(4), np.ones(4, dtype=bool)
    own = np.arange(4)
    np.testing.assert_array_equal(pds_cosine(truth, truth, np.zeros(4), all_genes, own), 1.0)
    np.testing.assert_array_equal(pds_cosine(np.zeros((4, 4)), truth, np.zeros(4), all_genes, own), 0.5)
    np.testing.assert_array_equal(pds_cosine(truth[:1], truth[:1], np.zeros(4), all_genes, own[:1]), 1.0)


def _reach(sig, called, real, pred, q, p, names):
    genes = [g for g in np.flatnonzero(sig) if np.isfinite(real[g]) and real[g] != 0]
    genes.sort(key=lambda g: (not called[g], q[g], p[g], -abs(pred[g]), names[g]))
    right = np.cumsum([np.sign(pred[g]) == np.sign(real[g]) for g in genes])
    deep = [j for j in range(1, len(genes) + 1) if right[j - 1] / j >= 0.9]
    return max(deep, default=0) / sig.sum() if sig.sum() else np.nan


def test_reach_fidelity_jaccard_and_error():
    rng = np.random.default_rng(4)
    m, g = 9, 40
    sig, called = rng.random((2, m, g)) < 0.6
    real = rng.normal(size=(m, g))
    pred = np.where(rng.random((m, g)) < 0.9, real, -real) * 2
    real[:, 0], pred[:, 1], pred[:, 2] = np.nan, 0.0, np.inf
    p = np.round(rng.random((m, g)), 1)
    q = np.sqrt(p)
    sig[0], sig[1], called[1], sig[2, 8:] = False, False, False, False
    names = rng.permutation(g)
    reach = direction_reach_raw(sig, called, real, pred, q, p, names)
    fidelity = direction_fidelity_yield_raw(sig, called, real, pred)
    jaccard, error = sig_jaccard(sig, called), lfc_nmae(sig, real, pred)
    for i in range(m):
        np.testing.assert_equal(reach[i], _reach(sig[i], called[i], real[i], pred[i], q[i], p[i], names))
        a, b = set(np.flatnonzero(sig[i])), set(np.flatnonzero(called[i]))
        assert jaccard[i] == (len(a & b) / len(a | b) if a | b else 1.0)
        judged = [x for x in b if np.isfinite(real[i, x]) and real[i, x] != 0]
        right = sum(np.sign(real[i, x]) == np.sign(pred[i, x]) for x in judged)
        most = max(len(judged), len(a))
        np.testing.assert_equal(fidelity[i], right / most if most else np.nan)
        use = [x for x in a if np.isfinite(real[i, x])]
        gaps = sum(abs((pred[i, x] if np.isfinite(pred[i, x]) else 0) - real[i, x]) for x in use)
        wanted = gaps / sum(abs(real[i, x]) for x in use) if len(use) >= 10 else np.nan
        np.testing.assert_allclose(error[i], wanted)
    assert np.isnan(fidelity[1])


def test_no_change_has_an_error_of_one():
    sig, real = np.ones((1, 12), dtype=bool), np.random.default_rng(0).normal(size=(1, 12))
    assert lfc_nmae(sig, real, np.zeros((1, 12)))[0] == 1.0
    assert lfc_nmae(sig, real, real)[0] == 0.0


def test_credit_is_capped_by_the_spread_of_the_predictions():
    rng = np.random.default_rng(5)
    kept = np.ones((4, 6), dtype=bool)
    kept[0, 0] = kept[1, 1] = False
    spread_real, spread_pred = np.array([1.0, 2, 3, 4]), np.array([4.0, 3, 2, 1])
    np.testing.assert_array_equal(credit(np.zeros((4, 6)), kept, spread_real, spread_pred), 0.0)
    wide = credit(100 * rng.normal(size=(4, 6)), kept, spread_real, spread_pred)
    np.testing.assert_array_equal(wide, [1, 2, 2, 1])
    pred = 0.1 * rng.normal(size=(4, 6))
    between = 0.0
    for gene in range(6):
        at = np.flatnonzero(kept[:, gene])
        w = 1 / kept.sum(axis=1)[at]
        mean = (w * pred[at, gene]).sum() / w.sum()
        between += (w * (pred[at, gene] - mean) ** 2).sum()
    wanted = between / (np.array([1, 2, 2, 1]) / kept.sum(axis=1)).sum()
    np.testing.assert_allclose(credit(pred, kept, spread_real, spread_pred), wanted * np.array([1, 2, 2, 1]))


def test_a_copy_of_the_truth():
    pair = example("vcc2026")
    found = scored("vcc2026", Pair(pair.names, pair.genes, pair.real, pair.real))
    for name in ("pds_cosine", "de_wilcoxon_sig_jaccard", "de_wilcoxon_direction_reach_raw"):
        np.testing.assert_allclose(found[name][1], 1.0)
    assert found["de_wilcoxon_lfc_nmae"][1] == 0.0
    assert found["expr_mse_unbiased_capped_norm"][1] < 0
    np.testing.assert_allclose(found["expr_real_mass_ratio"][0], 1.0)


def test_the_ratio_is_of_sums():
    found = scored("vcc2026", example("vcc2026"))
    ratio = found["expr_mse_unbiased_capped"][0].sum() / found["expr_distance_unbiased"][0].sum()
    np.testing.assert_allclose(found["expr_mse_unbiased_capped_norm"][1], ratio)


def test_expected_counts_pass_and_logarithms_do_not():
    check_counts(np.array([[0.5, 20.0]]), "x")
    for bad in (np.array([[0.5, 2.0]]), np.array([[-1, 2]])):
        with pytest.raises(InputError, match="counts"):
            check_counts(bad, "x")
    real = counts(1)
    scored("vcc2026", pair_of(real, Cells(counts(2).matrix * 1.01, real.code)))
