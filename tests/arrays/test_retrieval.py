"""Distances against scipy, discrimination scores against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from vcassay.arrays import retrieval
from vcassay.arrays.retrieval import cosine_distances, discrimination

SMALL = st.integers(-3, 3).map(float)
PANELS = arrays(np.float64, st.tuples(st.integers(2, 9), st.integers(2, 6)), elements=SMALL)
DISTANCES = st.integers(2, 8).flatmap(lambda m: arrays(np.float64, (m, m), elements=st.integers(0, 4).map(float)))


def slow_scores(distance: np.ndarray) -> list[float]:
    m = len(distance)
    out = []
    for i in range(m):
        nearer = sum(distance[i, j] < distance[i, i] for j in range(m) if j != i)
        tied = sum(distance[i, j] == distance[i, i] for j in range(m) if j != i)
        out.append(1 - (nearer + tied / 2) / (m - 1))
    return out


def test_cosine_distances_equal_scipy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 30)), rng.normal(size=(5, 30))
    np.testing.assert_allclose(cosine_distances(a, b), cdist(a, b, "cosine"), atol=1e-14)
    np.testing.assert_allclose(cosine_distances(b, a), cosine_distances(a, b).T, atol=1e-15)


def test_a_row_of_length_zero_is_at_distance_one_and_nan_at_nan() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(4, 10)), rng.normal(size=(3, 10))
    a[1] = 0.0
    a[2, 5] = np.nan
    b[0] = 0.0
    b[2, 0] = np.nan
    d = cosine_distances(a, b)
    assert (d[1, :2] == 1.0).all()
    assert (d[[0, 1, 3], 0] == 1.0).all()
    assert np.isnan(d[2]).all()
    assert np.isnan(d[:, 2]).all()
    assert np.isfinite(d[[0, 1, 3], :2]).all()


@given(DISTANCES)
def test_discrimination_equals_the_definition(distance: np.ndarray) -> None:
    np.testing.assert_allclose(discrimination(distance), slow_scores(distance), atol=1e-14)


@given(PANELS, st.integers(0, 999))
def test_mean_is_one_half_for_a_constant_prediction(truth: np.ndarray, seed: int) -> None:
    constant = np.random.default_rng(seed).normal(size=truth.shape[1])
    pds = discrimination(cosine_distances(np.tile(constant, (len(truth), 1)), truth))
    assert pds.mean() == pytest.approx(0.5, abs=1e-14)
    euclid = discrimination(cdist(np.tile(constant, (len(truth), 1)), truth))
    assert euclid.mean() == pytest.approx(0.5, abs=1e-14)


@pytest.mark.parametrize("genes", [10, 4000])
def test_constant_and_zero_predictions_on_a_wide_panel(genes: int) -> None:
    truth = np.random.default_rng(genes).normal(size=(301, genes))
    mean = np.tile(truth.mean(axis=0), (301, 1))
    assert discrimination(cosine_distances(mean, truth)).mean() == pytest.approx(0.5, abs=1e-14)
    assert (discrimination(cosine_distances(0 * mean, truth)) == 0.5).all()


@given(DISTANCES, st.integers(0, 999))
def test_order_of_the_panel_and_unit_of_distance(distance: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(distance))
    before = discrimination(distance)
    np.testing.assert_array_equal(discrimination(distance[np.ix_(order, order)]), before[order])
    np.testing.assert_array_equal(discrimination(8 * distance + 3), before)


def test_best_worst_and_chance() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=(200, 50))
    assert (discrimination(cosine_distances(truth, truth)) == 1.0).all()
    assert (discrimination(cosine_distances(-truth, truth)) == 0.0).all()
    chance = np.concatenate([discrimination(cosine_distances(rng.normal(size=truth.shape), truth)) for _ in range(5)])
    assert chance.mean() == pytest.approx(0.5, abs=4 / np.sqrt(12 * len(chance)))


def test_cosine_retrieval_ignores_gene_order_and_scale() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(40, 300))
    pred = truth + 4 * rng.normal(size=truth.shape)
    before = cosine_distances(pred, truth)
    genes = rng.permutation(300)
    np.testing.assert_allclose(cosine_distances(pred[:, genes], truth[:, genes]), before, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(discrimination(cosine_distances(0.25 * pred, truth)), discrimination(before))


def test_rounding_below_the_tolerance_is_a_tie() -> None:
    distance = np.array([[0.5, 0.5 - 1e-14, 0.9], [0.1, 0.5, 0.5 + 1e-14], [0.5 - 1e-9, 0.9, 0.5]])
    np.testing.assert_allclose(discrimination(distance), [0.75, 0.25, 0.5])


def test_undefined_rows_and_candidates() -> None:
    distance = np.array([[0.1, 0.2, np.nan], [np.nan, np.nan, np.nan], [0.3, 0.1, 0.2]])
    np.testing.assert_array_equal(discrimination(distance), [1.0, np.nan, 0.5])
    assert np.isnan(discrimination(np.zeros((1, 1)))).all()
    assert len(discrimination(np.empty((0, 0)))) == 0
    assert np.isnan(discrimination(np.diag([0.1, 0.2]) + np.array([[0, np.nan], [np.nan, 0]]))).all()


def test_other_distances_equal_scipy():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(6, 300)), rng.normal(size=(7, 300))
    np.testing.assert_allclose(retrieval.squared_distances(a, b), cdist(a, b, "sqeuclidean"), rtol=1e-10)
    np.testing.assert_allclose(retrieval.absolute_distances(a, b), cdist(a, b, "cityblock"), rtol=1e-12)
    variance = rng.gamma(1.0, size=300)
    expected = cdist(a, b, "mahalanobis", VI=np.diag(1 / variance)) ** 2
    np.testing.assert_allclose(retrieval.gaussian_distances(a, b, variance), expected, rtol=1e-9)
    assert np.isnan(retrieval.gaussian_distances(a, b, np.zeros(300))).all()


def test_ranks_of_a_random_order_are_freed_of_chance():
    rng = np.random.default_rng(6)
    hits, ranks, matched = [], [], []
    for _ in range(400):
        distance = rng.random((8, 8))
        hits.append(retrieval.top_hits(distance, 2).mean())
        ranks.append(retrieval.reciprocal_rank(distance).mean())
        matched.append(retrieval.matching(distance).mean())
    for found in (hits, ranks, matched):
        assert abs(np.mean(found)) < 3 * np.std(found) / 20
    own = 1.0 - np.eye(8)
    for of in (lambda d: retrieval.top_hits(d, 1), retrieval.reciprocal_rank, retrieval.matching):
        np.testing.assert_allclose(of(own), 1.0)


def test_ties_are_shared_and_say_nothing():
    same = np.ones((5, 5))
    np.testing.assert_allclose(retrieval.top_hits(same, 1), 0.0, atol=1e-12)
    np.testing.assert_allclose(retrieval.matching(same), 0.0)
    np.testing.assert_allclose(retrieval.reciprocal_rank(same), 0.0, atol=1e-12)


def test_kin_are_no_rivals():
    distance = np.array([[0.5, 0.1, 0.9], [0.1, 0.5, 0.9], [0.9, 0.9, 0.1]])
    nearer, _, rivals = retrieval.place(distance, np.array([0, 0, 1]))
    np.testing.assert_array_equal(nearer, [0, 0, 0])
    np.testing.assert_array_equal(rivals, [1, 1, 2])


def test_what_is_left_out_is_no_rival_and_has_no_value():
    distance = np.array([[0.1, 0.5, 0.6], [np.nan, np.nan, np.nan], [0.5, 0.4, 0.2]])
    np.testing.assert_allclose(retrieval.matching(distance), [1.0, np.nan, 1.0])
    np.testing.assert_allclose(retrieval.discrimination(distance.T), [1.0, np.nan, 1.0])
