"""Across conditions: statistics of a gene, or of counts, over the conditions of a context, as a sum over conditions.

Written as contributions of conditions, whose ratio of sums is the statistic, they are resampled as means are.
"""

from __future__ import annotations

import numba
import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

BLOCK = 32
"""Genes that a thread gathers at a time."""
FEW = 96
"""Up to this many positives, comparing each with all negatives is faster than searching."""


@numba.njit(cache=True, nogil=True)
def _below(value: float, ordered: Array, n: int, right: int) -> int:
    """Entries of a sorted array that are below a value (right 0), or at most as large (right 1)."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value or (right == 1 and ordered[middle] == value):
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True, nogil=True)
def _place(
    first: int, last: int, pred: Array, called: Mask, tested: Mask, blank: Mask, rows: Codes, least: int, out: Array
) -> None:
    """By block of genes: each condition's sums, over the genes that it calls, of placements and of weights.

    A placement is the share of the negative conditions whose |pred| is smaller; ties, and blank conditions, half.
    """
    n, g = len(rows), pred.shape[1]
    size, kind = np.empty((BLOCK, n)), np.empty((BLOCK, n), dtype=np.int8)
    positive, negative, lower, mid = (
        np.empty(n),
        np.empty(n),
        np.empty(n + 1, dtype=np.int64),
        np.empty(n + 1, dtype=np.int64),
    )
    for block in range(first, last):
        start, end = block * BLOCK, min(g, (block + 1) * BLOCK)
        for a in range(n):
            i = rows[a]
            for j in range(start, end):
                size[j - start, a] = abs(pred[i, j])
                kind[j - start, a] = (2 if called[i, j] else 1) if tested[i, j] else 0
        for j in range(start, end):
            k, n_pos, n_neg, n_blank = j - start, 0, 0, 0
            for a in range(n):
                if kind[k, a] == 2:
                    positive[n_pos] = size[k, a]
                    n_pos += 1
                elif kind[k, a] == 1:
                    if blank[rows[a]]:
                        n_blank += 1
                    else:
                        negative[n_neg] = size[k, a]
                        n_neg += 1
            n_all = n_neg + n_blank
            if n_pos < least or n_all < least:
                continue
            if n_pos <= FEW:
                for a in range(n):
                    if kind[k, a] == 2:
                        value, below, tied = size[k, a], 0, 0
                        for b in range(n_neg):
                            below += negative[b] < value
                            tied += negative[b] == value
                        place = 0.5 if blank[rows[a]] else (below + 0.5 * (tied + n_blank)) / n_all
                        out[block, 0, a] += place / n_pos
                        out[block, 1, a] += 1.0 / n_pos
                continue
            ordered = np.sort(positive[:n_pos])
            lower[: n_pos + 1], mid[: n_pos + 1] = 0, 0
            for a in range(n_neg):
                low = _below(negative[a], ordered, n_pos, 0)
                tie = low < n_pos and ordered[low] == negative[a]
                high = _below(negative[a], ordered, n_pos, 1) if tie else low
                lower[high] += 1  # positives from here up are larger
                mid[low] += 1
                mid[high] -= 1  # positives from low to here are tied
            below, tied = 0, 0
            for b in range(n_pos):
                below += lower[b]
                tied += mid[b]
                lower[b], mid[b] = below, tied
            for a in range(n):
                if kind[k, a] == 2:
                    b = _below(size[k, a], ordered, n_pos, 0)
                    place = 0.5 if blank[rows[a]] else (lower[b] + 0.5 * (mid[b] + n_blank)) / n_all
                    out[block, 0, a] += place / n_pos
                    out[block, 1, a] += 1.0 / n_pos


def gene_area(
    pred: Array, called: Mask, tested: Mask, context: Codes, present: Mask | None = None, least: int = 3
) -> Ratio:
    """Area under the ROC curve of each gene across the conditions of a context, as contributions of conditions.

    A gene's area is the mean, over the conditions that call it, of the share of the other conditions in which a
    smaller change is predicted. Conditions contribute their shares, each over the number of conditions that call
    the gene; scaled so that contexts weigh alike, the ratio of sums is the mean over genes, then contexts. A
    condition that was not predicted ties with all others, so that leaving conditions out does not lift the rest; one
    that is predicted not to change does change least.

    Parameters
    ----------
    called, tested
        (n, g) genes called, and genes that take part, in each condition.
    context
        (n,) codes.
    present
        (n,) conditions that were predicted; all if ``None``.
    least
        Conditions with, and without, a call that a gene needs.

    Returns
    -------
    Ratio; 0 over 0 for a condition that calls no such gene, NaN in contexts without one.
    """
    above, below = np.full(len(pred), np.nan), np.full(len(pred), np.nan)
    blank = np.zeros(len(pred), dtype=bool) if present is None else ~present
    for c in np.unique(context).tolist():
        rows = np.flatnonzero(context == c)
        blocks = -(-pred.shape[1] // BLOCK)
        parts = np.zeros((blocks, 2, len(rows)))
        in_threads(_place, blocks, pred, called, tested, blank, rows, least, parts)
        total = parts.sum(axis=0)
        genes = float(total[1].sum())
        if genes > 0:
            above[rows], below[rows] = total * len(rows) / genes
    return Ratio(above, below)


def placements(score: Array, positive: NDArray[np.bool_], group: NDArray[np.integer]) -> Array:
    """Placement of each condition among those of the other kind: parts of the area under the ROC curve.

    Returns
    -------
    (n,) share of the negatives of its group that score below a positive, and of the positives that score above a
    negative, ties counted half. The mean over either kind, and over both, is the area. NaN in groups that
    lack one kind, and where the score is NaN.
    """
    out = np.full(len(score), np.nan)
    known = np.isfinite(score)
    for g in np.unique(group).tolist():
        here = (group == g) & known
        up, down = np.flatnonzero(here & positive), np.flatnonzero(here & ~positive)
        if not len(up) or not len(down):
            continue
        high, low = np.sort(score[up]), np.sort(score[down])
        below = np.searchsorted(low, score[up]) + np.searchsorted(low, score[up], side="right")
        above = 2 * len(up) - np.searchsorted(high, score[down]) - np.searchsorted(high, score[down], side="right")
        out[up], out[down] = below / (2 * len(down)), above / (2 * len(up))
    return out


def rank_contributions(truth: Array, pred: Array, context: Codes) -> Ratio:
    """Spearman correlation over the conditions of each context, as contributions of conditions.

    With ranks centred and scaled to mean square 1 within contexts, the ratio of the sums of a b and of
    (a^2 + b^2) / 2 is the mean over contexts of the correlation.

    Parameters
    ----------
    truth, pred
        (n,) values; conditions with a NaN in ``truth`` take no part.

    Returns
    -------
    Ratio; NaN where ``truth`` is, and in contexts where it is constant or known for fewer than three conditions. A
    constant prediction contributes 0 to the numerator.
    """
    above, below = np.full(len(truth), np.nan), np.full(len(truth), np.nan)
    for c in np.unique(context).tolist():
        at = np.flatnonzero((context == c) & np.isfinite(truth))
        if len(at) < 3 or np.ptp(truth[at]) == 0:
            continue
        a, b = _standard(truth[at]), _standard(pred[at])
        above[at], below[at] = a * b, a * a if not b.any() else (a * a + b * b) / 2
    return Ratio(above, below)


def _standard(values: Array) -> Array:
    rank = scipy.stats.rankdata(values)
    rank -= rank.mean()
    size = np.sqrt((rank * rank).mean())
    return np.asarray(rank / size if size > 0 else np.zeros(len(rank)))
