"""Accumulators: what the pass adds the rows to, block by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.accumulate import (
    add_column_powers,
    add_columns,
    add_dense,
    add_powers,
    add_sparse,
    add_totals,
    take_gaps,
    within,
)
from vcassay.arrays.shards import N_SHARDS
from vcassay.core import InputError
from vcassay.effects.slots import Slots
from vcassay.effects.spill import Room
from vcassay.screen.storage import Block, is_sparse

Array = NDArray[np.float64]
COLUMN_BYTES = 64 * 2**20
"""Memory for the sums of the genes that are read at a time from a matrix stored by columns."""


class Accumulators:
    """Sums over slots, in one array: conditions and control groups by shard, then the atoms of the pools.

    Control rows are added to an atom and, where their batch is matched on its own, to its group; sums of whole pools
    follow from the atoms. Squares and non-zeros have no atoms: there rows are added to their pool.

    Parameters
    ----------
    genes
        Number of genes.
    squares, nonzeros
        Whether to keep these, too.
    gaps
        Whether values may be NaN (a missing feature).
    memory, folder
        See `vcassay.effects.spill.Room`.

    Attributes
    ----------
    sums, squares, nonzeros
        (slots, genes); no rows where not wanted.
    gaps
        (slots, genes) number of NaN; ``None`` until the first is met.
    total
        (rows,) sum of each row.
    """

    def __init__(
        self,
        slots: Slots,
        genes: int,
        *,
        squares: bool,
        nonzeros: bool,
        gaps: bool,
        memory: int,
        folder: Path | None,
        where: str,
    ) -> None:
        rows, pools = len(slots.perturbed), len(slots.control_rows)
        self.groups = slots.n_conditions * N_SHARDS
        self.pools = self.groups + slots.n_batch_groups * N_SHARDS
        self.atoms = self.pools + pools * N_SHARDS
        self.n = self.atoms + pools * slots.n_atoms
        self.may_gap, self.where = gaps, where
        wanted = genes * (8 * self.n + (8 * squares + 4 * nonzeros) * self.atoms)
        self.room, self._gap_room = (Room(size, memory, folder) for size in (wanted, wanted + 8 * self.n * genes))
        self.sums = self.room.zeros((self.n, genes))
        self.squares = self.room.zeros((self.atoms if squares else 0, genes))
        self.nonzeros = self.room.zeros((self.atoms if nonzeros else 0, genes), np.uint32)
        self.gaps: Array | None = None
        self.total = np.zeros(rows)
        self.one = np.where(
            slots.perturbed >= 0, slots.perturbed, np.where(slots.atom >= 0, slots.atom + self.atoms, -1)
        )
        self.two = np.where(slots.batch_control >= 0, slots.batch_control + self.groups, -1)
        self._pool = np.full(rows if squares or nonzeros else 0, -1, dtype=np.int64)
        if squares or nonzeros:
            at = np.flatnonzero(slots.atom >= 0)
            self._pool[at] = self.pools + slots.atom[at] // slots.n_atoms * N_SHARDS + slots.shard[at]
            self._pool = np.where(slots.perturbed >= 0, slots.perturbed, self._pool)

    def add_rows(self, start: int, block: Block, pool: Executor | None = None, threads: int = 1) -> None:
        """Add a block of rows, of which the first is ``start``; slots are divided among threads of ``pool``."""
        at = slice(start, start + block.shape[0])
        one, two, total = self.one[at], self.two[at], self.total[at]
        if not is_sparse(block):
            block = plain(np.ascontiguousarray(block))
        block = self._without_gaps(block, one, two)
        add: Any = add_dense
        given: tuple[NDArray[Any], ...]
        if is_sparse(block):
            rows: Any = block
            self._check(rows.indices, self.sums.shape[1], "gene")
            add, given = add_sparse, (plain(rows.data), rows.indices, rows.indptr)
        else:
            given = (np.asarray(block),)
        powers = len(self.squares) > 0 or len(self.nonzeros) > 0
        own, entries = self._pool[at], sp.csr_matrix(block) if powers else None
        alone = one < self.atoms if powers else two < 0  # the others share a slot: they stay together, in their order

        def add_share(order: NDArray[np.int64]) -> None:
            add(*given, order, one, two, self.sums, total)
            if entries is not None:
                csr = (plain(entries.data), entries.indices, entries.indptr)
                for slot in (own, two):
                    add_powers(*csr, order, slot, self.squares, self.nonzeros)

        shares = share(np.where(alone, one, self.n), threads)
        list(map(add_share, shares) if pool is None else pool.map(add_share, shares))
        for room in (self.room, self._gap_room):
            room.touch(len(np.unique(one)) * self.sums.shape[1] * 8)

    def add_columns(self, first: int, block: Any, pool: Executor | None = None, threads: int = 1) -> None:
        """Add a block of genes by rows, of which the first is ``first``; each gene comes once.

        Genes are divided among threads of ``pool``.
        """
        at = slice(first, first + block.shape[0])
        data = plain(block.data)
        self._check(block.indices, len(self.one), "row")
        if self.may_gap and data.dtype.kind == "f" and (gone := np.isnan(data)).any():
            gaps = self._some_gaps()
            row = block.indices[gone]
            gene = first + np.searchsorted(block.indptr, np.flatnonzero(gone), "right") - 1
            for slot in (self.one[row], np.where(self.one[row] >= 0, self.two[row], -1)):
                np.add.at(gaps, (slot[slot >= 0], gene[slot >= 0]), 1.0)
            data = np.where(gone, data.dtype.type(0), data)
        sums = np.zeros((block.shape[0], self.n))

        def add_share(genes: tuple[int, int]) -> None:
            add_columns(data, block.indices, block.indptr, self.one, self.two, genes, sums)
            self.sums[:, first + genes[0] : first + genes[1]] = sums[genes[0] : genes[1]].T

        cuts = np.linspace(0, block.shape[0], threads + 1).astype(int).tolist()
        tasks = [partial(add_share, genes) for genes in pairwise(cuts)]
        tasks.append(partial(add_totals, data, block.indices, self.total))
        list(map(_call, tasks) if pool is None else pool.map(_call, tasks))
        if len(self.squares) or len(self.nonzeros):
            squares = np.zeros((block.shape[0], len(self.squares)))
            nonzeros = np.zeros((block.shape[0], len(self.nonzeros)), dtype=np.uint32)
            for slot in (self._pool, self.two):
                add_column_powers(data, block.indices, block.indptr, slot, squares, nonzeros)
            for store, part in ((self.squares, squares), (self.nonzeros, nonzeros)):
                if len(store):
                    store[:, at] = part.T
        for room in (self.room, self._gap_room):
            room.touch(self.n * 8 * block.shape[0])

    def column_bounds(self, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bounds of pieces of genes, cut where the sums of a piece would exceed `COLUMN_BYTES`."""
        each = max(1, COLUMN_BYTES // (8 * max(1, self.n)))
        cut = [np.arange(low, high, each) for low, high in pairwise(bounds.tolist())]
        return np.concatenate([*cut, bounds[-1:]]).astype(np.int64)

    def state(self) -> dict[str, NDArray[Any]]:
        """All that was added, as named arrays."""
        out: dict[str, NDArray[Any]] = {"sums": self.sums, "total": self.total}
        out |= {"squares": self.squares} if len(self.squares) else {}
        out |= {"nonzeros": self.nonzeros} if len(self.nonzeros) else {}
        return out if self.gaps is None else out | {"gaps": self.gaps}

    def targets(self, names: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """The arrays into which a stored state of these names is read."""
        if "gaps" in names:
            self._some_gaps()
        return self.state()

    def _without_gaps(self, block: Any, one: NDArray[np.int64], two: NDArray[np.int64]) -> Any:
        """The block with 0 in place of NaN, which are counted."""
        data: NDArray[Any] = block.data if is_sparse(block) else np.asarray(block)
        if not self.may_gap or data.dtype.kind != "f" or not data.size or not np.isnan(data.min()):
            return block
        rows = sp.csr_matrix(block, copy=True)
        take_gaps(rows.data, rows.indices, rows.indptr, one, two, self._some_gaps())
        return rows

    def _some_gaps(self) -> Array:
        if self.gaps is None:
            self.gaps = self._gap_room.zeros(self.sums.shape)
        return self.gaps

    def _check(self, indices: NDArray[np.integer], size: int, what: str) -> None:
        if not within(indices, size):
            raise InputError(
                f"the sparse matrix has an index that is no {what}", where=self.where, mend="write the file again"
            )


def _call(task: Callable[[], None]) -> None:
    task()


def share(key: NDArray[np.int64], threads: int) -> list[NDArray[np.int64]]:
    """Positions of rows by key, in the order of the rows within each, in about equal shares without a key in common."""
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    middle = np.arange(1, threads) * len(order) // threads if len(order) else np.empty(0, dtype=np.int64)
    cuts = np.searchsorted(ranked, ranked[middle])
    return [part for part in np.split(order, cuts) if len(part)]


def plain(data: NDArray[Any]) -> NDArray[Any]:
    """The values as one of four number types, for which the kernels are compiled."""
    kind, size = data.dtype.kind, data.dtype.itemsize
    if not data.dtype.isnative or data.dtype.kind not in "fi" or size not in (4, 8):
        exact = np.float32 if kind == "f" and size < 4 else np.int32 if kind in "biu" and size < 4 else np.float64
        return data.astype(exact)
    return data
