"""Inner products among the rows of many short series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Index = NDArray[np.int64]

BLOCK = 64
"""Series whose rows are gathered at once."""


def _multiply(first: int, last: int, left: Array, right: Array, rows: Index, out: Array) -> None:
    for start in range(first, last, BLOCK):
        at = rows[start : min(start + BLOCK, last)]
        np.matmul(left[at], right[at].transpose(0, 2, 1), out=out[start : start + len(at)])


def series_products(left: Array, right: Array, rows: Index) -> Array:
    """Inner products of every row of a series in one matrix with every row of it in another.

    Parameters
    ----------
    left, right
        (n, g).
    rows
        (series, k) positions; series of one length.

    Returns
    -------
    (series, k, k): entry (i, j) is left row i with right row j; NaN where either has one.
    """
    out = np.empty((len(rows), rows.shape[1], rows.shape[1]))
    in_threads(_multiply, len(rows), left, right, rows, out)
    return out
