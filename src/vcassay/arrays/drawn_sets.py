"""Random sets of genes that match a given one in number and expression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

BINS = 10
"""Quantiles of the level within which genes are exchanged."""


def level_bins(level: Array, bins: int = BINS) -> Codes:
    """(g,) quantile bin of each gene's level, of equal counts; ties share the lower bin, NaN is bin 0."""
    value = np.nan_to_num(level, nan=-np.inf)
    rank = np.searchsorted(np.sort(value), value, side="left")
    return np.asarray(rank * bins // max(len(value), 1), dtype=np.int64)


def matched_sets(members: Codes, allowed: Mask, bin_of: Codes, draws: int, rng: np.random.Generator) -> Codes:
    """Draw sets of allowed genes, as many in each bin as the members have.

    Parameters
    ----------
    members
        (k,) positions of the set that is matched.
    allowed
        (g,) genes that may be drawn; members take no part. A bin with too few gives all that it has, and the
        nearest bins the rest.
    bin_of
        (g,) codes, near codes being alike.

    Returns
    -------
    (draws, k) positions, without repetition within a draw; fewer columns if fewer genes are allowed.
    """
    free = allowed.copy()
    free[members] = False
    pools = {int(b): np.flatnonzero(free & (bin_of == b)) for b in np.unique(bin_of[free])}
    wanted = dict.fromkeys(pools, 0)
    for b in bin_of[members].tolist():
        near = sorted((abs(c - b), c) for c in pools if wanted[c] < len(pools[c]))
        if near:
            wanted[near[0][1]] += 1
    parts = []
    for b in sorted(pools):
        order = np.argsort(rng.random((draws, len(pools[b]))), axis=1)[:, : wanted[b]]
        parts.append(pools[b][order])
    return np.concatenate(parts, axis=1) if parts else np.empty((draws, 0), dtype=np.int64)
