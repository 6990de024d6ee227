"""Bytes as files pack them: LZF and shuffled bytes of HDF5, lists of gene tokens of Parquet."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


@numba.njit(cache=True, nogil=True)
def unpack_lzf(packed: Bytes, out: Bytes) -> int:
    """Undo LZF (liblzf's format, which h5py calls ``lzf``).

    Parameters
    ----------
    packed
        The compressed bytes.
    out
        Room for the result, filled in.

    Returns
    -------
    Bytes written; -1 if the input is damaged or ``out`` is too small.
    """
    at, to, n, room = np.int64(0), np.int64(0), np.int64(len(packed)), np.int64(len(out))
    while at < n:
        control = np.int64(packed[at])
        at += 1
        if control < 32:
            length = control + 1
            if at + length > n or to + length > room:
                return -1
            for k in range(length):
                out[to + k] = packed[at + k]
            at += length
            to += length
        else:
            length = control >> 5
            if length == 7:
                if at >= n:
                    return -1
                length += np.int64(packed[at])
                at += 1
            if at >= n:
                return -1
            back = to - ((control & 31) << 8) - np.int64(packed[at]) - 1
            at += 1
            length += 2
            if back < 0 or to + length > room:
                return -1
            for k in range(length):  # byte by byte: source and target may overlap
                out[to + k] = out[back + k]
            to += length
    return int(to)


@numba.njit(cache=True, nogil=True)
def unshuffle(shuffled: Bytes, width: int, out: Bytes) -> None:
    """Undo HDF5's byte shuffle: first bytes of all values, then second bytes, and so on.

    Parameters
    ----------
    shuffled, out
        As many bytes each; what is left after whole values is not shuffled.
    width
        Bytes a value.
    """
    n = len(shuffled) // width
    for i in range(n):
        for b in range(width):
            out[i * width + b] = shuffled[b * n + i]
    for k in range(n * width, len(shuffled)):
        out[k] = shuffled[k]


@numba.njit(cache=True, nogil=True)
def unpack_tokens(
    tokens: NDArray[np.integer],
    values: NDArray[np.generic],
    ends: NDArray[np.integer],
    place: NDArray[np.int32],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
) -> tuple[int, int]:
    """Turn lists of gene tokens and expression values into CSR arrays.

    An entry with a negative value in the first place of a row is a special token, and left out
    (Tahoe-100M begins each cell with token 1 and value -2).

    Parameters
    ----------
    tokens, values
        The lists of all rows, end to end.
    ends
        (rows + 1,) where each row begins and ends.
    place
        Column of each token; -1 for a token that is no gene.
    indptr, indices, data
        (rows + 1,) and room for all entries, filled in.

    Returns
    -------
    Entries written, and how many had a token that is no gene and were left out.
    """
    k, unknown = 0, 0
    indptr[0] = 0
    for i in range(len(ends) - 1):
        first = np.int64(ends[i])
        if first < ends[i + 1] and values[first] < 0:
            first += 1
        for j in range(first, ends[i + 1]):
            column = place[tokens[j]] if 0 <= tokens[j] < len(place) else np.int32(-1)
            if column < 0:
                unknown += 1
            else:
                indices[k], data[k] = column, values[j]
                k += 1
        indptr[i + 1] = k
    return k, unknown


@numba.njit(cache=True, nogil=True)
def map_columns(
    data: NDArray[np.generic],
    indices: NDArray[np.integer],
    indptr: NDArray[np.integer],
    place: NDArray[np.int32],
    out_data: NDArray[np.generic],
    out_indices: NDArray[np.int32],
    out_indptr: NDArray[np.int64],
) -> int:
    """Give the columns of a CSR block other places; those at -1 are left out.

    Parameters
    ----------
    place
        New column of each old one.
    out_data, out_indices, out_indptr
        Room for all entries, filled in.

    Returns
    -------
    Entries written; -1 if an index is no column.
    """
    k = 0
    out_indptr[0] = 0
    for i in range(len(indptr) - 1):
        for j in range(indptr[i], indptr[i + 1]):
            if indices[j] < 0 or indices[j] >= len(place):
                return -1
            column = place[indices[j]]
            if column >= 0:
                out_data[k], out_indices[k] = data[j], column
                k += 1
        out_indptr[i + 1] = k
    return k


@numba.njit(cache=True, nogil=True)
def take_rows(
    data: NDArray[np.generic],
    rows: NDArray[np.integer],
    indptr: NDArray[np.integer],
    first_column: int,
    start: int,
    next_free: NDArray[np.int64],
    out_data: NDArray[np.generic],
    out_indices: NDArray[np.int32],
) -> None:
    """Scatter the entries of some columns of a CSC matrix that lie in a window of rows into CSR arrays.

    Parameters
    ----------
    data, rows, indptr
        The CSC arrays of the columns, of which the first is ``first_column`` of the matrix.
    start
        First row of the window, which has ``len(next_free)`` rows.
    next_free
        (window,) place of each row's next entry, moved on.
    out_data, out_indices
        The window's CSR arrays, filled in.
    """
    stop = start + len(next_free)
    for c in range(len(indptr) - 1):
        for k in range(indptr[c], indptr[c + 1]):
            r = rows[k]
            if start <= r < stop:
                at = next_free[r - start]
                out_data[at], out_indices[at] = data[k], first_column + c
                next_free[r - start] = at + 1
