"""Likeness: mean cosine of the effects of two agents, over the contexts that both were tried in."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_means
from vcassay.arrays.retrieval import cosine_distances

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def likeness(pairs: Iterable[tuple[Array, Array]], item: Codes, context: Codes, n: int) -> Array:
    """Mean cosine of two items' effects, averaged over contexts and over pairs of measurements.

    Parameters
    ----------
    pairs
        (t, d) left and right measurements of the same rows, on disjoint cells where they are measured, the same
        matrix twice where they are predicted.
    item, context
        (t,) codes; item -1 takes no part. Doses and times of an item in a context are averaged first.
    n
        Items.

    Returns
    -------
    (n, n) symmetric; NaN on the diagonal and for items that never meet in a context. A row of zeros has cosine 0.
    """
    return symmetric(crossed_likeness(pairs, item, context, n))


def crossed_likeness(pairs: Iterable[tuple[Array, Array]], item: Codes, context: Codes, n: int) -> Array:
    """Mean cosine of a row item's left measurement and a column item's right one; see `likeness`.

    Returns
    -------
    (n, n): the two values of a pair come from disjoint cells where the measurements do, so that they tell how
    reliable a cosine is. The diagonal holds each item with itself.
    """
    total, count = np.zeros((n, n)), np.zeros((n, n))
    for left, right in pairs:
        for c in np.unique(context[item >= 0]):
            at = np.flatnonzero((context == c) & (item >= 0))
            own, code = np.unique(item[at], return_inverse=True)
            a = group_means(left[at], code, len(own))
            b = a if right is left else group_means(right[at], code, len(own))
            cosine = 1.0 - cosine_distances(a, b)
            known = np.isfinite(cosine)
            total[np.ix_(own, own)] += np.where(known, cosine, 0.0)
            count[np.ix_(own, own)] += known
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))


def symmetric(crossed: Array) -> Array:
    """Mean of the two values of each pair, or the one that is known; NaN on the diagonal."""
    known = np.isfinite(crossed)
    total = np.where(known, crossed, 0.0)
    count = known.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        out = np.where(count + count.T > 0, (total + total.T) / (count + count.T), np.nan)
    np.fill_diagonal(out, np.nan)
    return np.asarray(out)
