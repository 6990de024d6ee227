"""cell-eval's metrics against plain implementations and closed forms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu, spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score
from tests.evidence.metrics.profiles.builders import example, scored, sparse

from vcassay.arrays.classify import precision_and_area
from vcassay.arrays.communities import communities, fuzzy_graph
from vcassay.core import InputError
from vcassay.evidence.metrics.profiles import CONTROL, Cells, Pair
from vcassay.evidence.metrics.profiles.cell_eval_genes import (
    by_fold,
    certainty,
    de_spearman_lfc_sig,
    de_spearman_sig,
    top_overlap,
)
from vcassay.evidence.metrics.profiles.euclid import control_energy
from vcassay.evidence.metrics.profiles.lognorm import as_lognorm
from vcassay.evidence.metrics.profiles.retrieved import distances_without, place

METRIC = {"l1": "cityblock", "l2": "euclidean", "cosine": "cosine"}


@pytest.mark.parametrize("kind", METRIC)
def test_place_of_the_own_truth(kind):
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(7, 12))
    pred, own, gene = truth[:5] + rng.normal(size=(5, 12)), np.arange(5), np.array([0, -1, 3, 11, 3])
    found = place(distances_without(pred, truth, gene, kind), own)
    for i in range(5):
        keep = np.arange(12) != gene[i]
        d = cdist(pred[i : i + 1, keep], truth[:, keep], METRIC[kind])[0]
        np.testing.assert_allclose(distances_without(pred, truth, gene, kind)[i], d, rtol=1e-9)
        assert found[i] == np.argsort(d, kind="stable").tolist().index(i)


def test_ties_go_by_the_order_of_the_truths():
    np.testing.assert_array_equal(place(np.ones((3, 3)), np.arange(3)), [0, 1, 2])
    assert np.isnan(place(np.array([[np.nan, 1.0]]), np.array([0]))[0])


def test_top_overlap_as_sets():
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 6, 20)) < 0.5
    a[0], b[1] = False, False
    x, y = rng.normal(size=(2, 6, 20)).astype(np.float32)
    for k, within in itertools.product((0, 3, 50), (a, b)):
        for i in range(6):
            size = int(within[i].sum()) if k == 0 else min(k, int(within[i].sum()))
            lists = [
                sorted(np.flatnonzero(s), key=lambda g, v=v: (-abs(v[g]), g))[:size]
                for s, v in ((a[i], x[i]), (b[i], y[i]))
            ]
            wanted = len(set(lists[0]) & set(lists[1])) / size if size else 0.0
            assert top_overlap(by_fold(a, x), by_fold(b, y), k, within)[i] == wanted


def test_infinite_fold_changes_lie_on_top():
    sig = np.ones((1, 3), dtype=bool)
    fold, other = np.float32([[1, -np.inf, 2]]), np.float32([[0.1, 5, 0.2]])
    assert top_overlap(by_fold(sig, fold), by_fold(sig, other), 1, sig)[0] == 1.0


def test_curves_as_scikit_learn_has_them():
    rng = np.random.default_rng(2)
    label, score = rng.random((8, 30)) < 0.3, np.round(rng.random((8, 30)), 1)
    label[0], label[1] = True, False
    precision, area = precision_and_area(label, score)
    assert np.isnan([*precision[:2], *area[:2]]).all()
    for i in range(2, 8):
        np.testing.assert_allclose(precision[i], average_precision_score(label[i], score[i]))
        np.testing.assert_allclose(area[i], roc_auc_score(label[i], score[i]))


def test_certainty_ends_at_ten():
    np.testing.assert_allclose(certainty(np.float32([[1e-30, 0.01, 1, np.nan]])), [[10, 2, 0, 0]], atol=1e-6)


def test_fold_changes_keep_infinities_and_one_gene_is_undefined():
    sig = np.array([[True, True, True, True], [True, False, False, False]])
    a = np.float32([[1, np.inf, -np.inf, 2], [1, 2, 3, 4]])
    b = np.float32([[2, 1, -3, 5], [1, 2, 3, 4]])
    found = de_spearman_lfc_sig(sig, a, b)
    np.testing.assert_allclose(found[0], spearmanr(a[0], b[0])[0])
    assert np.isnan(found[1])


def test_numbers_of_genes_without_any_are_one():
    none, some = np.zeros((3, 5), dtype=bool), np.ones((3, 5), dtype=bool)
    np.testing.assert_array_equal(de_spearman_sig(none, some), [1, 1, 1])
    assert np.isnan(de_spearman_sig(some, none)).all()


def test_energy_to_the_controls():
    rng = np.random.default_rng(3)
    x, code = rng.normal(size=(30, 5)), np.r_[np.repeat([0, 1], 10), np.full(10, CONTROL)]
    found = control_energy(Cells(x, code), 3)
    control = x[code == CONTROL]
    for p in range(2):
        own = x[code == p]
        wanted = 2 * cdist(own, control).mean() - cdist(own, own).mean() - cdist(control, control).mean()
        np.testing.assert_allclose(found[p], wanted, rtol=1e-10)
    assert np.isnan(found[2])
    np.testing.assert_allclose(control_energy(sparse(Cells(x, code)), 3), found)


@pytest.mark.parametrize("share", [0.1, 0.7])
def test_energy_of_more_cells_than_a_tile_holds(share):
    rng = np.random.default_rng(4)
    x = np.where(rng.random((1000, 20)) < share, rng.gamma(2.0, 1.0, (1000, 20)), 0.0)
    code = np.r_[np.repeat([0, 1], [300, 70]), np.full(630, CONTROL)]
    control = x[code == CONTROL]
    for p, found in enumerate(control_energy(sparse(Cells(x, code)), 2)):
        own = x[code == p]
        wanted = 2 * cdist(own, control).mean() - cdist(own, own).mean() - cdist(control, control).mean()
        np.testing.assert_allclose(found, wanted, rtol=1e-8)


def test_whole_numbers_are_scaled_to_the_median_depth():
    x = np.array([[1, 3], [2, 2], [4, 4]])
    wanted = np.log1p(x / x.sum(axis=1, keepdims=True) * 4)
    np.testing.assert_allclose(as_lognorm(x, "x"), wanted, rtol=1e-6)
    np.testing.assert_allclose(as_lognorm(sparse(Cells(x, x[:, 0])).matrix, "x").toarray(), wanted, rtol=1e-6)
    assert as_lognorm(wanted, "x") is wanted
    for bad in (np.array([[0.5, 15.1]]), np.array([[-1.0, 0.5]]), np.array([[-1.0, 1.0]])):
        with pytest.raises(InputError, match=r"give .*counts"):
            as_lognorm(bad, "x")


def modularity(weight, code, resolution):
    degree, total = weight.sum(axis=1), weight.sum()
    same = code[:, None] == code[None, :]
    return (weight * same).sum() / total - resolution * (np.outer(degree, degree) * same).sum() / total**2


def _best(weight, resolution):
    n, top = len(weight), -np.inf
    for labels in itertools.product(range(n), repeat=n):
        if all(labels[i] <= max(labels[:i], default=-1) + 1 for i in range(n)):
            top = max(top, modularity(weight, np.array(labels), resolution))
    return top


@pytest.mark.parametrize("resolution", [0.2, 1.0, 2.0])
def test_communities_reach_the_largest_modularity(resolution):
    for seed in range(4):
        graph = fuzzy_graph(np.random.default_rng(seed).normal(size=(6, 4)), 5)
        reached = modularity(graph, communities(graph, resolution), resolution)
        np.testing.assert_allclose(reached, _best(graph, resolution), atol=1e-12)


def test_two_groups_are_two_communities():
    points = np.r_[np.zeros((20, 3)), np.full((20, 3), 9.0)] + np.random.default_rng(0).normal(size=(40, 3))
    graph = fuzzy_graph(points, 20)
    np.testing.assert_array_equal(communities(graph, 0.5), np.repeat([0, 1], 20))
    assert (graph == graph.T).all()
    assert ((graph >= 0) & (graph <= 1)).all()


def test_a_copy_of_the_truth():
    pair = example("cell-eval")
    found = scored("cell-eval", Pair(pair.names, pair.genes, pair.real, pair.real))
    for name in ("pearson_delta", "discrimination_score_l1", "discrimination_score_l2", "discrimination_score_cosine"):
        np.testing.assert_allclose(found[name][0], 1.0)
    for name in ("mse", "mae", "mse_delta", "mae_delta"):
        np.testing.assert_array_equal(found[name][0], 0.0)
    for name in ("overlap_at_N", "precision_at_N", "de_sig_genes_recall", "de_direction_match", "pearson_edistance"):
        np.testing.assert_allclose(found[name][1], 1.0)
    assert found["clustering_agreement"][1] == 1.0


def test_significant_genes_by_scipy():
    pair = example("cell-eval")
    x, code = pair.real.matrix, pair.real.code
    found = scored("cell-eval", pair)["de_nsig_counts_real"][0]
    for p in range(len(pair.names)):
        pvalue = mannwhitneyu(x[code == p], x[code == CONTROL], method="asymptotic").pvalue
        order = np.sort(pvalue)
        fdr = np.minimum.accumulate((order * len(order) / np.arange(1, len(order) + 1))[::-1])[::-1]
        assert found[p] == (fdr < 0.05).sum()
