from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from vcassay.arrays.shuffled_pairs import permuted_sums, shuffle_pairs, shuffled_sums


def graph(n, m, rng):
    every = np.array(list(combinations(range(n), 2)))
    return every[rng.choice(len(every), min(m, len(every)), replace=False)].T


@given(st.integers(4, 12), st.integers(0, 30), st.integers(1, 3), st.integers(0, 2**31))
def test_vertices_keep_their_partners_and_strata_their_pairs(n, m, strata, seed):
    rng = np.random.default_rng(seed)
    left, right = graph(n, m, rng)
    stratum = rng.integers(strata, size=n)
    a, b = shuffle_pairs(left, right, stratum, 200, rng)
    assert (a != b).all()
    assert len({frozenset(pair) for pair in zip(a.tolist(), b.tolist(), strict=True)}) == len(left)

    np.testing.assert_array_equal(np.bincount(np.r_[a, b], minlength=n), np.bincount(np.r_[left, right], minlength=n))

    def between(one, two):
        return Counter(frozenset(pair) for pair in zip(stratum[one].tolist(), stratum[two].tolist(), strict=True))

    assert between(a, b) == between(left, right)


def test_shuffles_are_uniform_over_graphs_with_these_degrees():
    # a path of four edges on five vertices: count every simple graph of its degrees
    left, right = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4])
    degrees = np.bincount(np.concatenate([left, right]), minlength=5).tolist()
    every = list(combinations(range(5), 2))
    graphs = [
        frozenset(own)
        for own in combinations(every, 4)
        if np.bincount(np.array(own).ravel(), minlength=5).tolist() == degrees
    ]
    rng = np.random.default_rng(0)
    seen = Counter()
    for _ in range(3000):
        a, b = shuffle_pairs(left, right, np.zeros(5), 60, rng)
        seen[frozenset((min(p), max(p)) for p in zip(a.tolist(), b.tolist(), strict=True))] += 1
    assert set(seen) == set(graphs)
    assert len(graphs) > 5
    assert chisquare([seen[g] for g in graphs]).pvalue > 0.001


def test_sums_are_those_of_the_shuffled_graph_and_symmetric_in_labels():
    rng = np.random.default_rng(1)
    left, right = graph(15, 40, rng)
    marks = rng.integers(2, size=(15, 15, 3)).astype(np.uint8)
    marks = np.maximum(marks, marks.transpose(1, 0, 2))
    one = shuffled_sums(left, right, marks, np.zeros(15), 50, np.random.default_rng(2))
    two = shuffled_sums(left, right, marks[:, :, ::-1], np.zeros(15), 50, np.random.default_rng(2))
    np.testing.assert_array_equal(one, two[:, ::-1])
    # all pairs marked: nothing can change
    np.testing.assert_array_equal(shuffled_sums(left, right, np.ones((15, 15, 1), np.uint8), np.zeros(15), 9, rng), 40)
    # marks that name one graph's edges tell it from another, so the running sums are those of the pairs themselves
    a, b = left.copy(), right.copy()
    own = np.zeros((15, 15, 1), np.uint8)
    own[a, b] = own[b, a] = 1
    assert shuffled_sums(a, b, own, np.zeros(15), 5, rng, swaps=0).tolist() == [[40]] * 5
    assert shuffled_sums(a, b, own, np.zeros(15), 200, rng).mean() < 30


def test_the_mean_of_shuffles_of_a_regular_graph_is_the_share_of_marks():
    rng = np.random.default_rng(3)
    n = 20
    left = np.concatenate([np.arange(n), np.arange(n)])
    right = np.concatenate([(np.arange(n) + 1) % n, (np.arange(n) + 2) % n])
    marks = rng.random((n, n)) < 0.3
    marks = np.triu(marks, 1) | np.triu(marks, 1).T
    share = marks[np.triu_indices(n, 1)].mean()
    sums = shuffled_sums(left, right, marks[:, :, None].astype(np.uint8), np.zeros(n), 2000, rng, swaps=200)
    assert sums.mean() / len(left) == pytest.approx(share, abs=0.01)
    swapped = permuted_sums(left, right, marks[:, :, None].astype(np.uint8), np.zeros(n), 2000, rng)
    assert swapped.mean() / len(left) == pytest.approx(share, abs=0.01)


def test_p_values_are_uniform_even_with_few_swaps_between_draws():
    rng = np.random.default_rng(4)
    left, right = graph(12, 20, rng)
    p = []
    for _ in range(300):
        a, b = shuffle_pairs(left, right, np.zeros(12), 400, rng)
        weight = rng.integers(0, 200, size=(12, 12))
        marks = (np.triu(weight, 1) + np.triu(weight, 1).T)[:, :, None].astype(np.uint8)
        drawn = shuffled_sums(a, b, marks, np.zeros(12), 99, rng, swaps=5)[:, 0]
        p.append((1 + (drawn >= marks[a, b, 0].sum()).sum()) / 100)
    assert kstest(p, "uniform").pvalue > 0.001


def test_permuting_keeps_vertices_in_their_strata():
    left, right = np.array([0, 2]), np.array([1, 3])
    stratum = np.array([0, 0, 1, 1, 1])
    marks = np.zeros((5, 5, 1), np.uint8)
    marks[0, 1] = marks[1, 0] = 1
    drawn = permuted_sums(left, right, marks, stratum, 40, np.random.default_rng(5))
    assert drawn.ravel().tolist() == [1] * 40
    # vertices without pairs trade places where they are named
    marks[2, 4] = marks[4, 2] = 1
    drawn = permuted_sums(left, right, marks, stratum, 300, np.random.default_rng(5), np.arange(5))
    assert 0.2 < (drawn == 2).mean() < 0.5


def test_no_pairs_have_no_sum():
    none = np.zeros(0, dtype=np.int64)
    marks = np.ones((3, 3, 2), np.uint8)
    rng = np.random.default_rng(6)
    assert shuffled_sums(none, none, marks, np.zeros(3), 4, rng).tolist() == [[0, 0]] * 4
    assert permuted_sums(none, none, marks, np.zeros(3), 4, rng).tolist() == [[0, 0]] * 4
