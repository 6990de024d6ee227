"""Sparse matrices on disk: by rows (CSR), and by columns (CSC), of HDF5 or zarr."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import h5py
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.packed import take_rows
from vcassay.core import InputError
from vcassay.screen.storage.hdf5 import Raw
from vcassay.screen.storage.stored import TASK_BYTES, Block, Run, Stored, as_csr, even_pieces, in_turn
from vcassay.screen.storage.stream import stream

WINDOW_BYTES = 256 * 2**20
"""Memory for the rows that are gathered at a time from a matrix stored by columns."""


class Compressed(Stored):
    """A sparse matrix read along the axis by which it is stored.

    Parameters
    ----------
    group
        Holds data, indices and indptr.
    shape
        Of the axis by which it is stored, then the other.
    where
        The file, for error sentences.
    """

    def __init__(self, group: Any, shape: tuple[int, int], where: str) -> None:
        self.shape, self.where = shape, where
        self._data, self._indices = _array(group["data"]), _array(group["indices"])
        self.dtype = np.dtype(self._data.dtype)
        self.indptr = np.asarray(group["indptr"][:], dtype=np.int64)
        held = min(self._data.shape[0], self._indices.shape[0])
        steps = np.diff(self.indptr)
        if len(self.indptr) != shape[0] + 1 or (steps < 0).any() or self.indptr[0] < 0 or self.indptr[-1] > held:
            raise InputError(
                "the index of the sparse matrix does not fit its values", where=where, mend="write the file again"
            )

    def read(self, start: int, stop: int, run: Run = in_turn) -> sp.csr_matrix:
        """Rows (columns, if stored by columns) from ``start`` to ``stop``."""
        low, high = int(self.indptr[start]), int(self.indptr[stop])
        data, indices = self._data.read(low, high, run), self._indices.read(low, high, run)
        return as_csr(data, indices, self.indptr[start : stop + 1], self.shape[1])

    def pieces(self, nbytes: int) -> NDArray[np.int64]:
        """Bounds of pieces of about ``nbytes`` of values and indices."""
        entries = max(1, nbytes // (self.dtype.itemsize + np.dtype(self._indices.dtype).itemsize))
        marks = np.arange(self.indptr[0] + entries, self.indptr[-1], entries)
        bounds = np.unique(np.searchsorted(self.indptr, marks, side="left"))
        inner = bounds[(bounds > 0) & (bounds < self.shape[0])]
        return np.concatenate([[0], inner, [self.shape[0]]]).astype(np.int64)


class ByColumns(Stored):
    """A matrix stored by columns (CSC).

    The pass reads it by blocks of genes (``columns``). Rows are gathered in windows, each from a walk over the whole
    matrix: slow for a matrix much larger than `WINDOW_BYTES`, but bounded in memory.

    Attributes
    ----------
    columns
        (genes, rows) the transpose, read by genes.
    """

    ahead: ClassVar[bool] = False

    def __init__(self, group: Any, shape: tuple[int, int], where: str) -> None:
        self.columns = Compressed(group, (shape[1], shape[0]), where)
        self.shape, self.dtype = shape, self.columns.dtype
        self._ends: NDArray[np.int64] | None = None
        self._sample: tuple[NDArray[np.int64], sp.csr_matrix] | None = None
        self._window: tuple[int, sp.csr_matrix] = (0, sp.csr_matrix((0, shape[1]), dtype=self.dtype))

    def read(self, start: int, stop: int, run: Run = in_turn) -> sp.csr_matrix:
        """Rows from ``start`` to ``stop``, genes in order."""
        first, window = self._window
        if not first <= start <= stop <= first + window.shape[0]:
            first, window = self._window = (start, self._gather(start, stop))
        return window[start - first : stop - first]

    def rows(self, wanted: NDArray[np.integer]) -> sp.csr_matrix:
        """Some rows, from one walk over the matrix; the last ones asked for are kept."""
        key = np.asarray(wanted, dtype=np.int64)
        if self._sample is None or not np.array_equal(self._sample[0], key):
            place = np.full(self.shape[0], -1, dtype=np.int64)
            place[key] = np.arange(len(key))
            parts = []
            for low, part in self._blocks():
                block = part.tocoo()
                at = place[block.col]
                parts.append((block.data[at >= 0], at[at >= 0], block.row[at >= 0] + low))
            data, at, gene = (np.concatenate(x) for x in zip(*parts, strict=True))
            self._sample = (key, sp.csr_matrix((data, (at, gene)), shape=(len(key), self.shape[1])))
        return self._sample[1]

    def _blocks(self) -> Iterator[tuple[int, Any]]:
        """The whole matrix by genes, read ahead."""
        return stream(self.columns, self.columns.pieces(8 * TASK_BYTES), where=self.columns.where)

    def pieces(self, nbytes: int) -> NDArray[np.int64]:
        """Bounds of pieces of equal rows."""
        return even_pieces(self.shape[0], 12.0 * int(self.columns.indptr[-1]) / max(self.shape[0], 1), nbytes)

    def _gather(self, start: int, stop: int) -> sp.csr_matrix:
        """Rows from ``start`` on, at least to ``stop`` and as many as `WINDOW_BYTES` hold."""
        if self._ends is None:
            count = np.zeros(self.shape[0], dtype=np.int64)
            for _, block in self._blocks():
                count += np.bincount(block.indices, minlength=self.shape[0])
            self._ends = np.concatenate([[0], np.cumsum(count)])
        room = WINDOW_BYTES // (self.dtype.itemsize + 4)
        far = int(np.searchsorted(self._ends, self._ends[start] + room, side="right")) - 1
        stop = max(stop, min(far, self.shape[0]))
        indptr = self._ends[start : stop + 1] - self._ends[start]
        free, data = indptr[:-1].copy(), np.empty(indptr[-1], dtype=self.dtype)
        indices = np.empty(len(data), dtype=np.int32)
        for low, part in self._blocks():
            take_rows(part.data, part.indices, part.indptr, low, start, free, data, indices)
        return as_csr(data, indices, indptr, self.shape[1])


class Dense(Stored):
    """A dense matrix on disk, of HDF5 or zarr."""

    def __init__(self, array: Any) -> None:
        self._array = _array(array)
        self.shape, self.dtype = (int(array.shape[0]), int(array.shape[1])), np.dtype(array.dtype)

    def read(self, start: int, stop: int, run: Run = in_turn) -> Block:
        """Rows from ``start`` to ``stop``."""
        return self._array.read(start, stop, run)

    def pieces(self, nbytes: int) -> NDArray[np.int64]:
        """Bounds of pieces of whole storage chunks."""
        return even_pieces(self.shape[0], self.shape[1] * self.dtype.itemsize, nbytes, self._array.chunk)


class Zarr:
    """A zarr array, or whatever slices like one, with the reader's interface of `Raw`."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.shape, self.dtype = array.shape, array.dtype
        chunks = getattr(array, "shards", None) or getattr(array, "chunks", None)
        self.chunk = int(chunks[0]) if chunks else 1

    def read(self, start: int, stop: int, run: Run = in_turn) -> NDArray[Any]:
        """Entries, or rows, from ``start`` to ``stop``; zarr has threads of its own."""
        return np.asarray(self.array[start:stop])


def _array(array: Any) -> Raw | Zarr:
    return Raw(array) if isinstance(array, h5py.Dataset) else Zarr(array)
