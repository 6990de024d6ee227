"""Euclidean distances between sparse cells in all genes, and energy distances of them."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.tiles import ROWS, Rows, Values, each
from vcassay.evidence.metrics.profiles.pair import CONTROL, Cells

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Floats = NDArray[np.floating]

TILE = 64
"""Cells of the second set that stand side by side while the first set's non-zeros pass."""
WIDE = 1024
"""Cells of the second set that are dense at once where cells have many non-zeros."""
HELD = 2**26
"""Distances that are held at once."""


@numba.njit(cache=True, nogil=True)
def _fill(
    data: Values,
    indices: Values,
    indptr: Values,
    square: Array,
    rows: Codes,
    tile: Array,
    tile_square: Array,
    others: Codes,
    out: Floats,
) -> None:
    """Squared distances of each row to the cells of the tile, (g, `TILE`); rounded as they are stored."""
    dot = np.empty(TILE)
    for i in range(len(rows)):
        row = rows[i]
        for j in range(TILE):
            dot[j] = 0.0
        for e in range(indptr[row], indptr[row + 1]):
            v, line = np.float64(data[e]), tile[indices[e]]
            for j in range(TILE):
                dot[j] += v * line[j]
        _round(row, dot, square[row], tile_square, others, out[i])


@numba.njit(cache=True, nogil=True)
def _fill_dense(dot: Array, square: Array, other_square: Array, rows: Codes, others: Codes, out: Floats) -> None:
    """The same from products."""
    for i in range(len(rows)):
        _round(rows[i], dot[i], square[i], other_square, others, out[i])


@numba.njit(cache=True, nogil=True)
def _round(row: int, dot: Array, square: float, other_square: Array, others: Codes, out: Floats) -> None:
    """Squared distances from products; a cell is at 0 from itself."""
    for j in range(len(others)):
        gap = square + other_square[j] - 2.0 * dot[j]
        out[j] = gap if others[j] != row and gap > 0.0 else 0.0


class _Distances:
    """Distances between rows of one matrix."""

    def __init__(self, matrix: Any) -> None:
        self.kind = np.float32 if matrix.dtype == np.float32 else np.float64
        self.rows = Rows(matrix)
        self.square = self.rows.squares()

    def between(self, rows: Codes, others: Codes) -> Floats:
        """(rows, others) distances in the precision of the matrix, on all threads."""
        out = np.empty((len(rows), len(others)), dtype=self.kind)
        width = WIDE if self.rows.many else TILE
        for start in range(0, len(others), width):
            at = others[start : start + width]
            side = self._side(at)

            def work(i: int, at: Codes = at, side: Array = side, start: int = start) -> None:
                part = slice(i * ROWS, (i + 1) * ROWS)
                self._block(rows[part], at, side, out[part, start : start + len(at)])

            each(work, -(-len(rows) // ROWS))
        return np.sqrt(out, out=out)

    def within(self, rows: Codes) -> Floats:
        """(rows, rows) distances, in the thread that asks."""
        out = np.empty((len(rows), len(rows)), dtype=self.kind)
        width = ROWS if self.rows.many else TILE
        for start in range(0, len(rows), width):
            at = rows[start : start + width]
            side = self._side(at)
            for first in range(0, len(rows), ROWS):
                part = slice(first, first + ROWS)
                self._block(rows[part], at, side, out[part, start : start + len(at)])
        return np.sqrt(out, out=out)

    def _side(self, at: Codes) -> Array:
        """Cells that rows meet: (cells, g), or (g, `TILE`) for sparse rows."""
        cells = self.rows.dense(at)
        if self.rows.many:
            return cells
        tile = np.zeros((cells.shape[1], TILE))
        tile[:, : len(at)] = cells.T
        return tile

    def _block(self, rows: Codes, others: Codes, side: Array, out: Floats) -> None:
        square = self.square[others]
        if not self.rows.many:
            _fill(*self.rows.csr, self.square, rows, side, square, others, out)
            return
        cells = side if rows is others or np.array_equal(rows, others) else self.rows.dense(rows)
        _fill_dense(cells @ side.T, self.square[rows], square, rows, others, out)


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
    spread = np.zeros(n, dtype=distances.kind)
    order = np.argsort(cells.code, kind="stable")
    begin, end = np.searchsorted(cells.code[order], np.arange(n)), np.searchsorted(cells.code[order], np.arange(n) + 1)

    def scatter(p: int) -> None:
        if end[p] > begin[p]:
            spread[p] = distances.within(order[begin[p] : end[p]]).mean()

    each(scatter, n)
    first = 0
    while first < n:  # perturbations of which all distances to the controls are held at once
        last = max(first + 1, int(np.searchsorted(end, begin[first] + HELD // len(control), side="right")))
        far = distances.between(order[begin[first] : end[last - 1]], control)
        for p in range(first, last):
            at = slice(begin[p] - begin[first], end[p] - begin[first])
            if end[p] > begin[p]:
                out[p] = 2 * far[at].mean() - spread[p] - own
        first = last
    return out
