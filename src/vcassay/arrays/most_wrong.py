"""The genes that a prediction gets most wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import full_mask

BLOCK = 512
"""Rows looked at together, so that the differences of a large screen are never held at once."""


def most_wrong(
    predicted: NDArray[np.floating], measured: NDArray[np.floating], mask: NDArray[np.bool_], k: int
) -> NDArray[np.int64]:
    """Find the k columns of each row where prediction and measurement are furthest apart.

    Parameters
    ----------
    predicted, measured
        (n, g) effects in one unit.
    mask
        (n, g) or (g,) columns that are compared.

    Returns
    -------
    (n, k) columns, the largest absolute difference first and the first of equals; -1 where a row has fewer columns
    in which both are finite.
    """
    n, g = predicted.shape
    full = full_mask(mask, (n, g))
    out = np.full((n, k), -1, dtype=np.int64)
    for first in range(0, n, BLOCK):
        rows = slice(first, first + BLOCK)
        gap = np.abs(predicted[rows].astype(np.float64) - measured[rows])
        gap[~full[rows] | ~np.isfinite(gap)] = -1.0
        order = np.argsort(-gap, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(gap, order, axis=1) >= 0
        out[rows, : order.shape[1]] = np.where(found, order, -1)
    return out
