"""Tiles: rows of a matrix made dense, a few at a time, for products by BLAS or beside them.

The processor multiplies dense tiles faster than it looks up non-zeros, from about a quarter of non-zeros on. A tile is
multiplied by one BLAS thread (`one_blas_thread`) and tiles are shared out among threads, so that the order of a sum
never depends on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vcassay.arrays import blocks
from vcassay.arrays.threads import threads

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Floats = NDArray[Any]
Values = NDArray[Any]

ROWS = 256
"""Rows of a tile."""
PARTS = 8
"""Parts of the rows that are summed each on their own, whatever the number of threads."""
MANY = 0.25
"""Share of non-zeros from which dense products are faster."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let a product be summed in one order: BLAS works in the thread that calls it."""
    with threadpool_limits(1, user_api="blas"):
        yield


def each(work: Callable[[int], None], n: int) -> None:
    """Call ``work`` on 0..n-1, on all threads (`vcassay.arrays.threads.threads`)."""
    blocks.in_threads(work, range(n), min(threads(), max(n, 1)))


def product(a: Array, b: Array) -> Array:
    """Multiply (n, g) by (g, m): tiles of rows shared out among threads, each by one BLAS thread."""
    n = -(-len(a) // ROWS)
    if n < 2:
        return np.asarray(a @ b)
    out = np.empty((len(a), b.shape[1]))

    def tile(i: int) -> None:
        at = slice(i * ROWS, (i + 1) * ROWS)
        np.matmul(a[at], b, out=out[at])

    with one_blas_thread():
        each(tile, n)
    return out


class Rows:
    """A matrix whose rows are made dense on demand.

    Parameters
    ----------
    matrix
        (n, g) dense or CSR, of numbers. Nothing is copied.
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix
        self.sparse = blocks.is_sparse(matrix)
        self.shape: tuple[int, int] = matrix.shape
        self.many = not self.sparse or matrix.nnz >= MANY * max(1, self.shape[0] * self.shape[1])

    @property
    def csr(self) -> tuple[Values, Values, Values]:
        """Values, columns and row pointers of a sparse matrix."""
        return self.matrix.data, self.matrix.indices, self.matrix.indptr

    def dense(self, rows: Codes, kind: type[np.floating] = np.float64) -> Floats:
        """(rows, g) in double precision, or as asked."""
        if not self.sparse:
            return np.asarray(self.matrix[rows], dtype=kind)
        out = np.zeros((len(rows), self.shape[1]), dtype=kind)
        _scatter(*self.csr, rows, out)
        return out

    def columns(self, rows: Codes, genes: Codes) -> Array:
        """(rows, genes) in double precision."""
        if not self.sparse:
            return np.asarray(self.matrix[np.ix_(rows, genes)], dtype=np.float64)
        place = np.full(self.shape[1], -1, dtype=np.int64)
        place[genes] = np.arange(len(genes))
        out = np.zeros((len(rows), len(genes)))
        _pick(*self.csr, rows, place, out)
        return out

    def squares(self) -> Array:
        """(n,) sum of squares of each row."""
        out = np.zeros(self.shape[0])
        starts = range(0, len(out), 4 * ROWS)

        def work(i: int) -> None:
            at = slice(starts[i], starts[i] + 4 * ROWS)
            if self.sparse:
                _squares(*self.csr, at.start, out[at])
            else:
                part = np.asarray(self.matrix[at], dtype=np.float64)
                out[at] = np.einsum("ij,ij->i", part, part)

        each(work, len(starts))
        return out

    def times(self, right: Array) -> Array:
        """(n, d) product with a (g, d) matrix."""
        right = np.ascontiguousarray(right)
        out = np.zeros((self.shape[0], right.shape[1]))
        starts = range(0, len(out), ROWS)

        def work(i: int) -> None:
            rows = np.arange(starts[i], min(starts[i] + ROWS, len(out)))
            if self.many:
                out[rows] = self.dense(rows) @ right
            else:
                _times(*self.csr, rows, right, np.zeros(right.shape[1]), out[rows[0] : rows[-1] + 1])

        each(work, len(starts))
        return out

    def there_and_back(self, rows: Codes, mean: Array, right: Array) -> tuple[Array, Array]:
        """Y'Y and A'Y, where Y = A R, A the rows less a mean and R a (g, d) matrix; A is read once.

        Values in single precision are multiplied so, tile by tile, and added up in double precision: rounding is
        independent from cell to cell and averages out.

        Returns
        -------
        (d, d) and (g, d).
        """
        right = np.ascontiguousarray(right)
        d = right.shape[1]
        offset = mean @ right
        kind = np.float32 if self.matrix.dtype == np.float32 else np.float64
        across = right.astype(kind)
        edges = np.linspace(0, len(rows), PARTS + 1).astype(np.int64)
        gram, back, total = np.zeros((PARTS, d, d)), np.zeros((PARTS, self.shape[1], d)), np.zeros((PARTS, d))

        def work(i: int) -> None:
            for start in range(edges[i], edges[i + 1], ROWS):
                at = rows[start : min(start + ROWS, edges[i + 1])]
                if self.many:
                    tile = self.dense(at, kind)
                    left = tile @ across - offset
                    back[i] += tile.T @ left.astype(kind)
                else:
                    left = np.empty((len(at), d))
                    _times(*self.csr, at, right, offset, left)
                    _add_back(*self.csr, at, left, back[i])
                gram[i] += left.T @ left
                total[i] += left.sum(axis=0)

        each(work, PARTS)
        return gram.sum(axis=0), back.sum(axis=0) - np.outer(mean, total.sum(axis=0))


@numba.njit(cache=True, nogil=True)
def _scatter(data: Values, indices: Values, indptr: Values, rows: Codes, out: Floats) -> None:
    for i in range(len(rows)):
        for e in range(indptr[rows[i]], indptr[rows[i] + 1]):
            out[i, indices[e]] = data[e]


@numba.njit(cache=True, nogil=True)
def _pick(data: Values, indices: Values, indptr: Values, rows: Codes, place: Codes, out: Array) -> None:
    for i in range(len(rows)):
        for e in range(indptr[rows[i]], indptr[rows[i] + 1]):
            if place[indices[e]] >= 0:
                out[i, place[indices[e]]] = data[e]


@numba.njit(cache=True, nogil=True)
def _squares(data: Values, indices: Values, indptr: Values, first: int, out: Array) -> None:
    for i in range(len(out)):
        s = 0.0
        for e in range(indptr[first + i], indptr[first + i + 1]):
            v = np.float64(data[e])
            s += v * v
        out[i] = s


@numba.njit(cache=True, nogil=True)
def _times(data: Values, indices: Values, indptr: Values, rows: Codes, right: Array, offset: Array, out: Array) -> None:
    """Rows times ``right``, less ``offset``."""
    for i in range(len(rows)):
        own = out[i]
        for c in range(len(own)):
            own[c] = -offset[c]
        for e in range(indptr[rows[i]], indptr[rows[i] + 1]):
            v, line = np.float64(data[e]), right[indices[e]]
            for c in range(len(own)):
                own[c] += v * line[c]


@numba.njit(cache=True, nogil=True)
def _add_back(data: Values, indices: Values, indptr: Values, rows: Codes, left: Array, out: Array) -> None:
    """Add the transposed rows times ``left``."""
    for i in range(len(rows)):
        own = left[i]
        for e in range(indptr[rows[i]], indptr[rows[i] + 1]):
            v, line = np.float64(data[e]), out[indices[e]]
            for c in range(len(own)):
                line[c] += v * own[c]
