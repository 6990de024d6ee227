"""Blocks of genes of a matrix, each as the pieces of its rows, read by several threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.strata import Strata
from vcassay.arrays.transpose import survey, to_rows

Longs = NDArray[np.int64]
T = TypeVar("T")

WIDEST, NARROWEST = 1024, 128
"""Genes of a block: no more columns than caches can be written to at once, and enough to make long pieces."""
WORDS = 12_000_000
"""Non-zeros that a block should hold."""
DENSE_CELLS = 16_000_000
"""Values of a dense block."""
SINGLE = (np.float32, np.float16, np.int8, np.int16, np.uint8, np.uint16, np.bool_)
"""Types whose values are exact in single precision."""


def n_threads(threads: int | None) -> int:
    """Threads to use: those asked for, or all that the process may run on."""
    if threads is not None:
        return max(1, threads)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def is_sparse(matrix: Any) -> bool:
    """Tell whether a matrix is one of scipy's sparse ones."""
    return bool(sp.issparse(matrix))


def in_threads(work: Callable[[T], None], items: Iterable[T], threads: int) -> None:
    """Call a function on each item, and raise the first error."""
    if threads == 1:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, items):
            pass


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The genes from ``first`` to ``stop``.

    Attributes
    ----------
    data, indices
        CSR arrays; ``base`` is the index of the block's first gene in them.
    starts, stops
        (n,) piece of each of the strata's rows.
    counts
        (strata, genes of the block) stored values of each gene.
    """

    first: int
    stop: int
    data: NDArray[Any]
    indices: NDArray[np.integer]
    base: int
    starts: Longs
    stops: Longs
    counts: Longs


class Blocks:
    """A matrix cut into blocks of genes.

    Parameters
    ----------
    matrix
        (rows, genes) dense, CSR or CSC. CSR is read as it stands, all blocks after one survey; of
        others each block is turned when it is read.
    strata
        The rows that are read, and their order.
    threads
        Threads of the survey.
    block
        Genes of a block; fitted to the caches if absent.

    Raises
    ------
    ValueError
        If the matrix is no matrix of numbers.
    """

    def __init__(self, matrix: Any, strata: Strata, threads: int, block: int | None = None) -> None:
        self.matrix = _readable(matrix)
        self.strata = strata
        genes = self.matrix.shape[1]
        width = _width(self.matrix, threads) if block is None else max(1, block)
        self.edges: Longs = np.unique(np.r_[np.arange(0, genes, width), genes]).astype(np.int64)
        if is_sparse(self.matrix) and self.matrix.format == "csr":
            self.bounds, self.counts, ordered = self._survey(self.matrix, self.edges, threads)
            if not ordered:
                self.matrix = self.matrix.copy()
                self.matrix.sum_duplicates()
                self.bounds, self.counts, _ = self._survey(self.matrix, self.edges, threads)

    def __len__(self) -> int:
        return len(self.edges) - 1

    def read(self, b: int) -> Block:
        """Read a block, in any thread."""
        first, stop = int(self.edges[b]), int(self.edges[b + 1])
        m = self.matrix
        if is_sparse(m) and m.format == "csr":
            starts, stops = self.bounds[b], self.bounds[b + 1]
            return Block(first, stop, m.data, m.indices, first, starts, stops, self.counts[:, first:stop])
        if is_sparse(m):
            part = m[:, first:stop].tocsr()
            part.sum_duplicates()
            data, indices, indptr = part.data, part.indices, part.indptr
        else:
            data, indices, indptr = to_rows(m[:, first:stop])
        whole = sp.csr_matrix((m.shape[0], stop - first))
        whole.data, whole.indices, whole.indptr = data, indices, indptr
        bounds, counts, _ = self._survey(whole, np.array([0, stop - first]), 1)
        return Block(first, stop, data, indices, 0, bounds[0], bounds[1], counts)

    def _survey(self, csr: Any, edges: Longs, threads: int) -> tuple[Longs, Longs, bool]:
        """Positions of the pieces, stored values of each gene in each stratum, and whether indices ascend."""
        strata = self.strata
        bounds = np.empty((len(edges), len(strata.rows)), dtype=np.int64)
        counts = np.zeros((len(strata), csr.shape[1]), dtype=np.int64)
        size = max(256, -(-len(strata.rows) // (4 * threads)))
        parts = [
            (s, start, min(start + size, stop))
            for s, (low, stop) in enumerate(zip(strata.row_edges[:-1], strata.row_edges[1:], strict=True))
            for start in range(low, stop, size)
        ]
        found: list[bool] = []

        def look(part: tuple[int, int, int]) -> None:
            s, start, stop = part
            own = np.zeros(csr.shape[1], dtype=np.int64) if threads > 1 else counts[s]
            rows = strata.rows[start:stop]
            found.append(survey(csr.indices, csr.indptr, rows, edges, bounds[:, start:stop], own))
            if threads > 1:
                tallies.append((s, own))

        tallies: list[tuple[int, Longs]] = []
        in_threads(look, parts, threads)
        for s, own in tallies:
            counts[s] += own
        return bounds, counts, all(found)


def needs_double(values: NDArray[Any]) -> bool:
    """Whether some value is not exact in single precision; NaN is."""
    if values.dtype in SINGLE:
        return False
    flat = values.reshape(-1)
    for start in range(0, len(flat), 1 << 18):
        part = flat[start : start + (1 << 18)]
        with np.errstate(over="ignore"):
            if not np.array_equal(part.astype(np.float32), part, equal_nan=part.dtype.kind == "f"):
                return True
    return False


def _readable(matrix: Any) -> Any:
    """The matrix in one of the types that the kernels are compiled for."""
    m: Any = matrix if is_sparse(matrix) else np.asarray(matrix)
    if m.ndim != 2 or m.dtype.kind not in "fiub" or m.dtype.itemsize > 8:
        raise ValueError(f"rank tests need a matrix of numbers, not {m.dtype} of shape {m.shape}")
    if is_sparse(m) and m.format not in {"csr", "csc"}:
        m = m.tocsr()
    if m.dtype in (np.float32, np.float64, np.int32, np.int64):
        return m
    return m.astype(np.float32 if m.dtype in SINGLE else np.float64)


def _width(matrix: Any, threads: int) -> int:
    """Genes of a block."""
    rows, genes = matrix.shape
    share = max(1, -(-genes // (4 * threads)))
    if not is_sparse(matrix):
        return int(min(share, WIDEST, max(1, DENSE_CELLS // max(rows, 1))))
    fit = WORDS * genes // max(int(matrix.nnz), 1)
    return int(min(share, np.clip(fit, NARROWEST, WIDEST)))
