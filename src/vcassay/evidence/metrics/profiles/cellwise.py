"""Populations of cells: energy distance and MMD."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def between(x: Array, y: Array) -> tuple[float, float]:
    """Energy distance and squared MMD between two populations.

    Parameters
    ----------
    x, y
        (n, d) and (m, d) cells.

    Returns
    -------
    2 mean|x - y| - mean|x - x'| - mean|y - y'| over pairs of different cells, where a single cell's own
    mean is 0; and the unbiased squared MMD with a Gaussian kernel whose width is the median distance of two
    pooled cells, NaN for a single cell or a median of 0.
    """
    n, m = len(x), len(y)
    distance = np.zeros((n + m) * (n + m - 1) // 2)
    _distances(np.ascontiguousarray(np.concatenate([x, y]).T, dtype=np.float64), distance)
    energy = -_gap(distance, n, m)
    median = float(np.median(distance)) if len(distance) else 0.0
    if n < 2 or m < 2 or median == 0:
        return energy, np.nan
    distance /= median
    distance *= distance
    distance *= -0.5
    return energy, _gap(np.exp(distance, out=distance), n, m)


def _gap(pairs: Array, n: int, m: int) -> float:
    """Mean within x, plus mean within y, less twice the mean between; 0 for the mean of no pair."""
    x, y, cross = _sums(pairs, n, m)
    return float(2.0 * (x / max(1, n * (n - 1)) + y / max(1, m * (m - 1)) - cross / (n * m)))


@numba.njit(cache=True, nogil=True)
def _distances(columns: Array, out: Array) -> None:
    """Distances of all pairs i < j of cells given as columns (d, cells), i after i."""
    d, n = columns.shape
    first = 0
    for i in range(n):
        own = out[first : first + n - i - 1]
        for k in range(d):
            v, line = columns[k, i], columns[k, i + 1 :]
            for j in range(len(own)):
                gap = v - line[j]
                own[j] += gap * gap
        for j in range(len(own)):
            own[j] = np.sqrt(own[j])
        first += len(own)


@numba.njit(cache=True, nogil=True)
def _sums(pairs: Array, n: int, m: int) -> tuple[float, float, float]:
    """Sums over the pairs within the first n, within the other m, and between."""
    within, other, between = 0.0, 0.0, 0.0
    first = 0
    for i in range(n + m):
        a, b = 0.0, 0.0
        for j in range(i + 1, n):
            a += pairs[first + j - i - 1]
        for j in range(max(i + 1, n), n + m):
            b += pairs[first + j - i - 1]
        within += a
        if i < n:
            between += b
        else:
            other += b
        first += n + m - i - 1
    return within, other, between
