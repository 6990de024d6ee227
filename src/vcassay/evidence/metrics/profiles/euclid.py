"""Mean Euclidean distances between sparse cells in all genes."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.cellsets import in_threads
from vcassay.evidence.metrics.profiles.pair import CONTROL, Cells

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

TILE = 128
"""Cells of the second set that stand side by side while the first set's non-zeros pass."""


@numba.njit(cache=True, nogil=True)
def _row_sums(
    first: int,
    last: int,
    data: Array,
    indices: NDArray[np.int32],
    indptr: Codes,
    square: Array,
    rows: Codes,
    tile: Array,
    tile_square: Array,
    others: Codes,
    width: int,
    out: Array,
) -> None:
    """Add to each row's sum its distances to the cells of the tile; a cell is at 0 from itself."""
    dot = np.empty(TILE)
    for i in range(first, last):
        row = rows[i]
        for j in range(TILE):
            dot[j] = 0.0
        for e in range(indptr[row], indptr[row + 1]):
            v, line = data[e], tile[indices[e]]
            for j in range(TILE):
                dot[j] += v * line[j]
        total = 0.0
        for j in range(width):
            gap = square[row] + tile_square[j] - 2.0 * dot[j]
            if others[j] != row and gap > 0.0:
                total += math.sqrt(gap)
        out[i] += total


class _Sums:
    """Sums of distances between rows of one matrix."""

    def __init__(self, matrix: Any) -> None:
        self.csr = sp.csr_matrix(matrix, dtype=np.float64)
        self.arrays = (self.csr.data, self.csr.indices.astype(np.int32), self.csr.indptr.astype(np.int64))
        self.square = np.asarray(self.csr.multiply(self.csr).sum(axis=1), dtype=np.float64).ravel()

    def between(self, rows: Codes, others: Codes) -> Array:
        """(rows,) sum of the distances to all others."""
        out = np.zeros(len(rows))
        for start in range(0, len(others), TILE):
            at = others[start : start + TILE]
            tile = np.zeros((self.csr.shape[1], TILE))
            tile[:, : len(at)] = self.csr[at].toarray().T
            args = (*self.arrays, self.square, rows, tile, self.square[at], at, len(at), out)
            in_threads(_row_sums, len(rows), *args)
        return out


def control_energy(cells: Cells, n: int) -> Array:
    """Energy distance of every perturbation to the controls, cells with themselves counted as 0.

    2 mean|x - c| - mean|x - x'| - mean|c - c'| with the Euclidean distance, not squared, over all pairs
    (the V-statistic).

    Returns
    -------
    (n,); NaN without cells or controls.
    """
    control = np.flatnonzero(cells.code == CONTROL)
    if not len(control):
        return np.full(n, np.nan)
    sums = _Sums(cells.matrix)
    rows = np.flatnonzero(cells.code >= CONTROL)
    near = np.zeros(len(cells.code))
    near[rows] = sums.between(rows, control)
    own = near[control].sum() / len(control) ** 2
    order = np.argsort(cells.code, kind="stable")
    begin, end = np.searchsorted(cells.code[order], np.arange(n)), np.searchsorted(cells.code[order], np.arange(n) + 1)
    out = np.full(n, np.nan)
    for p in np.flatnonzero(end > begin):
        at = order[begin[p] : end[p]]
        within = sums.between(at, at).sum() / len(at) ** 2
        out[p] = 2.0 * near[at].sum() / (len(at) * len(control)) - within - own
    return out
