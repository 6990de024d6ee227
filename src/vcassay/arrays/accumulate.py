"""Sums of rows by group, and a hash of each row's content: the inner loops of the one pass."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True)
def _mix(h: np.uint64) -> np.uint64:
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@numba.njit(cache=True)
def add_sparse(
    data: NDArray[np.float64],
    indices: NDArray[np.int32],
    indptr: NDArray[np.int32],
    slot: NDArray[np.int64],
    sums: NDArray[np.float64],
) -> None:
    """Add the rows of a CSR block to ``sums[slot]``; rows with a negative slot take no part.

    Parameters
    ----------
    data, indices, indptr
        The block's CSR arrays.
    slot
        (rows,) row of ``sums`` that each block row belongs to.
    sums
        (slots, genes), changed in place. Rows are added in order, so the block size cannot change
        the result.
    """
    for i in range(len(slot)):
        s = slot[i]
        if s >= 0:
            for k in range(indptr[i], indptr[i + 1]):
                sums[s, indices[k]] += data[k]


@numba.njit(cache=True)
def add_dense(
    block: NDArray[np.float64], slot: NDArray[np.int64], sums: NDArray[np.float64], valid: NDArray[np.float64]
) -> None:
    """Add the rows of a dense block to ``sums[slot]`` and count the values that are not NaN.

    Parameters
    ----------
    block
        (rows, genes); NaN is a missing feature.
    slot
        (rows,) row of ``sums``; negative rows take no part.
    sums, valid
        (slots, genes), changed in place.
    """
    for i in range(block.shape[0]):
        s = slot[i]
        if s >= 0:
            for g in range(block.shape[1]):
                v = block[i, g]
                if not np.isnan(v):
                    sums[s, g] += v
                    valid[s, g] += 1.0


@numba.njit(cache=True)
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
