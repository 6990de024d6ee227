"""From rows to columns: the non-zeros of a block of genes, gene by gene, cells in the order of their slots.

Each thread turns blocks of genes on its own, reading of each row the piece that lies in its block. One
survey beforehand counts the non-zeros of each gene and notes where the pieces begin.
"""

from __future__ import annotations

from math import expm1, log1p
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.radix import key_of, wide_key_of

Longs = NDArray[np.int64]
Array = NDArray[np.float64]

NOTHING, PLAIN, SCALED, LOG1P, EXPM1 = range(5)
"""What is summed beside the ranks: nothing, the values as they stand, scaled to a depth, log1p of that, or expm1."""

_32 = np.uint64(32)


@numba.njit(nogil=True, cache=True)
def survey(
    indices: NDArray[np.integer],
    indptr: NDArray[np.integer],
    rows: Longs,
    edges: Longs,
    bounds: Longs,
    counts: Longs,
) -> bool:
    """Find where the blocks of genes begin in each row, and count the non-zeros of each gene.

    Parameters
    ----------
    indices, indptr
        Of a CSR matrix.
    rows
        (n,) rows to look at.
    edges
        (blocks + 1,) first gene of each block, and the number of genes.
    bounds
        (blocks + 1, n), filled with positions in ``indices``.
    counts
        (genes,), added to.

    Returns
    -------
    Whether the indices ascend in every row; if not, nothing filled in is of use.
    """
    blocks = len(edges) - 1
    for j in range(len(rows)):
        k, stop = np.int64(indptr[rows[j]]), np.int64(indptr[rows[j] + 1])
        before = np.int64(-1)
        for b in range(blocks):
            bounds[b, j] = k
            edge = edges[b + 1]
            while k < stop and indices[k] < edge:
                gene = np.int64(indices[k])
                if gene <= before:
                    return False
                counts[gene] += 1
                before = gene
                k += 1
        if k < stop:
            return False
        bounds[blocks, j] = k
    return True


@numba.njit(nogil=True, cache=True)
def measured(value: float, scale: float, kind: int) -> float:
    """The value that enters a mean."""
    if kind == SCALED:
        return value * scale
    if kind == LOG1P:
        return log1p(value * scale)
    return expm1(value) if kind == EXPM1 else value


@numba.njit(nogil=True, cache=True)
def gather(
    data: NDArray[Any],
    indices: NDArray[np.integer],
    starts: Longs,
    stops: Longs,
    slots: NDArray[np.int32],
    depth: Array,
    target: float,
    first: int,
    ends: Longs,
    words: NDArray[np.uint64],
    kind: int,
    sums: Array,
) -> None:
    """Write the packed words of a block of genes, gene after gene.

    Parameters
    ----------
    data, indices
        Of a CSR matrix; values must be exact in single precision unless they are scaled.
    starts, stops
        (n,) piece of each row in the block.
    slots
        (n,) slot of each row, ascending.
    depth
        (n,) total of each row, by which its values are divided, or nothing.
    target
        By which they are multiplied then.
    first
        First gene of the block.
    ends
        (genes,) where each gene's words begin; moved to where they end.
    words
        Filled.
    kind, sums
        What is added to (slots, genes).
    """
    for j in range(len(starts)):
        slot = np.uint64(slots[j])
        total = depth[j] if len(depth) else 1.0
        for k in range(starts[j], stops[j]):
            value = np.float64(data[k])
            if value != 0.0:
                gene = np.int64(indices[k]) - first
                ranked = np.float32(value * target / total) if len(depth) else np.float32(value)
                words[ends[gene]] = (key_of(ranked) << _32) | slot
                ends[gene] += 1
                if kind != NOTHING:
                    sums[slots[j], gene] += measured(value, target / total, kind)


@numba.njit(nogil=True, cache=True)
def gather_wide(
    data: NDArray[Any],
    indices: NDArray[np.integer],
    starts: Longs,
    stops: Longs,
    slots: NDArray[np.int32],
    first: int,
    ends: Longs,
    keys: NDArray[np.uint64],
    key_slots: NDArray[np.uint64],
    kind: int,
    sums: Array,
) -> None:
    """The same for values that need double precision: keys, and the slots beside them."""
    for j in range(len(starts)):
        for k in range(starts[j], stops[j]):
            value = np.float64(data[k])
            if value != 0.0:
                gene = np.int64(indices[k]) - first
                keys[ends[gene]], key_slots[ends[gene]] = wide_key_of(value), np.uint64(slots[j])
                ends[gene] += 1
                if kind != NOTHING:
                    sums[slots[j], gene] += measured(value, 1.0, kind)


@numba.njit(nogil=True, cache=True)
def to_rows(dense: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int32], Longs]:
    """CSR arrays of a dense block; NaN is kept."""
    n, genes = dense.shape
    indptr = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        here = 0
        for g in range(genes):
            here += dense[i, g] != 0
        indptr[i + 1] = indptr[i] + here
    data = np.empty(indptr[n], dtype=dense.dtype)
    indices = np.empty(indptr[n], dtype=np.int32)
    k = 0
    for i in range(n):
        for g in range(genes):
            if dense[i, g] != 0:
                data[k], indices[k] = dense[i, g], g
                k += 1
    return data, indices, indptr
