"""Induced permutations against a loop that follows each item home."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, rankdata

from vcassay.arrays.induced import induced_permutations, permuted_products, stratum_ranks


def layout(seed: int, items: int = 6, strata: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    there = rng.random((strata, items)) < 0.6
    stratum, item = np.nonzero(there)
    order = rng.permutation(len(item))
    return item[order], stratum[order]


@given(st.integers(0, 200))
def test_equals_following_each_item_to_the_next_that_is_there(seed: int) -> None:
    item, stratum = layout(seed)
    orders = np.stack([np.random.default_rng([seed, i]).permutation(6) for i in range(4)])
    got = induced_permutations(orders, item, stratum)
    for order, positions in zip(orders, got, strict=True):
        for entry, at in enumerate(positions):
            present = set(item[stratum == stratum[entry]].tolist())
            to = order[item[entry]]
            while to not in present:
                to = order[to]
            assert (item[at], stratum[at]) == (to, stratum[entry])
        assert sorted(positions) == list(range(len(item)))


def test_complete_strata_are_permuted_alike_and_the_identity_changes_nothing() -> None:
    item, stratum = np.tile(np.arange(5), 3), np.repeat(np.arange(3), 5)
    order = np.array([[3, 0, 4, 1, 2], [0, 1, 2, 3, 4]])
    got = induced_permutations(order, item, stratum)
    assert item[got[0]].reshape(3, 5).tolist() == [order[0].tolist()] * 3
    assert got[1].tolist() == list(range(15))


def test_every_order_of_a_part_is_as_likely() -> None:
    rng = np.random.default_rng(0)
    orders = rng.permuted(np.tile(np.arange(7), (6000, 1)), axis=1)
    got = induced_permutations(orders, np.array([1, 4, 6]), np.zeros(3, dtype=np.int64))
    counts = np.unique(got, axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert chisquare(counts).pvalue > 0.001


def test_products_are_sums_over_permuted_entries() -> None:
    rng = np.random.default_rng(1)
    item, stratum = layout(5)
    x, y = rng.normal(size=(2, len(item), 2))
    orders = rng.permuted(np.tile(np.arange(6), (120, 1)), axis=1)
    got = np.concatenate(list(permuted_products(x, y, item, stratum, orders)))
    at = induced_permutations(orders, item, stratum)
    np.testing.assert_allclose(got, [(x * y[row]).sum(axis=0) for row in at])


def test_ranks_within_strata_are_scipys_centred() -> None:
    values, stratum = np.array([3.0, 1.0, np.nan, 2.0, 2.0, 5.0]), np.array([1, 0, 0, 1, 1, 2])
    got = stratum_ranks(values, stratum)
    ranks = (rankdata([3.0, 2.0, 2.0]) - 2) / 3
    assert got == pytest.approx([ranks[0], 0.0, 0.0, ranks[1], ranks[2], 0.0])
    assert stratum_ranks(np.ones(4), np.zeros(4, dtype=np.int64)) == pytest.approx(np.zeros(4))
