"""Overlap of the top of two rankings of genes, row by row, with what chance would give.

Genes tied at the edge of a top share its last places equally, as a coin would on average: a prediction of no change
overlaps by exactly chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Order = NDArray[np.int32]
Codes = NDArray[np.int64]


class Overlap(NamedTuple):
    """Shares of a top and what chance would give, (n,); NaN where a row has too few genes for it."""

    share: Array
    chance: Array


@numba.njit(cache=True, nogil=True)
def _weights(i: int, order: Order, pred: Array, tested: Mask, k: int, out: Array) -> None:
    """Probability of each tested gene to be in the top k by |pred|; 0 for others."""
    out[:] = 0.0
    taken, a, g = 0, 0, order.shape[1]
    while a < g and taken < k:
        if not tested[i, order[i, a]]:
            a += 1
            continue
        value, end, tied = abs(pred[i, order[i, a]]), a, 0
        while end < g and (not tested[i, order[i, end]] or abs(pred[i, order[i, end]]) == value):
            tied += 1 if tested[i, order[i, end]] else 0
            end += 1
        share = min(1.0, (k - taken) / tied)
        for b in range(a, end):
            if tested[i, order[i, b]]:
                out[order[i, b]] = share
        taken += tied
        a = end


@numba.njit(cache=True, nogil=True)
def _top(
    first: int, last: int, truth: Array, order: Order, pred: Array, tested: Mask, top: Codes, least: int, out: Array
) -> None:
    g = truth.shape[1]
    weight, size = np.empty(g), np.empty(g)
    for i in range(first, last):
        n, k = 0, top[i]
        for j in range(g):
            if tested[i, j]:
                size[n] = abs(truth[i, j])
                n += 1
        if k < least or k >= n:
            out[i, 0], out[i, 1] = np.nan, np.nan
            continue
        edge = np.partition(size[:n], n - k)[n - k]
        above, tied = 0, 0
        for a in range(n):
            above += 1 if size[a] > edge else 0
            tied += 1 if size[a] == edge else 0
        share = (k - above) / tied
        _weights(i, order, pred, tested, k, weight)
        shared = 0.0
        for j in range(g):
            if weight[j] > 0.0:
                own = abs(truth[i, j])
                shared += weight[j] if own > edge else (share * weight[j] if own == edge else 0.0)
        out[i, 0], out[i, 1] = shared / k, k / n


@numba.njit(cache=True, nogil=True)
def _found(
    first: int, last: int, label: Mask, order: Order, pred: Array, tested: Mask, k: int, least: int, out: Array
) -> None:
    g = pred.shape[1]
    weight = np.empty(g)
    for i in range(first, last):
        n, positives = 0, 0
        for j in range(g):
            if tested[i, j]:
                n += 1
                positives += 1 if label[i, j] else 0
        best = min(k, positives)
        if positives < least or positives >= n or k >= n:
            out[i, 0], out[i, 1] = np.nan, np.nan
            continue
        _weights(i, order, pred, tested, k, weight)
        found = 0.0
        for j in range(g):
            found += weight[j] if label[i, j] and tested[i, j] else 0.0
        out[i, 0], out[i, 1] = found / best, k * positives / n / best


def top_overlap(truth: Array, order: Order, pred: Array, tested: Mask, k: Codes, least: int = 1) -> Overlap:
    """Share of the k genes of largest |truth| that are among the k of largest |pred|.

    Parameters
    ----------
    order
        (n, g) genes by falling |pred|, those that do not count last.
    tested
        (n, g) genes that take part.
    k
        (n,) size of the tops; NaN where it is below ``least`` or not below the number of genes.
    """
    out = np.empty((len(truth), 2))
    in_threads(_top, len(truth), truth, order, pred, tested, k.astype(np.int64), least, out)
    return Overlap(out[:, 0], out[:, 1])


def top_precision(label: Mask, order: Order, pred: Array, tested: Mask, k: int, least: int = 1) -> Overlap:
    """Labelled genes among the k of largest |pred|, over the most there could be, min(k, labelled genes).

    NaN with fewer than ``least`` labelled genes, or where all genes are labelled or in the top.
    """
    out = np.empty((len(pred), 2))
    in_threads(_found, len(pred), label, order, pred, tested, k, least, out)
    return Overlap(out[:, 0], out[:, 1])


def above_chance(overlap: Overlap) -> Array:
    """(share - chance) / (1 - chance): 1 at best, 0 by chance."""
    return np.asarray((overlap.share - overlap.chance) / (1.0 - overlap.chance))
