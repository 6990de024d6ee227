"""Euclidean distances between sparse cells in all genes, and energy distances of them."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads
from vcassay.evidence.metrics.profiles.pair import CONTROL, Cells

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

TILE = 128
"""Cells of the second set that stand side by side while the first set's non-zeros pass."""
HELD = 2**26
"""Distances that are held at once."""


@numba.njit(cache=True, nogil=True)
def _fill(
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
    start: int,
    width: int,
    out: NDArray[np.floating],
) -> None:
    """Each row's distances to the cells of the tile, rounded as they are stored; a cell is at 0 from itself."""
    dot = np.empty(TILE)
    for i in range(first, last):
        row = rows[i]
        for j in range(TILE):
            dot[j] = 0.0
        for e in range(indptr[row], indptr[row + 1]):
            v, line = data[e], tile[indices[e]]
            for j in range(TILE):
                dot[j] += v * line[j]
        for j in range(width):
            gap = square[row] + tile_square[j] - 2.0 * dot[j]
            if others[j] != row and gap > 0.0:
                out[i, start + j] = gap


class _Distances:
    """Distances between rows of one matrix."""

    def __init__(self, matrix: Any) -> None:
        self.kind = np.float32 if matrix.dtype == np.float32 else np.float64
        self.csr = sp.csr_matrix(matrix, dtype=np.float64)
        self.arrays = (self.csr.data, self.csr.indices.astype(np.int32), self.csr.indptr.astype(np.int64))
        self.square = np.asarray(self.csr.multiply(self.csr).sum(axis=1), dtype=np.float64).ravel()

    def between(self, rows: Codes, others: Codes) -> NDArray[np.floating]:
        """(rows, others) distances, in the precision of the matrix."""
        out = np.zeros((len(rows), len(others)), dtype=self.kind)
        for start in range(0, len(others), TILE):
            at = others[start : start + TILE]
            tile = np.zeros((self.csr.shape[1], TILE))
            tile[:, : len(at)] = self.csr[at].toarray().T
            in_threads(
                _fill, len(rows), *self.arrays, self.square, rows, tile, self.square[at], at, start, len(at), out
            )
        return np.sqrt(out, out=out)


def control_energy(cells: Cells, n: int) -> Array:
    """Energy distance of every perturbation to the controls, cells with themselves counted as 0.

    2 mean|x - c| - mean|x - x'| - mean|c - c'| with the Euclidean distance, not squared, over all pairs
    (the V-statistic), in the precision of the matrix: what cell-eval rounds is rounded here.

    Returns
    -------
    (n,); NaN without cells or controls.
    """
    out = np.full(n, np.nan)
    control = np.flatnonzero(cells.code == CONTROL)
    if not len(control):
        return out
    distances = _Distances(cells.matrix)
    own = distances.between(control, control).mean()
    order = np.argsort(cells.code, kind="stable")
    begin, end = np.searchsorted(cells.code[order], np.arange(n)), np.searchsorted(cells.code[order], np.arange(n) + 1)
    first = 0
    while first < n:  # perturbations of which all distances to the controls are held at once
        last = max(first + 1, int(np.searchsorted(end, begin[first] + HELD // len(control), side="right")))
        far = distances.between(order[begin[first] : end[last - 1]], control)
        for p in range(first, last):
            at = slice(begin[p] - begin[first], end[p] - begin[first])
            if end[p] > begin[p]:
                cells_of = order[begin[p] : end[p]]
                out[p] = 2 * far[at].mean() - distances.between(cells_of, cells_of).mean() - own
        first = last
    return out
