"""Activities of gene sets: closed forms, linearity, pooled errors and calls."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from scipy import stats

from vcassay.arrays.enrichment import Errors, activities, activity_errors, call_activities


def sets(rng: np.random.Generator, genes: int, sizes: list[int]) -> sp.csr_array:
    dense = np.zeros((genes, len(sizes)))
    for j, k in enumerate(sizes):
        dense[rng.choice(genes, k, replace=False), j] = 1.0
    return sp.csr_array(dense)


def test_of_a_plain_set_it_is_members_against_the_rest_scaled_by_size():
    rng = np.random.default_rng(0)
    weights = sets(rng, 60, [5, 12, 40])
    effects = rng.normal(size=(7, 60))
    scored = rng.random(60) < 0.8
    found = activities(effects, weights, scored)
    member = weights.toarray()[scored] > 0
    for i in range(7):
        for j in range(3):
            e, inside = effects[i, scored], member[:, j]
            k, m = inside.sum(), scored.sum()
            expected = np.sqrt(k * (m - k) / m) * (e[inside].mean() - e[~inside].mean())
            assert found[i, j] == pytest.approx(expected, rel=1e-12)


def test_it_is_linear_and_blind_to_a_shift_of_all_genes():
    rng = np.random.default_rng(1)
    weights = sp.csr_array(rng.normal(size=(50, 4)) * (rng.random((50, 4)) < 0.3))
    a, b, scored = rng.normal(size=(3, 50)), rng.normal(size=(3, 50)), np.ones(50, dtype=bool)
    both = activities(2.0 * a - b + 5.0, weights, scored)
    apart = 2.0 * activities(a, weights, scored) - activities(b, weights, scored)
    np.testing.assert_allclose(both, apart, rtol=1e-10, atol=1e-12)


def test_noise_has_the_same_variance_in_sets_of_all_sizes():
    rng = np.random.default_rng(2)
    found = activities(rng.normal(size=(4000, 200)), sets(rng, 200, [3, 30, 150]), np.ones(200, dtype=bool))
    np.testing.assert_allclose(found.std(axis=0), 1.0, atol=0.05)


def test_what_cannot_be_told_is_nan():
    weights = sp.csr_array(np.array([[1.0, 1.0, 0.0]] * 4 + [[0.0, 1.0, 0.0]] * 4))
    effects = np.arange(16.0).reshape(2, 8)
    effects[1, 3] = np.nan
    found = activities(effects, weights, np.ones(8, dtype=bool))
    assert np.isfinite(found[0, 0])
    assert np.isnan(found[0, 1:]).all()  # all genes, and none
    assert np.isnan(found[1]).all()


def test_halves_give_an_activity_without_bias():
    """The product of the halves' activities has the expectation of the squared true activity."""
    rng = np.random.default_rng(3)
    weights, scored = sets(rng, 80, [10]), np.ones(80, dtype=bool)
    effect = rng.normal(size=(1, 80))
    true = activities(effect, weights, scored)[0, 0]
    halves = [activities(effect + rng.normal(size=(20000, 80)), weights, scored)[:, 0] for _ in range(2)]
    product = halves[0] * halves[1]
    assert abs(product.mean() - true**2) < 4 * product.std() / np.sqrt(20000)
    assert (halves[0] ** 2).mean() > true**2 + 0.8


def test_errors_are_pooled_over_a_context_and_follow_depth():
    rng = np.random.default_rng(4)
    n, k = 600, 6
    depth = rng.uniform(0.2, 3.0, n)
    of_set = np.array([0.5, 1.0, 2.0, 1.0, 1.0, 3.0])
    group = np.repeat([0, 1], n // 2)
    noise = np.sqrt(2.0) * np.sqrt(depth)[:, None] * of_set * (1.0 + group[:, None])
    a, b = (noise * rng.normal(size=(n, k)) for _ in range(2))
    a[5] = np.nan
    found, df = activity_errors(a, b, depth, depth, group)
    assert set(df[np.arange(n) != 5].tolist()) == {n / 2 - 1, n / 2}
    assert np.isnan(found[5]).all()
    expected = np.sqrt(depth)[:, None] * of_set * (1.0 + group[:, None])
    ratio = (found / expected)[np.arange(n) != 5]
    np.testing.assert_allclose(ratio, 1.0, atol=0.15)
    shallower = activity_errors(a, b, depth, 4.0 * depth, group).error
    np.testing.assert_allclose(shallower, 2.0 * found)
    assert (activity_errors(b, b, 0 * depth, depth, group).error == 0).all()  # without noise there is no error


def test_calls_are_benjamini_hochberg_with_their_sign_and_limit():
    rng = np.random.default_rng(5)
    z = rng.normal(size=(6, 40)) + np.where(np.arange(40) < 8, 4.0, 0.0)
    z[1] = rng.normal(size=40) * 0.1
    error = np.full(z.shape, 0.5)
    error[2, 3] = np.nan
    calls = call_activities(z * 0.5, Errors(error, np.full(6, 40.0)), 0.05)
    for i in range(6):
        known = np.isfinite(error[i])
        p = 2 * stats.t.sf(np.abs(z[i, known]), 40)
        expected = np.zeros(40)
        expected[known] = np.where(stats.false_discovery_control(p) <= 0.05, np.sign(z[i, known]), 0)
        np.testing.assert_array_equal(calls.sign[i], expected)
        outside = np.abs(z[i])[(calls.sign[i] == 0) & known]
        assert np.abs(z[i])[calls.sign[i] != 0].min(initial=np.inf) >= calls.limit[i] > outside.max()
    assert not calls.sign[1].any()
    assert calls.limit[1] == pytest.approx(stats.t.isf(0.05 / 40 / 2, 40))


def test_no_set_is_called_more_often_than_the_level_where_nothing_moves():
    rng = np.random.default_rng(6)
    calls = call_activities(rng.normal(size=(4000, 20)), Errors(np.ones((4000, 20)), np.full(4000, 1e9)), 0.05)
    assert abs((calls.sign != 0).any(axis=1).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 4000)
    unknown = call_activities(np.ones((2, 3)), Errors(np.full((2, 3), np.nan), np.full(2, 9.0)), 0.05)
    assert not unknown.sign.any()
    assert np.isnan(unknown.limit).all()
