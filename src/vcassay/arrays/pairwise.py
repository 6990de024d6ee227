"""Means over pairs of cells of a function of their distance, for many pairs of sets at once.

The function is the Euclidean distance itself (``terms`` = 0), or the sum of ``terms`` Gaussian
kernels exp(-gamma 2^k |x - y|^2), k = 0, 1, ... Squared distances are sums of squared differences:
no cancellation, and exactly 0 between equal cells.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.cellsets import CellSets, Codes, finite_sets, paired
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]

TILE = 128
"""Cells of the second set that are compared at a time: all temporaries stay in the cache."""


@numba.njit(cache=True, nogil=True)
def _add_tile(
    rows: Array, tile: Array, width: int, skip: int, gamma: float, terms: int, value: Array, total: Array
) -> None:
    """Add f of the distances of all rows to each cell of the tile; row i leaves out cells before i - ``skip``."""
    for i in range(rows.shape[0]):
        for j in range(width):
            value[j] = 0.0
        for k in range(rows.shape[1]):
            v = rows[i, k]
            for j in range(width):
                gap = v - tile[k, j]
                value[j] += gap * gap
        if terms == 0:
            for j in range(width):
                value[j] = math.sqrt(value[j])
        else:
            for j in range(width):
                e = math.exp(-gamma * value[j])
                value[j] = e
                for _ in range(terms - 1):
                    e = e * e
                    value[j] += e
        for j in range(min(width, i - skip)):
            value[j] = 0.0
        for j in range(width):
            total[j] += value[j]


@numba.njit(cache=True, nogil=True)
def _pair_sums(
    first: int,
    last: int,
    x: Array,
    x_start: Codes,
    x_size: Codes,
    y: Array,
    y_start: Codes,
    y_size: Codes,
    gamma: float,
    terms: int,
    within: int,
    out: Array,
) -> None:
    """Sum over all pairs of cells of each pair of sets; over i < j only, where a set meets itself."""
    d = x.shape[1]
    tile, value, total = np.empty((d, TILE)), np.empty(TILE), np.empty(TILE)
    for p in range(first, last):
        s = 0.0
        for begin in range(0, y_size[p], TILE):
            width = min(TILE, y_size[p] - begin)
            total[:] = 0.0
            for j in range(width):
                for k in range(d):
                    tile[k, j] = y[y_start[p] + begin + j, k]
            n = min(x_size[p], begin + width) if within else x_size[p]
            rows = x[x_start[p] : x_start[p] + n]
            _add_tile(rows, tile, width, begin - 1 if within else n, gamma, terms, value, total)
            for j in range(width):
                s += total[j]
        out[p] = s


def mean_between(
    x: CellSets, y: CellSets, i: Codes | None = None, j: Codes | None = None, *, gamma: float = 0.0, terms: int = 0
) -> Array:
    """Mean of f(|x - y|) over all pairs of a cell of set i of ``x`` and one of set j of ``y``.

    Returns
    -------
    (pairs,); NaN where a set is empty, holds a value that is not finite, or the sum overflows.
    """
    x_start, x_size, y_start, y_size = paired(x, y, i, j)
    out = np.zeros(len(x_size))
    in_threads(_pair_sums, len(out), x.cells, x_start, x_size, y.cells, y_start, y_size, gamma, terms, 0, out)
    known = np.isfinite(out) & finite_sets(x)[slice(None) if i is None else i]
    known &= finite_sets(y)[slice(None) if j is None else j]
    return _mean(out, x_size * y_size, known)


def mean_within(x: CellSets, *, gamma: float = 0.0, terms: int = 0) -> Array:
    """Mean of f(|x - x'|) over all pairs of two cells of a set (the U-statistic).

    Returns
    -------
    (m,); NaN where a set has fewer than two cells, holds a value that is not finite, or the sum
    overflows.
    """
    out = np.zeros(len(x.size))
    in_threads(_pair_sums, len(out), x.cells, x.start, x.size, x.cells, x.start, x.size, gamma, terms, 1, out)
    return _mean(out, x.size * (x.size - 1) // 2, np.isfinite(out) & finite_sets(x))


def _mean(sums: Array, pairs: Codes, known: NDArray[np.bool_]) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known & (pairs > 0), sums / pairs, np.nan)
