"""Nearest centroids: can a label be read from effects of units that were left out, from inner products alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def nearest_centroid(products: Array, label: Codes, group: Codes) -> Codes:
    """Label of the nearest centroid for each unit, of centroids without the units of its own group.

    The distance to the centroid c of a label is |c|^2 - 2 <x, c>, where x is the left measurement of a unit and <x, c>
    and |c|^2 are products of left with right measurements: noise that these do not share moves no centroid nearer.

    Parameters
    ----------
    products
        (n, n) inner products of left with right measurements.
    label
        (n,) codes 0..k-1.
    group
        (n,) codes of what is left out together.

    Returns
    -------
    (n,) codes; -1 for a unit without any other group of two labels. Ties go to the smaller code.
    """
    k = int(label.max(initial=-1)) + 1
    one = (label[:, None] == np.arange(k)).astype(np.float64)
    same = (group[:, None] == group[None]).astype(np.float64)
    own = products * same
    left, right = products @ one, products.T @ one
    whole = (one * left).sum(axis=0)
    # products of the sums without the own group: all, less its part on either side, and its own added once
    squares = whole - same @ (one * left) - same @ (one * right) + same @ (one * (own @ one))
    count = one.sum(axis=0) - same @ one
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = squares / count**2 - 2.0 * (left - own @ one) / count
    distance = np.where(count > 0, distance, np.inf)
    return np.where((count > 0).sum(axis=1) > 1, distance.argmin(axis=1), -1)


def balanced_accuracy(found: Codes, label: Codes) -> float:
    """Mean over labels of the share of units whose label was found; units with -1 take no part, NaN without any."""
    known = found >= 0
    if not known.any():
        return float("nan")
    total = np.bincount(label[known])
    hit = np.bincount(label[known], weights=(found == label)[known], minlength=len(total))
    return float((hit[total > 0] / total[total > 0]).mean())
