"""Sets of cells: equal draws from the cells of each condition, one set after another.

A cell's place in the draw follows from its values and a seed, never from its position, so that the
order of cells and genes cannot change a distance. Cells that are drawn from one condition without
overlap make its halves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.accumulate import row_hashes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Matrix = Array | sp.csr_matrix

BLOCK_ROWS = 4096
"""Rows that are held as float64 at a time."""


class CellSets(NamedTuple):
    """m sets of cells.

    Attributes
    ----------
    cells
        (rows, d), C order; the cells of a set are consecutive.
    start, size
        (m,) first row and number of rows of each set.
    """

    cells: Array
    start: Codes
    size: Codes


class Order(NamedTuple):
    """Cells of every condition in the order in which they are drawn.

    Attributes
    ----------
    rows
        (drawable,) row numbers, condition after condition.
    start, size
        (n,) first place in ``rows`` and number of cells of each condition.
    """

    rows: Codes
    start: Codes
    size: Codes


def one_set(cells: Array) -> CellSets:
    """Take a (rows, d) matrix as a single set."""
    matrix = np.ascontiguousarray(cells, dtype=np.float64)
    return CellSets(matrix, np.zeros(1, np.int64), np.array([len(matrix)]))


def sparse_blocks(cells: Matrix, rows: int = BLOCK_ROWS) -> Iterator[tuple[int, sp.csr_matrix]]:
    """Cut a matrix into blocks of rows, each as CSR in float64 with its first row's number."""
    for start in range(0, cells.shape[0], rows):
        block = sp.csr_matrix(cells[start : start + rows], dtype=np.float64)
        block.sum_duplicates()
        yield start, block


def row_keys(cells: Matrix, seed: int) -> NDArray[np.uint64]:
    """Give each cell a random number that follows from its values and the seed.

    Returns
    -------
    (rows,). Cells with the same non-zero values (in single precision, whatever genes hold them)
    have the same key.
    """
    out = np.empty(cells.shape[0], dtype=np.uint64)
    same = np.zeros(cells.shape[1], dtype=np.uint64)
    for start, block in sparse_blocks(cells):
        # a value too large for single precision is hashed as infinite
        with np.errstate(over="ignore", under="ignore"):
            found, _ = row_hashes(block.data, block.indices, block.indptr, same)
        out[start : start + len(found)] = found
    h = out ^ np.uint64(seed & 0xFFFFFFFFFFFFFFFF)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(h ^ (h >> np.uint64(31)))


def draw_order(code: NDArray[np.integer], key: NDArray[np.uint64], n: int) -> Order:
    """Order the cells of each condition by their keys; equal keys keep the order of the rows.

    Parameters
    ----------
    code
        (rows,) condition of each cell, 0..n-1; negative cells take no part.
    key
        (rows,) from `row_keys`.
    n
        Number of conditions.
    """
    order = np.lexsort((key, code))
    order = order[code[order] >= 0]
    size = np.bincount(code[order], minlength=n).astype(np.int64)
    if len(size) > n:
        raise ValueError(f"codes reach {len(size) - 1}, but there are {n} conditions")
    return Order(order, np.cumsum(size) - size, size)


def drawn_rows(order: Order, condition: Codes, skip: Codes, size: Codes) -> Codes:
    """Row numbers of ``size`` cells of each condition, after the first ``skip`` of its order."""
    if not len(size):
        return np.empty(0, np.int64)
    within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return np.asarray(order.rows[np.repeat(order.start[condition] + skip, size) + within])


def as_sets(cells: Array, size: Codes) -> CellSets:
    """Take consecutive rows as sets of these sizes."""
    return CellSets(np.ascontiguousarray(cells, dtype=np.float64), np.cumsum(size) - size, size)


def finite_sets(sets: CellSets) -> NDArray[np.bool_]:
    """(m,) whether every value of a set is finite."""
    bad = np.concatenate([[0], np.cumsum(~np.isfinite(sets.cells).all(axis=1))])
    return np.asarray(bad[sets.start + sets.size] == bad[sets.start])


def paired(x: CellSets, y: CellSets, i: Codes | None, j: Codes | None) -> tuple[Codes, Codes, Codes, Codes]:
    """Start and size of the sets that are compared, pair by pair.

    Returns
    -------
    Starts in ``x``, sizes in ``x``, starts in ``y``, sizes in ``y``, each (pairs,); all sets in
    turn where ``i`` or ``j`` is ``None``.
    """
    i = np.arange(len(x.size)) if i is None else i
    j = np.arange(len(y.size)) if j is None else j
    if len(i) != len(j):
        raise ValueError(f"{len(i)} sets cannot be paired with {len(j)}")
    if x.cells.shape[1] != y.cells.shape[1]:
        raise ValueError(f"cells have {x.cells.shape[1]} and {y.cells.shape[1]} dimensions")
    return x.start[i], x.size[i], y.start[j], y.size[j]
