"""Average precision, against scikit-learn without ties and against all orders with ties."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from vcassay.arrays.precision import (
    average_precision,
    chance_precision,
    permuted_precision,
    rank_candidates,
    rank_permutation_p,
)


def everything(score):
    return np.ones(score.shape, dtype=bool)


def by_hand(score, positive):
    order = np.argsort(-np.asarray(score), kind="stable")
    hits = np.asarray(positive)[order]
    return float((np.cumsum(hits)[hits] / (np.flatnonzero(hits) + 1)).mean())


@pytest.mark.parametrize("seed", range(5))
def test_without_ties_it_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    score, positive = rng.normal(size=(20, 30)), rng.random((20, 30)) < 0.2
    positive[:, 0] = True
    found = average_precision(rank_candidates(score, everything(score)), positive)
    expected = [average_precision_score(p, s) for p, s in zip(positive, score, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_ties_count_as_the_mean_over_their_orders(items):
    score, positive = np.asarray([s for s, _ in items], dtype=float), np.asarray([p for _, p in items])
    found = average_precision(rank_candidates(score[None], everything(score[None])), positive[None])[0]
    if not positive.any():
        assert np.isnan(found)
        return
    orders = [list(o) for o in permutations(range(len(items)))]
    np.testing.assert_allclose(found, np.mean([by_hand(score[o], positive[o]) for o in orders]), atol=1e-12)


def test_candidates_that_take_no_part_or_are_dropped_change_no_rank():
    rng = np.random.default_rng(1)
    score, positive = np.round(rng.normal(size=(15, 25)), 1), rng.random((15, 25)) < 0.3
    valid, dropped = rng.random((15, 25)) < 0.8, rng.random((15, 25)) < 0.2
    positive[:, 0] = valid[:, 0] = True
    dropped[:, 0] = False
    score[:, 5] = np.nan
    found = average_precision(rank_candidates(score, valid), positive, dropped)
    for i in range(15):
        keep = valid[i] & ~dropped[i] & np.isfinite(score[i])
        alone = score[i, keep][None]
        own = average_precision(rank_candidates(alone, everything(alone)), positive[i, keep][None])
        np.testing.assert_allclose(found[i], own[0], atol=1e-12)


def test_all_tied_is_a_random_order():
    score, positive = np.ones((1, 12)), (np.arange(12) < 4)[None]
    ranking = rank_candidates(score + 1e-15 * np.arange(12), everything(score))
    found = average_precision(ranking, positive)
    np.testing.assert_allclose(found, chance_precision(np.array([4]), np.array([12])), atol=1e-12)
    exact = np.mean([by_hand(-np.arange(12), np.isin(np.arange(12), c)) for c in combinations(range(12), 4)])
    np.testing.assert_allclose(found, exact, atol=1e-12)
    assert np.isnan(chance_precision(np.array([0]), np.array([5]))[0])


@pytest.mark.parametrize("ties", [False, True])
def test_permuted_labels_are_those_of_a_permuted_matrix(ties):
    rng = np.random.default_rng(2)
    n = 18
    score = rng.normal(size=(n, n))
    score = score + score.T
    if ties:
        score = np.round(score)
    label = rng.integers(0, 4, size=n)
    same = (label[:, None] == label[None]) & ~np.eye(n, dtype=bool)
    valid = ~np.eye(n, dtype=bool) & (rng.random((n, n)) < 0.9)
    counts = rng.random((n, n)) < 0.8
    moved = np.stack([np.arange(n), *(rng.permutation(n) for _ in range(6))])
    ranking = rank_candidates(score, valid)
    found = permuted_precision(ranking, same, counts, moved)
    for row, p in zip(found, moved, strict=True):
        own = same[np.ix_(p, p)]
        np.testing.assert_allclose(row, average_precision(ranking, own & counts, own & ~counts), atol=1e-12)


def test_random_ranks_give_uniform_p_and_first_ranks_small_ones():
    rng = np.random.default_rng(3)
    score, positive = rng.normal(size=(400, 40)), np.zeros((400, 40), dtype=bool)
    positive[:, :3] = True
    ap = average_precision(rank_candidates(score, everything(score)), positive)
    three, forty = np.full(400, 3), np.full(400, 40)
    p = rank_permutation_p(ap, three, forty, 999, np.random.default_rng(0))
    assert 0.02 < (p < 0.05).mean() < 0.09
    assert 0.44 < p.mean() < 0.56
    best = rank_permutation_p(np.array([1.0, np.nan]), three[:2], forty[:2], 999, np.random.default_rng(0))
    assert best[0] <= 0.003
    assert np.isnan(best[1])
    single = rank_permutation_p(np.array([1.0]), np.array([1]), np.array([4]), 3999, np.random.default_rng(0))
    assert abs(single[0] - 0.25) < 0.03
