"""Sums of rows by group, and a hash of each row's content: the inner loops of the one pass."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Array = NDArray[np.float64]


@numba.njit(cache=True)
def _mix(h: np.uint64) -> np.uint64:
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def add_sparse(
    data: NDArray[np.generic],
    indices: NDArray[np.integer],
    indptr: NDArray[np.integer],
    order: Codes,
    one: Codes,
    two: Codes,
    sums: Array,
    total: Array,
) -> None:
    """Add the rows of a CSR block to ``sums[one]`` and ``sums[two]``; a negative slot takes no part.

    Rows of one slot that follow each other find its sums in the processor's cache, which is what limits the speed.

    Parameters
    ----------
    data, indices, indptr
        The block's CSR arrays; any number type is summed in double precision.
    order
        Positions of the rows to add, in turn. While rows of one slot keep their order, neither this nor the size of a
        block can change the result; calls without a slot in common may be made at once.
    one, two
        (rows,) rows of ``sums`` that each block row belongs to; ``two`` counts only beside ``one``.
    sums
        (slots, genes), changed in place. No index may lie beyond (`within`).
    total
        (rows,) sum of each row added, filled in; two strands, side by side.
    """
    for i in order:
        p, q = 0.0, 0.0
        low, high = np.uint64(indptr[i]), np.uint64(indptr[i + 1])
        even = low + ((high - low) >> np.uint64(1) << np.uint64(1))
        if one[i] < 0:
            for k in range(low, high):
                p += np.float64(data[k])
        else:
            row = sums[one[i]]
            for k in range(low, even, np.uint64(2)):
                v, w = np.float64(data[k]), np.float64(data[k + np.uint64(1)])
                row[np.uint64(indices[k])] += v
                row[np.uint64(indices[k + np.uint64(1)])] += w
                p += v
                q += w
            for k in range(even, high):
                row[np.uint64(indices[k])] += np.float64(data[k])
                p += np.float64(data[k])
            if two[i] >= 0:
                row = sums[two[i]]
                for k in range(low, high):
                    row[np.uint64(indices[k])] += np.float64(data[k])
        total[i] = p + q


@numba.njit(cache=True, nogil=True)
def add_dense(block: NDArray[np.generic], order: Codes, one: Codes, two: Codes, sums: Array, total: Array) -> None:
    """Add the rows of a dense block, as `add_sparse` does; a total is summed in four strands."""
    genes = block.shape[1]
    whole = genes - genes % 4
    for i in order:
        p, q, r, s = 0.0, 0.0, 0.0, 0.0
        for g in range(0, whole, 4):
            p += np.float64(block[i, g])
            q += np.float64(block[i, g + 1])
            r += np.float64(block[i, g + 2])
            s += np.float64(block[i, g + 3])
        for g in range(whole, genes):
            p += np.float64(block[i, g])
        if one[i] >= 0:
            row = sums[one[i]]
            for g in range(genes):
                row[g] += np.float64(block[i, g])
            if two[i] >= 0:
                row = sums[two[i]]
                for g in range(genes):
                    row[g] += np.float64(block[i, g])
        total[i] = (p + q) + (r + s)


def within(indices: NDArray[np.integer], size: int) -> bool:
    """Whether all indices, of a signed type, lie in [0, size)."""
    unsigned = indices.view(f"u{indices.dtype.itemsize}")  # a negative one is larger than any size
    return not len(indices) or int(unsigned.max()) < size


@numba.njit(cache=True, nogil=True)
def add_powers(
    data: NDArray[np.generic],
    indices: NDArray[np.integer],
    indptr: NDArray[np.integer],
    order: Codes,
    slot: Codes,
    squares: Array,
    nonzeros: NDArray[np.uint32],
) -> None:
    """Add squares, and count values that are not 0, of the rows of a CSR block; NaN takes no part.

    Parameters
    ----------
    data, indices, indptr
        The block's CSR arrays; no index may lie beyond.
    order
        Positions of the rows to add, in turn.
    slot
        (rows,) row of the accumulators; negative rows take no part.
    squares, nonzeros
        (slots, genes), changed in place; one without rows is not wanted.
    """
    with_squares, with_nonzeros = squares.shape[0] > 0, nonzeros.shape[0] > 0
    for i in order:
        s = slot[i]
        if s >= 0:
            for k in range(indptr[i], indptr[i + 1]):
                v = np.float64(data[k])
                if v != 0.0 and not np.isnan(v):
                    if with_squares:
                        squares[s, indices[k]] += v * v
                    if with_nonzeros:
                        nonzeros[s, indices[k]] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def take_gaps(
    data: NDArray[np.floating],
    indices: NDArray[np.integer],
    indptr: NDArray[np.integer],
    one: Codes,
    two: Codes,
    gaps: Array,
) -> None:
    """Count the NaN of a CSR block by slot and gene, and put 0 in their place.

    Parameters
    ----------
    data
        Changed in place.
    one, two
        (rows,) as in `add_sparse`.
    gaps
        (slots, genes), changed in place.
    """
    for i in range(len(one)):
        a, b = one[i], two[i]
        for k in range(indptr[i], indptr[i + 1]):
            if np.isnan(data[k]):
                data[k] = 0.0
                if a >= 0:
                    gaps[a, indices[k]] += 1.0
                    if b >= 0:
                        gaps[b, indices[k]] += 1.0


@numba.njit(cache=True, nogil=True)
def add_columns(
    data: NDArray[np.generic],
    rows: NDArray[np.integer],
    indptr: NDArray[np.integer],
    one: Codes,
    two: Codes,
    columns: tuple[int, int],
    sums: Array,
) -> None:
    """Add some columns of a CSC block, each from its first to its last row.

    With rows in order within each column, sums equal those of `add_sparse` bit by bit.

    Parameters
    ----------
    data, rows, indptr
        The CSC arrays of the columns; no row may lie beyond.
    one, two
        (all rows,) slots, as in `add_sparse`.
    columns
        The first column and the one behind the last; calls without one in common may be made at once.
    sums
        (columns, slots), changed in place.
    """
    for c in range(columns[0], columns[1]):
        column = sums[c]
        for k in range(np.uint64(indptr[c]), np.uint64(indptr[c + 1])):
            v, r = np.float64(data[k]), np.uint64(rows[k])
            if one[r] >= 0:
                column[one[r]] += v
                if two[r] >= 0:
                    column[two[r]] += v


@numba.njit(cache=True, nogil=True)
def add_totals(data: NDArray[np.generic], rows: NDArray[np.integer], total: Array) -> None:
    """Add the values of a CSC block to the ``total`` (all rows,) of their rows; no row may lie beyond."""
    for k in range(len(data)):
        total[np.uint64(rows[k])] += np.float64(data[k])


@numba.njit(cache=True, nogil=True)
def row_hashes(
    data: NDArray[np.float64], indices: NDArray[np.int32], indptr: NDArray[np.int32], gene_hash: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash the non-zero values of each CSR row, whatever the order of the genes.

    Values are hashed in single precision, so that a file and its float32 copy hash alike.

    Returns
    -------
    (rows,) hashes and (rows,) numbers of non-zero values: a row with few of them can equal
    another by chance.
    """
    n = len(indptr) - 1
    out = np.zeros(n, dtype=np.uint64)
    count = np.zeros(n, dtype=np.int64)
    for i in range(n):
        h = np.uint64(0)
        for k in range(indptr[i], indptr[i + 1]):
            if data[k] != 0.0:
                value = np.uint64(np.float32(data[k]).view(np.uint32))
                h += _mix(gene_hash[indices[k]] ^ _mix(value + np.uint64(1)))
                count[i] += 1
        out[i] = h
    return out, count


@numba.njit(cache=True, nogil=True)
def add_column_powers(
    data: NDArray[np.generic],
    rows: NDArray[np.integer],
    indptr: NDArray[np.integer],
    slot: Codes,
    squares: Array,
    nonzeros: NDArray[np.uint32],
) -> None:
    """Add squares, and count values that are not 0, of some columns of a CSC matrix, as `add_powers` does.

    Parameters
    ----------
    squares, nonzeros
        (columns, slots), changed in place; one without slots is not wanted.
    """
    with_squares, with_nonzeros = squares.shape[1] > 0, nonzeros.shape[1] > 0
    for c in range(len(indptr) - 1):
        for k in range(indptr[c], indptr[c + 1]):
            s, v = slot[rows[k]], np.float64(data[k])
            if s >= 0 and v != 0.0 and not np.isnan(v):
                if with_squares:
                    squares[c, s] += v * v
                if with_nonzeros:
                    nonzeros[c, s] += np.uint32(1)
