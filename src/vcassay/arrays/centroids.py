"""Nearest centroids: can a label be read from effects of units that were left out, from inner products alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def nearest_centroid(products: Array, labels: Codes, group: Codes) -> Codes:
    """Label of the nearest centroid for each unit, of centroids without the units of its own group.

    The distance to the centroid c of a label is |c|^2 - 2 <x, c>, where x is the left measurement of a unit and <x, c>
    and |c|^2 are products of left with right measurements: noise that these do not share moves no centroid nearer.

    Parameters
    ----------
    products
        (n, n) inner products of left with right measurements.
    labels
        (m, n) codes 0..k-1: the units' labels, or m permutations of them.
    group
        (n,) codes of what is left out together.

    Returns
    -------
    (m, n) codes; -1 for a unit without any other group of two labels. Ties go to the smaller code.
    """
    (m, n), k = labels.shape, int(labels.max(initial=-1)) + 1
    one = (labels.T[:, :, None] == np.arange(k)).astype(np.float64).reshape(n, m * k)
    same = (group[:, None] == group[None]).astype(np.float64)
    own = products * same
    left, right, count = products @ one, products.T @ one, one.sum(axis=0) - same @ one
    # products of the sums without the own group: all, less its part on either side, and its own added once
    squares = (one * left).sum(axis=0) - same @ (one * (left + right - own @ one))
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = squares / count**2 - 2.0 * (left - own @ one) / count
    distance = np.where(count > 0, distance, np.inf).reshape(n, m, k)
    several = (count > 0).reshape(n, m, k).sum(axis=2) > 1
    return np.asarray(np.where(several, distance.argmin(axis=2), -1).T)


def balanced_accuracy(found: Codes, labels: Codes) -> Array:
    """Mean over labels of the share of units whose label was found.

    Parameters
    ----------
    found, labels
        (m, n) codes; units with -1 take no part.

    Returns
    -------
    (m,); NaN where no unit takes part.
    """
    k = int(labels.max(initial=-1)) + 1
    out = np.empty((len(labels), k))
    for j in range(k):
        own = (labels == j) & (found >= 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[:, j] = (own & (found == j)).sum(axis=1) / own.sum(axis=1)
    known = np.isfinite(out)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, out, 0.0).sum(axis=1) / known.sum(axis=1))
