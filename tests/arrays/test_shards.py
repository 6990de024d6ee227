"""Shards: hashes against plain Python, dealing balanced and independent of the order of rows."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.shards import N_SHARDS, RESERVED, TRAINING, balanced_splits, deal, hash_names

WORD = 2**64
NAMES = st.lists(st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=12), max_size=20)


def slow_hash(name: str, seed: int) -> int:
    """FNV-1a over code points, then the finaliser of SplitMix64, in Python's whole numbers."""
    h = 0xCBF29CE484222325 ^ (seed % WORD)
    for character in name:
        h = ((h ^ ord(character)) * 0x100000001B3) % WORD
    h = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    h = ((h ^ (h >> 27)) * 0x94D049BB133111EB) % WORD
    return h ^ (h >> 31)


@given(NAMES, st.integers(-(2**63), 2**64))
def test_hash_equals_plain_python(names: list[str], seed: int) -> None:
    got = hash_names(np.array(names, dtype=str), seed)
    assert got.tolist() == [slow_hash(name, seed) for name in names]


@given(NAMES)
def test_hash_does_not_depend_on_how_text_is_stored(names: list[str]) -> None:
    want = hash_names(np.array(names, dtype=str), 7)
    for dtype in ("<U40", ">U40", object):
        np.testing.assert_array_equal(hash_names(np.array(names, dtype=dtype), 7), want)
    strided = np.array([x for name in names for x in (name, "filler")], dtype=str)[::2]
    np.testing.assert_array_equal(hash_names(strided, 7), want)
    for name, one in zip(names, want, strict=True):  # the width of the longest name plays no part
        assert hash_names(np.array([name]), 7)[0] == one


def test_known_hashes() -> None:
    names = np.array(["AAACCTGAGAAACCAT-1", "", "plate1_A01", "Zelle ä"])
    known = [slow_hash(str(name), 42) for name in names]
    assert hash_names(names, 42).tolist() == known
    assert known[0] == 10804269080015938119
    assert not set(known) & set(hash_names(names, 43).tolist())


@pytest.mark.slow
def test_the_same_under_another_pythonhashseed() -> None:
    code = (
        "import numpy as np; from vcassay.arrays.shards import deal, hash_names;"
        "h = hash_names(np.array([f'c{i}' for i in range(50)]), 3);"
        "print(h.tolist(), deal(np.arange(50) % 3, np.arange(50) % 2, h).tolist())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "random")
    }
    assert len(said) == 1
    assert len(said.pop()) > 500


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    n = draw(st.integers(0, 80))
    groups, batches, seed = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(0, 9999))
    rng = np.random.default_rng(seed)
    names = np.array([f"cell{i}" for i in rng.permutation(n)], dtype=str)
    return rng.integers(groups, size=n), rng.integers(batches, size=n), hash_names(names, seed), seed


@given(tables(), st.integers(1, 9))
def test_dealt_in_turn_by_batch_and_hash(table: tuple[np.ndarray, np.ndarray, np.ndarray, int], hands: int) -> None:
    group, batch, hashes, _ = table
    got = deal(group, batch, hashes, hands)
    for g in set(group.tolist()):
        rows = sorted((i for i in range(len(group)) if group[i] == g), key=lambda i: (batch[i], int(hashes[i])))
        assert [int(got[i]) for i in rows] == [place % hands for place in range(len(rows))]


@given(tables())
def test_hands_balanced_within_group_and_batch(table: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> None:
    group, batch, hashes, _ = table
    hand = deal(group, batch, hashes)
    for g in np.unique(group):
        assert np.ptp(np.bincount(hand[group == g], minlength=N_SHARDS)) <= 1
        for b in np.unique(batch):
            assert np.ptp(np.bincount(hand[(group == g) & (batch == b)], minlength=N_SHARDS)) <= 1


@given(tables())
def test_order_of_rows_does_not_matter(table: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> None:
    group, batch, hashes, seed = table
    order = np.random.default_rng(seed + 1).permutation(len(group))
    np.testing.assert_array_equal(deal(group[order], batch[order], hashes[order]), deal(group, batch, hashes)[order])


def test_another_seed_deals_anew() -> None:
    names = np.array([f"cell{i}" for i in range(400)])
    zero = np.zeros(400, dtype=int)
    one, two = (deal(zero, zero, hash_names(names, seed)) for seed in (0, 1))
    assert (one == two).mean() == pytest.approx(1 / N_SHARDS, abs=4 * np.sqrt(7 / 64 / 400))


def test_equal_hashes_keep_the_order_of_the_rows() -> None:
    zero = np.zeros(10, dtype=int)
    assert deal(zero, zero, np.zeros(10, dtype=np.uint64)).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]


@pytest.mark.parametrize(("shards", "n"), [((0, 1), 1), (RESERVED, 3), (TRAINING, 3), (tuple(range(8)), 35)])
def test_balanced_splits_are_complete(shards: tuple[int, ...], n: int) -> None:
    half = len(shards) // 2
    every = {frozenset([frozenset(a), frozenset(shards) - frozenset(a)]) for a in combinations(shards, half)}
    splits = balanced_splits(shards)
    assert len(splits) == n == len(every)
    assert {frozenset([frozenset(a), frozenset(b)]) for a, b in splits} == every
    assert all(len(a) == len(b) == half for a, b in splits)


def test_every_pair_of_shards_is_parted_equally_often() -> None:
    splits = balanced_splits(tuple(range(8)))
    for i, j in combinations(range(8), 2):
        assert sum((i in a) == (j in a) for a, _ in splits) == 15


@pytest.mark.parametrize(("limit", "n"), [(None, 35), (100, 35), (35, 35), (20, 20), (5, 5), (1, 1)])
def test_limited_splits_are_spread_over_the_list(limit: int | None, n: int) -> None:
    every = balanced_splits(tuple(range(8)))
    some = balanced_splits(tuple(range(8)), limit)
    at = [every.index(split) for split in some]
    assert len(some) == n
    assert at == sorted(set(at))
    assert at[0] == 0
    if n > 1:
        assert at[-1] == 34
        assert np.ptp(np.diff(at)) <= 1


def test_reserved_and_training_shards_part_the_eight() -> None:
    assert sorted(RESERVED + TRAINING) == list(range(N_SHARDS))
