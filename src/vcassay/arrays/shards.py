"""Shards: the eight parts into which the rows of every group fall (methods 2).

A row's shard follows from the hash of its name and the seed, never from its position. Within a
group (a condition, or a control pool) rows are ordered by batch and hash and dealt out in turn, so
that halves are balanced in size and within batch even for a handful of rows.
"""

from __future__ import annotations

from itertools import combinations

import numba
import numpy as np
from numpy.typing import NDArray

N_SHARDS = 8
"""Shards a group is dealt into."""
RESERVED = (0, 2, 4, 6)
"""Control shards that only scoring reads; the others are left to training (methods 1)."""
TRAINING = (1, 3, 5, 7)
"""Control shards left to training."""

HELD_OUT = (4, 5, 6, 7)
"""Shards of perturbed rows that are test rows, where a condition's rows are on both sides of a split."""

Split = tuple[tuple[int, ...], tuple[int, ...]]


@numba.njit(cache=True)
def _hash_rows(codes: NDArray[np.uint32], seed: np.uint64) -> NDArray[np.uint64]:
    n, width = codes.shape
    out = np.empty(n, dtype=np.uint64)
    for i in range(n):
        h = np.uint64(14695981039346656037) ^ seed
        for j in range(width):
            c = codes[i, j]
            if c == 0:  # padding: names of any width hash alike
                break
            h = (h ^ np.uint64(c)) * np.uint64(1099511628211)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        out[i] = h ^ (h >> np.uint64(31))
    return out


def hash_names(names: NDArray[np.str_], seed: int) -> NDArray[np.uint64]:
    """Hash row names (FNV-1a over code points, finished by SplitMix64).

    Parameters
    ----------
    names
        (rows,) text.
    seed
        Any integer; another seed deals the rows anew.

    Returns
    -------
    (rows,) hashes, the same on every machine and under every PYTHONHASHSEED.
    """
    text = np.ascontiguousarray(names, dtype=str)
    text = text.astype(text.dtype.newbyteorder("="), copy=False)
    width = max(1, text.dtype.itemsize // 4)
    codes = text.view(np.uint32).reshape(len(text), width) if len(text) else np.empty((0, width), dtype=np.uint32)
    return np.asarray(_hash_rows(codes, np.uint64(seed & 0xFFFFFFFFFFFFFFFF)))


def deal(
    group: NDArray[np.integer], batch: NDArray[np.integer], hashes: NDArray[np.uint64], hands: int = N_SHARDS
) -> NDArray[np.int64]:
    """Deal the rows of each group into hands, in turn, ordered by batch and hash.

    Parameters
    ----------
    group, batch
        (rows,) codes.
    hashes
        (rows,) from `hash_names`; equal hashes keep the order of the rows.

    Returns
    -------
    (rows,) hand in [0, hands). Hands of a group differ by at most one row, also within a batch.
    """
    order = np.lexsort((hashes, batch, group))
    sorted_group = np.asarray(group)[order]
    starts = np.flatnonzero(np.r_[True, sorted_group[1:] != sorted_group[:-1]]) if len(order) else np.empty(0, int)
    lengths = np.diff(np.r_[starts, len(order)])
    rank = np.arange(len(order)) - np.repeat(starts, lengths)
    out = np.empty(len(order), dtype=np.int64)
    out[order] = rank % hands
    return out


def balanced_splits(shards: tuple[int, ...], limit: int | None = None) -> tuple[Split, ...]:
    """All ways to cut an even number of shards into two equal halves, without their mirror images.

    Parameters
    ----------
    shards
        Eight shards have 35 splits, four have 3.
    limit
        Keep about this many, evenly spaced over the list.
    """
    first, rest = shards[0], shards[1:]
    half = len(shards) // 2 - 1
    splits = [((first, *a), tuple(s for s in rest if s not in a)) for a in combinations(rest, half)]
    if limit is None or limit >= len(splits):
        return tuple(splits)
    keep = np.unique(np.linspace(0, len(splits) - 1, limit).round().astype(int))
    return tuple(splits[i] for i in keep)
