"""Percentiles: where an entry of a row lies among the others, among all or among those of like size."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

DIGITS = 12
"""Values are compared to so many decimals, so that rounding does not decide which of equal ones is higher."""


def percentiles(values: Array) -> Array:
    """Share of the other entries of a row that lie below, equal ones counting half.

    Parameters
    ----------
    values
        (m, k) without NaN.

    Returns
    -------
    (m, k): 1 for the highest, 0 for the lowest, .5 on average; NaN with a single column.
    """
    k = values.shape[1]
    if k < 2:
        return np.full(values.shape, np.nan)
    return np.asarray((scipy.stats.rankdata(np.round(values, DIGITS), axis=1) - 1.0) / (k - 1.0))


def matched_percentiles(values: Array, size: Array, nearest: int) -> Array:
    """Share of the columns of most similar size that lie below in a row, equal ones counting half.

    Parameters
    ----------
    values
        (m, k) without NaN.
    size
        (k,) of the columns; each is compared with as many next smaller as next larger ones, at the ends with the
        ``nearest`` ones there are. Equal sizes keep the order of the columns.
    nearest
        How many columns each is compared with.

    Returns
    -------
    (m, k); NaN with a single column. With ``nearest`` of k - 1 or more the same as `percentiles`.
    """
    k = values.shape[1]
    if k < 2:
        return np.full(values.shape, np.nan)
    width = min(nearest, k - 1)
    order = np.argsort(np.round(size, DIGITS), kind="stable")
    rounded = np.round(values, DIGITS)[:, order]
    first = np.clip(np.arange(k) - width // 2, 0, k - 1 - width)
    below = np.zeros(values.shape)
    for step in range(width + 1):  # a few dozen columns at most; itself among them counts as half of one
        other = rounded[:, first + step]
        below += (other < rounded) + 0.5 * (other == rounded)
    out = np.empty(values.shape)
    out[:, order] = (below - 0.5) / width
    return out
