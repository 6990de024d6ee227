"""Populations of cells: moments in the precision of the matrix, energy distance and MMD."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from vcassay.arrays.blocks import is_sparse
from vcassay.evidence.metrics.profiles.pair import Cells

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Floats = NDArray[np.floating]


def dense(matrix: Any, at: Codes) -> Array:
    """Rows of a matrix, dense and in double precision."""
    rows = matrix[at]
    return np.asarray(rows.toarray() if is_sparse(rows) else rows, dtype=np.float64)


def moments(matrix: Any, rows: Codes) -> tuple[Floats, Floats]:
    """Means of values and of squares, summed in the precision of the matrix as scperteval sums them.

    Returns
    -------
    Two (g,) vectors. In single precision they depend on the order of the cells in the seventh digit.
    """
    part = matrix[rows]
    square = part.multiply(part) if is_sparse(part) else part * part
    one, two = (np.asarray(x.mean(axis=0)).ravel() for x in (part, square))
    return one, two


def populations(real: Cells, pred: Cells, at: Codes) -> Iterator[tuple[Codes, Codes]]:
    """Rows of the measured and of the predicted cells of each perturbation."""
    sorted_rows = []
    for cells in (real, pred):
        order = np.argsort(cells.code, kind="stable")
        code = cells.code[order]
        sorted_rows.append((order, np.searchsorted(code, at), np.searchsorted(code, at, side="right")))
    (a, a0, a1), (b, b0, b1) = sorted_rows
    for i in range(len(at)):
        yield a[a0[i] : a1[i]], b[b0[i] : b1[i]]


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
    both = np.concatenate([x, y])
    distance = cdist(both, both)
    pairs = distance[np.triu_indices(n + m, 1)]
    energy = 2.0 * distance[:n, n:].mean() - _within(distance[:n, :n]) - _within(distance[n:, n:])
    median = float(np.median(pairs)) if len(pairs) else 0.0
    if n < 2 or m < 2 or median == 0:
        return float(energy), np.nan
    kernel = np.exp(-0.5 * (distance / median) ** 2)
    np.fill_diagonal(kernel, 0.0)
    return float(energy), float(_within(kernel[:n, :n]) + _within(kernel[n:, n:]) - 2.0 * kernel[:n, n:].mean())


def _within(square: Array) -> float:
    n = len(square)
    return float(square.sum() / (n * (n - 1))) if n > 1 else 0.0
