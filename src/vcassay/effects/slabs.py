"""Slabs: genes of a matrix that are in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.blocks import is_sparse
from vcassay.screen.storage import PIECE_BYTES, ByColumns, Held, Stored, stream

SLAB_BYTES = 2 * 2**30
"""Memory for a slab. A file stored by rows whose matrix needs more is read once for each slab."""


def slabs(matrix: Any, where: str = "screen") -> Iterator[tuple[int, Any]]:
    """Walk over the genes.

    Parameters
    ----------
    matrix
        (rows, genes) in memory, which is one slab as it stands, or on disk: a screen's, a sparse data set
        of anndata (CSR or CSC), or a dense one of h5py or zarr.
    where
        The file, for error sentences.

    Yields
    ------
    The first gene and the slab, dense or sparse, of no more than `SLAB_BYTES`.
    """
    if is_sparse(matrix) or isinstance(matrix, np.ndarray):
        yield 0, matrix
        return
    genes = int(matrix.shape[1])
    width = max(1, genes // max(1, -(-_bytes(matrix) // SLAB_BYTES)))
    for first in range(0, genes, width):
        yield first, _load(matrix, first, min(first + width, genes), where)


def row_totals(matrix: Any, where: str = "screen") -> NDArray[np.float64]:
    """(rows,) sum of each row, in double precision."""
    out = np.zeros(matrix.shape[0])
    if _by_columns(matrix):
        genes = int(matrix.shape[1])
        width = max(1, genes // max(1, -(-_bytes(matrix) // PIECE_BYTES)))
        for first in range(0, genes, width):
            part = matrix[:, first : first + width] if is_sparse(matrix) else _load(matrix, first, first + width, where)
            out += np.bincount(part.indices, weights=part.data, minlength=len(out))
        return out
    for start, block in _pieces(matrix, where):
        out[start : start + block.shape[0]] = np.asarray(block.sum(axis=1, dtype=np.float64)).ravel()
    return out


def _by_columns(matrix: Any) -> bool:
    """Whether a matrix is stored by columns."""
    return isinstance(matrix, ByColumns) or (not isinstance(matrix, Stored) and getattr(matrix, "format", "") == "csc")


def _bytes(matrix: Any) -> int:
    """What the whole matrix needs in memory, about."""
    if isinstance(matrix, ByColumns):
        return int(matrix.columns.indptr[-1]) * (int(matrix.dtype.itemsize) + 4)
    if isinstance(matrix, Stored):
        return (len(matrix.pieces(PIECE_BYTES)) - 1) * PIECE_BYTES
    if is_sparse(matrix):
        return int(matrix.data.nbytes + matrix.indices.nbytes)
    if hasattr(matrix, "format"):
        return int(matrix.group["data"].shape[0]) * (int(matrix.dtype.itemsize) + 4)
    return int(matrix.shape[0]) * int(matrix.shape[1]) * int(matrix.dtype.itemsize)


def _pieces(matrix: Any, where: str) -> Iterator[tuple[int, Any]]:
    """Walk over the rows."""
    stored = matrix if isinstance(matrix, Stored) else Held(matrix)
    return stream(stored, stored.pieces(PIECE_BYTES), where=where)


def _load(matrix: Any, first: int, stop: int, where: str) -> Any:
    """Some genes of a matrix on disk; what is stored by rows is read by rows, and cut."""
    stop = min(stop, int(matrix.shape[1]))
    if isinstance(matrix, ByColumns):
        return matrix.columns.read(first, stop).T
    if _by_columns(matrix):
        return matrix[:, first:stop]
    share = (stop - first) / matrix.shape[1]
    cut = None if share == 1 else slice(first, stop)
    pieces = (part if cut is None else part[:, cut] for _, part in _pieces(matrix, where))
    head = next(pieces, None)
    if head is None or not is_sparse(head):
        return np.concatenate([np.empty((0, stop - first)) if head is None else head, *pieces])
    return _joined(head, pieces, int(1.1 * share * _bytes(matrix)), int(matrix.shape[0]))


def _joined(head: Any, pieces: Iterator[Any], nbytes: int, rows: int) -> Any:
    """Pieces of rows as one CSR matrix, copied as they come: what is not written to is not in memory yet."""
    room = max(nbytes // (int(head.dtype.itemsize) + 4), head.nnz)
    data, indices = np.empty(room, dtype=head.dtype), np.empty(room, dtype=np.int32)
    indptr, row = np.zeros(rows + 1, dtype=np.int64), 0
    for part in chain([head], pieces):
        at = int(indptr[row])
        if at + part.nnz > len(data):
            room = max(at + part.nnz, len(data) + len(data) // 4)
            data, indices = _longer(data, room), _longer(indices, room)
        data[at : at + part.nnz], indices[at : at + part.nnz] = part.data, part.indices
        indptr[row + 1 : row + 1 + part.shape[0]] = part.indptr[1:].astype(np.int64) + at
        row += part.shape[0]
    shape: Any = (rows, head.shape[1])
    out: Any = sp.csr_matrix(shape, dtype=head.dtype)
    out.data, out.indices = data[: indptr[row]], indices[: indptr[row]]
    out.indptr = indptr.astype(np.int32) if indptr[row] < 2**31 else indptr
    return out


def _longer(values: NDArray[Any], room: int) -> NDArray[Any]:
    out = np.empty(room, dtype=values.dtype)
    out[: len(values)] = values
    return out
