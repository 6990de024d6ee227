"""Relabel: permutations of labels among those that are alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def size_blocks(size: Array, kind: Codes, least: int, most: int) -> Codes:
    """Blocks of labels of one kind and similar size.

    Parameters
    ----------
    size
        (n,) by which the labels of a kind are ordered and cut into blocks of about equal number.
    kind
        (n,) codes; where a kind has fewer than ``least`` labels, kinds are not told apart.
    least, most
        Labels a block must have, and blocks a kind is cut into at most.

    Returns
    -------
    (n,) codes of blocks.
    """
    if len(kind) and np.unique(kind, return_counts=True)[1].min() < least:
        kind = np.zeros_like(kind)
    out = np.zeros(len(size), dtype=np.int64)
    n_blocks = 0
    for own in np.unique(kind):
        at = np.flatnonzero(kind == own)
        blocks = max(1, min(most, len(at) // least))
        order = at[np.argsort(np.round(size[at], 12), kind="stable")]
        out[order] = n_blocks + np.arange(len(at)) * blocks // len(at)
        n_blocks += blocks
    return out


def permute_within(block: Codes, draws: int, rng: np.random.Generator) -> Codes:
    """(draws, n) permutations of 0..n-1 that keep every entry within its block."""
    out = np.tile(np.arange(len(block)), (draws, 1))
    for own in np.unique(block):
        at = np.flatnonzero(block == own)
        out[:, at] = at[np.argsort(rng.random((draws, len(at))), axis=1)]
    return out
