"""Groups of rows: their sums and means, row after row, in double precision or in that of the matrix."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.tiles import Rows, Values, each

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Floats = NDArray[np.floating]


class Groups(NamedTuple):
    """Rows of n groups.

    Attributes
    ----------
    rows
        Row numbers, group after group, ascending within each.
    begin
        (n + 1,) where each group's rows begin.
    """

    rows: Codes
    begin: Codes

    def of(self, i: int) -> Codes:
        """Rows of a group."""
        return self.rows[self.begin[i] : self.begin[i + 1]]

    @property
    def size(self) -> Codes:
        """(n,) rows of each group."""
        return np.diff(self.begin)


def groups(code: NDArray[np.integer], n: int) -> Groups:
    """Rows of the codes 0..n-1; others are left out."""
    order = np.argsort(code, kind="stable")
    begin = np.searchsorted(code[order], np.arange(n + 1)).astype(np.int64)
    return Groups(order[begin[0] : begin[-1]].astype(np.int64), begin - begin[0])


def group_totals(matrix: Any, of: Groups, *, squares: bool = False) -> Array:
    """Sums of the rows of each group, or of their squares, in double precision and the order of the rows.

    Parameters
    ----------
    matrix
        (rows, g) dense or CSR.

    Returns
    -------
    (n, g).
    """
    x = Rows(matrix)
    out = np.zeros((len(of.size), x.shape[1]))

    def work(i: int) -> None:
        rows, own = of.of(len(out) - 1 - i), out[len(out) - 1 - i]  # the last may be the controls, the largest
        if x.sparse:
            (_add_squares if squares else _add)(*x.csr, rows, own)
            return
        for row in rows:
            values = np.asarray(x.matrix[row], dtype=np.float64)
            own += values * values if squares else values

    each(work, len(out))
    return out


def group_moments(matrix: Any, of: Groups) -> tuple[Floats, Floats]:
    """Means of values and of squares of each group, in the precision of a matrix of floating numbers.

    Added as `scipy.sparse` and numpy add them: each value over the number of rows in a sparse matrix, the sum
    over it in a dense one. In single precision they depend on the order of the rows in the seventh digit.

    Returns
    -------
    Two (n, g); NaN for groups without rows.
    """
    x = Rows(matrix)
    kind = np.result_type(matrix.dtype)
    one, two = np.full((2, len(of.size), x.shape[1]), np.nan, dtype=kind)

    def work(i: int) -> None:
        rows = of.of(i)
        if not len(rows):
            return
        if x.sparse:
            one[i], two[i] = 0, 0
            _add_scaled(*x.csr, rows, kind.type(1.0 / len(rows)), one[i], two[i])
        else:
            part = x.matrix[rows]
            one[i], two[i] = part.mean(axis=0), (part * part).mean(axis=0)

    each(work, len(one))
    return one, two


@numba.njit(cache=True, nogil=True)
def _add(data: Values, indices: Values, indptr: Values, rows: Codes, out: Array) -> None:
    for row in rows:
        for e in range(indptr[row], indptr[row + 1]):
            out[indices[e]] += np.float64(data[e])


@numba.njit(cache=True, nogil=True)
def _add_squares(data: Values, indices: Values, indptr: Values, rows: Codes, out: Array) -> None:
    for row in rows:
        for e in range(indptr[row], indptr[row + 1]):
            v = np.float64(data[e])
            out[indices[e]] += v * v


@numba.njit(cache=True, nogil=True)
def _add_scaled(
    data: Values, indices: Values, indptr: Values, rows: Codes, scale: np.floating, one: Floats, two: Floats
) -> None:
    for row in rows:
        for e in range(indptr[row], indptr[row + 1]):
            v = data[e]
            one[indices[e]] += v * scale
            two[indices[e]] += v * v * scale
