"""Stored: a matrix whose rows are read in pieces, wherever it lies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Block = NDArray[np.generic] | sp.csr_matrix

PIECE_BYTES = 128 * 2**20
"""Decompressed bytes that are read at a time; two pieces are in memory at once."""
TASK_BYTES = 4 * 2**20
"""Decompressed bytes that one thread reads at a time."""

Run = Callable[[Iterable[Callable[[], None]]], None]
"""Calls each of some functions, in any order and perhaps in several threads, and returns when all are done."""


def in_turn(tasks: Iterable[Callable[[], None]]) -> None:
    """Call some functions one after the other."""
    for task in tasks:
        task()


class Stored(ABC):
    """A matrix of rows by genes; several threads may read it at once.

    AnnData takes it for one of its own sparse matrices on disk, so it can stand as X or as a layer.

    Attributes
    ----------
    shape, dtype
        As of an array.
    ahead
        Whether reading ahead of the caller gains anything.
    """

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    format: ClassVar[str] = "csr"
    backend: ClassVar[str] = "hdf5"
    ahead: ClassVar[bool] = True

    @abstractmethod
    def read(self, start: int, stop: int, run: Run = in_turn) -> Block:
        """Rows from ``start`` to ``stop``, dense or CSR; ``run`` may divide the work."""

    @abstractmethod
    def pieces(self, nbytes: int) -> NDArray[np.int64]:
        """Ascending bounds, from 0 to the number of rows, of pieces of about so many bytes that are quick to read."""

    def rows(self, wanted: NDArray[np.integer]) -> Block:
        """Some rows, in the order asked for."""
        cuts = np.flatnonzero(np.diff(wanted) != 1) + 1
        runs = [run for run in np.split(np.asarray(wanted), cuts) if len(run)]
        return stack([self.read(int(run[0]), int(run[-1]) + 1) for run in runs], self.shape[1])

    def __getitem__(self, index: Any) -> Block:
        """Rows by a slice, a mask or positions."""
        if isinstance(index, tuple):
            index, columns = index
            return self[index][:, columns]
        if isinstance(index, slice):
            start, stop, step = index.indices(self.shape[0])
            return self.read(start, max(start, stop)) if step == 1 else self.rows(np.arange(start, stop, step))
        at = np.atleast_1d(np.asarray(index))
        return self.rows(np.flatnonzero(at) if at.dtype == bool else at)

    def to_memory(self) -> Block:
        """The whole matrix."""
        return self.read(0, self.shape[0])


def is_sparse(matrix: Any) -> bool:
    """Tell whether a matrix is one of scipy's sparse ones."""
    return bool(sp.issparse(matrix))


def stack(parts: list[Block], columns: int) -> Block:
    """Put blocks below each other; CSR if any is, or if there is none."""
    if not parts:
        return sp.csr_matrix((0, columns))
    if any(is_sparse(part) for part in parts):
        return sp.csr_matrix(sp.vstack([sp.csr_matrix(part) for part in parts], format="csr"))
    return np.concatenate([np.asarray(part) for part in parts])


def even_pieces(rows: int, row_bytes: float, nbytes: int, multiple: int = 1) -> NDArray[np.int64]:
    """Bounds of pieces of equal rows, a multiple of a storage chunk's rows where that is small enough."""
    each = max(1, int(nbytes / max(row_bytes, 1.0)))
    if multiple <= each:
        each -= each % multiple
    return np.append(np.arange(0, rows, each, dtype=np.int64), rows)


class Held(Stored):
    """A matrix in memory, or anything else that is sliced by rows (no thread reads it beside another then).

    Parameters
    ----------
    matrix
        Dense or CSR in memory, or an array on disk.
    """

    ahead: ClassVar[bool] = False

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix
        self.shape, self.dtype = (int(matrix.shape[0]), int(matrix.shape[1])), np.dtype(matrix.dtype)

    def read(self, start: int, stop: int, run: Run = in_turn) -> Block:
        """Rows from ``start`` to ``stop``."""
        matrix = self.matrix
        if is_sparse(matrix) and matrix.format == "csr":
            low, high = int(matrix.indptr[start]), int(matrix.indptr[stop])
            return as_csr(
                matrix.data[low:high], matrix.indices[low:high], matrix.indptr[start : stop + 1], self.shape[1]
            )
        block = matrix[start:stop]
        return sp.csr_matrix(block) if is_sparse(block) else np.asarray(block)

    def pieces(self, nbytes: int) -> NDArray[np.int64]:
        """Bounds of pieces of equal rows."""
        nnz = self.matrix.nnz if is_sparse(self.matrix) else None
        row_bytes = self.shape[1] * self.dtype.itemsize if nnz is None else 12.0 * nnz / max(self.shape[0], 1)
        return even_pieces(self.shape[0], row_bytes, nbytes)


def as_csr(data: Any, indices: Any, indptr: Any, columns: int) -> sp.csr_matrix:
    """A CSR block from arrays that were cut out of longer ones; ``indptr`` may begin anywhere."""
    ends = np.asarray(indptr, dtype=np.int64) - int(indptr[0])
    return sp.csr_matrix((data, indices, ends), shape=(len(ends) - 1, columns))
