"""scperteval's metrics against plain implementations and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist
from scipy.stats import ttest_ind
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score
from tests.evidence.metrics.profiles.builders import example, scored

from vcassay.arrays.energy import energy_distance
from vcassay.arrays.mmd import median_kernel, squared_mmd
from vcassay.evidence.metrics.profiles import CONTROL, PROFILES
from vcassay.evidence.metrics.profiles.cellwise import between
from vcassay.evidence.metrics.profiles.projected import loadings
from vcassay.evidence.metrics.profiles.scperteval_metrics import (
    correlation,
    de_overlap,
    determination,
    mean_squared,
    place,
    squared_distances,
    weights,
)


@pytest.fixture
def three():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(5, 20))
    return real, real + rng.normal(size=(5, 20)), rng.random((5, 20))


def test_weighted_agreement(three):
    a, b, w = three
    for i in range(5):
        c = np.cov(a[i], b[i], aweights=w[i], ddof=0)
        np.testing.assert_allclose(correlation(a, b, w)[i], c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]))
        np.testing.assert_allclose(determination(a, b, w)[i], r2_score(a[i], b[i], sample_weight=w[i]))
        np.testing.assert_allclose(mean_squared(a, b, w)[i], np.average((a[i] - b[i]) ** 2, weights=w[i]))


def test_equal_weights_are_none(three):
    a, b, _ = three
    one = np.ones_like(a)
    for formula in (correlation, determination, mean_squared):
        np.testing.assert_allclose(formula(a, b, one), formula(a, b, one / 20))


def test_no_gene_is_undefined(three):
    a, b, _ = three
    for formula in (correlation, determination, mean_squared):
        assert np.isnan(formula(a, b, np.zeros_like(a))).all()


def test_weights_of_strengths():
    found = weights(np.array([[0.0, 1, 2], [3, 3, 3]]), 2)
    np.testing.assert_allclose(found, [[0, 0.2, 0.8], [1 / 3] * 3])


@pytest.mark.parametrize("transpose", [False, True])
def test_ranks(transpose):
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(6, 8))
    pred = truth + rng.normal(size=(6, 8))
    d = cdist(pred, truth)
    d = d if transpose else d.T
    wanted = [(d[i] < d[i, i]).sum() / 5 for i in range(6)]
    np.testing.assert_allclose(place(squared_distances(pred, truth), np.arange(6), transpose=transpose), wanted)


def test_a_constant_prediction_ranks_in_the_middle():
    truth = np.random.default_rng(2).normal(size=(6, 8))
    np.testing.assert_allclose(place(squared_distances(np.zeros((6, 8)), truth), np.arange(6), transpose=False), 0.5)
    assert np.isnan(place(squared_distances(truth[:1], truth[:1]), np.arange(1), transpose=True)).all()


def test_distances_between_populations():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(12, 4)), rng.normal(0.5, 1, size=(9, 4))
    both = np.concatenate([x, y])
    median = float(np.median(cdist(both, both)[np.triu_indices(21, 1)]))
    energy, mmd = between(x, y)
    np.testing.assert_allclose(energy, energy_distance(x, y), rtol=1e-10)
    np.testing.assert_allclose(mmd, squared_mmd(x, y, median_kernel(median)), rtol=1e-10)
    energy, mmd = between(x[:1], y)
    assert np.isfinite(energy)
    assert np.isnan(mmd)


def test_overlap_of_the_largest():
    rng = np.random.default_rng(4)
    a, b = rng.random((2, 3, 60))
    for i in range(3):
        wanted = len(set(np.argsort(-a[i])[:50]) & set(np.argsort(-b[i])[:50])) / 50
        assert de_overlap(a, b)[i] == wanted
    assert np.isnan(de_overlap(a[:, :50], b[:, :50])).all()


def test_tests_against_the_other_perturbations():
    pair = example("scperteval")
    x, y, code = pair.real.matrix, pair.pred.matrix, pair.real.code
    provided = PROFILES["scperteval"].prepare(pair)
    for p in range(6):
        rest = x[(code >= 0) & (code != p)]
        np.testing.assert_allclose(provided["strength"][p], abs(ttest_ind(x[code == p], rest, equal_var=False)[0]))
        pred = ttest_ind(y[pair.pred.code == p], rest, equal_var=False)[0]
        np.testing.assert_allclose(provided["strength_pred"][p], abs(pred))


def test_centres_leave_out_the_own_perturbation():
    pair = example("scperteval")
    x, code = pair.real.matrix, pair.real.code
    means = np.array([x[code == p].mean(axis=0) for p in range(6)])
    provided = PROFILES["scperteval"].prepare(pair)
    np.testing.assert_allclose(provided["others"][2], np.delete(means, 2, axis=0).mean(axis=0))
    np.testing.assert_allclose(provided["control"], x[code == CONTROL].mean(axis=0))


def test_two_names_of_one_thing():
    found = scored("scperteval", example("scperteval"))
    np.testing.assert_allclose(found["nir"][0], 1 - found["transpose_rank"][0])
    np.testing.assert_allclose(found["l2_heg_k=1000"][0] ** 2 / 70, found["mse"][0])


@pytest.mark.parametrize(("n", "g"), [(700, 120), (90, 40)])
def test_components_as_scikit_learn_has_them(n, g):
    rng = np.random.default_rng(6)
    x = sp.csr_matrix(np.maximum(rng.normal(size=(n, g)) + rng.normal(size=(n, 5)) @ rng.normal(size=(5, g)), 0))
    found = loadings(x, np.arange(n), 10, 42)
    wanted = PCA(n_components=10, random_state=42).fit(x.toarray()).components_.T
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=1e-8)


@pytest.mark.parametrize("share", [0.1, 0.7])
def test_components_of_single_precision(share):
    """Rounding of single products averages out over cells, whichever way they are multiplied."""
    rng = np.random.default_rng(7)
    mean = np.exp(rng.normal(size=(900, 6)) @ rng.normal(size=(6, 100)) * 0.7)
    x = sp.csr_matrix(np.where(rng.random((900, 100)) < share, np.log1p(mean), 0.0).astype(np.float32))
    found = loadings(x, np.arange(900), 6, 42)
    wanted = PCA(n_components=6, random_state=42).fit(x.toarray().astype(float)).components_.T
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=1e-6)


def test_components_of_fewer_directions_than_asked_for():
    rng = np.random.default_rng(8)
    x = sp.csr_matrix(rng.normal(size=(700, 3)) @ rng.normal(size=(3, 90)))
    found = loadings(x, np.arange(700), 8, 42)
    np.testing.assert_allclose(found.T @ found, np.eye(8), atol=1e-10)
    centred = x.toarray() - x.toarray().mean(axis=0)
    np.testing.assert_allclose(centred @ found @ found.T, centred, atol=1e-8)
