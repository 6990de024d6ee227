"""Ranked genes: how well the size of predicted effects finds the genes that the truth calls, row by row.

``order`` lists each row's genes by falling absolute prediction, those that do not count last, and is sorted once for
all of these. Ties count as a coin would break them, so that a prediction of no change is worth exactly chance.
``tested`` are the genes that can be called; labels are taken within them.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Order = NDArray[np.int32]

BINS = 20
"""Bins of control expression, of about as many genes each."""
FINE = 4096
"""Equal steps in which control expression is counted to find the bins' edges."""


@numba.njit(cache=True, nogil=True)
def _arrange(i: int, order: Order, pred: Array, tested: Mask, sign: int, genes: NDArray[np.int64], score: Array) -> int:
    """Write the tested genes of a row by falling |pred| (sign 0) or sign x pred, and their scores; return how many."""
    g = order.shape[1]
    n, start = 0, g
    for a in range(g):
        j = order[i, a]
        if tested[i, j]:
            value = abs(pred[i, j]) if sign == 0 else sign * pred[i, j]
            at = n if value >= 0.0 else start - 1  # the largest opposite effects come last
            genes[at], score[at] = j, value
            n, start = (n + 1, start) if value >= 0.0 else (n, start - 1)
    last: int = g - start
    for a in range(last):
        genes[n + a], score[n + a] = genes[start + a], score[start + a]
    return n + last


@numba.njit(cache=True, nogil=True)
def _curves(first: int, last: int, label: Mask, order: Order, pred: Array, tested: Mask, sign: int, out: Array) -> None:
    g = order.shape[1]
    genes, score = np.empty(g, dtype=np.int64), np.empty(g)
    for i in range(first, last):
        n = _arrange(i, order, pred, tested, sign, genes, score)
        positives = 0
        for a in range(n):
            positives += 1 if label[i, genes[a]] else 0
        negatives = n - positives
        hits, area, precision, a = 0, 0.0, 0.0, 0
        while a < n:
            value, more, wrong, above = score[a], 0, 0, a
            while a < n and score[a] == value:
                if label[i, genes[a]]:
                    more += 1
                else:
                    wrong += 1
                a += 1
            area += wrong * (hits + 0.5 * more)
            tied = more + wrong
            for b in range(tied if more > 0 else 0):  # a positive in place b of the tied, with its share of the others
                others = b * (more - 1) / (tied - 1) if tied > 1 else 0.0
                precision += more / tied * (hits + 1.0 + others) / (above + b + 1)
            hits += more
        out[i, 0] = area / (positives * negatives) if positives > 0 and negatives > 0 else np.nan
        out[i, 1] = precision / positives if positives > 0 else np.nan
        out[i, 2], out[i, 3] = positives, n


def curves(
    label: Mask, order: Order, pred: Array, tested: Mask, sign: int = 0
) -> tuple[Array, Array, NDArray[np.int64], NDArray[np.int64]]:
    """Area under the ROC curve and average precision of finding labelled genes.

    Parameters
    ----------
    label
        (n, g) genes to be found.
    order, pred, tested
        Genes by falling |pred|, predicted effects, genes that take part.
    sign
        0 ranks by |pred|, 1 by pred (genes that go up), -1 by -pred.

    Returns
    -------
    (n,) area and average precision, labelled genes and genes that take part. NaN without labelled (and,
    for the area, other) genes. Average precision steps over ties as one, as scikit-learn does.
    """
    out = np.empty((len(pred), 4))
    in_threads(_curves, len(pred), label, order, pred, tested, sign, out)
    return out[:, 0], out[:, 1], out[:, 2].astype(np.int64), out[:, 3].astype(np.int64)


def chance_precision(positives: NDArray[np.int64], n: NDArray[np.int64]) -> Array:
    """Average precision of a random order (Bestgen 2015): above prevalence, most of all where little is to be found.

    With m of n genes labelled it is (m - 1) / (n - 1) + (1 - (m - 1) / (n - 1)) H_n / n, H_n the harmonic number.
    """
    harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, int(n.max(initial=1)) + 1))])
    with np.errstate(divide="ignore", invalid="ignore"):
        others = np.where(n > 1, (positives - 1) / np.maximum(n - 1, 1), 0.0)
        return np.where(positives > 0, others + (1.0 - others) * harmonic[n] / n, np.nan)


@numba.njit(cache=True, nogil=True)
def _bin_row(i: int, control: Array, tested: Mask, bins: int, fine: NDArray[np.int64], out: NDArray[np.int64]) -> None:
    """Bins of about as many tested genes each, by counting in fine equal steps."""
    g = control.shape[1]
    low, high, n = np.inf, -np.inf, 0
    for j in range(g):
        if tested[i, j]:
            low, high = min(low, control[i, j]), max(high, control[i, j])
            n += 1
    fine[:] = 0
    step = (len(fine) - 1) / (high - low) if high > low else 0.0
    for j in range(g):
        if tested[i, j]:
            out[j] = int((control[i, j] - low) * step)
            fine[out[j]] += 1
    before = 0
    for k in range(len(fine)):
        here = fine[k]
        fine[k] = min(bins - 1, (2 * before + here) * bins // (2 * max(n, 1)))
        before += here
    for j in range(g):
        if tested[i, j]:
            out[j] = fine[out[j]]


@numba.njit(cache=True, nogil=True)
def _matched(
    first: int,
    last: int,
    label: Mask,
    order: Order,
    pred: Array,
    tested: Mask,
    control: Array,
    bins: int,
    fine_steps: int,
    out: Array,
) -> None:
    g = order.shape[1]
    genes, score = np.empty(g, dtype=np.int64), np.empty(g)
    fine, bin_of = np.empty(fine_steps, dtype=np.int64), np.empty(g, dtype=np.int64)
    hits, more, wrong, all_of, pairs_of = np.empty((5, bins), dtype=np.int64)
    for i in range(first, last):
        n = _arrange(i, order, pred, tested, 0, genes, score)
        _bin_row(i, control, tested, bins, fine, bin_of)
        hits[:], more[:], wrong[:], all_of[:], pairs_of[:] = 0, 0, 0, 0, 0
        for a in range(n):
            all_of[bin_of[genes[a]]] += 1
            pairs_of[bin_of[genes[a]]] += 1 if label[i, genes[a]] else 0
        pairs, area, a = 0, 0.0, 0
        for k in range(bins):
            pairs += pairs_of[k] * (all_of[k] - pairs_of[k])
        while a < n:
            end, value = a, score[a]
            while end < n and score[end] == value:
                k = bin_of[genes[end]]
                if label[i, genes[end]]:
                    more[k] += 1
                else:
                    wrong[k] += 1
                end += 1
            for b in range(a, end):
                k = bin_of[genes[b]]
                area += wrong[k] * (hits[k] + 0.5 * more[k])
                hits[k] += more[k]
                more[k], wrong[k] = 0, 0
            a = end
        out[i] = area / pairs if pairs > 0 else np.nan


def matched_area(label: Mask, order: Order, pred: Array, tested: Mask, control: Array) -> Array:
    """Area under the ROC curve over pairs of a labelled and another gene of like control expression.

    Parameters
    ----------
    control
        (n, g) control profile, by which each row's tested genes fall into `BINS` bins of about equal number.

    Returns
    -------
    (n,) share of the pairs within bins that are ranked rightly, ties half; NaN without such pairs.
    """
    out = np.empty(len(pred))
    in_threads(_matched, len(pred), label, order, pred, tested, control, BINS, FINE, out)
    return out
