"""Parquet with one row a cell: a list of gene tokens beside a list of expression values (Tahoe-100M)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.packed import unpack_tokens
from vcassay.core import InputError
from vcassay.screen.storage.stored import Block, Run, Stored, as_csr, in_turn, stack

BYTES = 4
"""Of a place or a value, decoded."""
KEPT = 2
"""Row groups kept decoded because a piece ended within them."""


class TokenLists(Stored):
    """Cells of Parquet files, read one row group at a time.

    Parameters
    ----------
    paths
        The files, in order.
    columns
        Names of the columns of tokens and of values.
    place
        Column of each token in the matrix; -1 for a token that is no gene.
    genes
        Number of columns of the matrix.
    """

    def __init__(self, paths: Sequence[Path], columns: tuple[str, str], place: NDArray[np.int32], genes: int) -> None:
        self.paths, self.columns, self.place = tuple(paths), columns, place
        groups, rows, size = [], [], []
        for f, path in enumerate(self.paths):
            meta = pq.read_metadata(path)
            lists = [i for i in range(meta.num_columns) if meta.schema.column(i).path.split(".")[0] in columns]
            for g in range(meta.num_row_groups):
                group = meta.row_group(g)
                groups.append((f, g))
                rows.append(group.num_rows)
                size.append(sum(group.column(i).num_values * BYTES for i in lists))
        self._groups, self._size = groups, np.asarray(size, dtype=np.int64)
        self._ends = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
        self.shape, self.dtype = (int(self._ends[-1]), genes), np.dtype(np.float32)
        self._kept: dict[int, sp.csr_matrix] = {}
        self._lock = threading.Lock()

    def read(self, start: int, stop: int, run: Run = in_turn) -> sp.csr_matrix:
        """Rows from ``start`` to ``stop``."""
        first = int(np.searchsorted(self._ends, start, side="right")) - 1
        last = int(np.searchsorted(self._ends, stop, side="left"))
        blocks: dict[int, Block] = {}

        def take(k: int) -> None:
            low, high = int(self._ends[k]), int(self._ends[k + 1])
            a, b = max(start, low), min(stop, high)
            group = self._group(k, keep=b - a < high - low)
            blocks[k] = group if b - a == high - low else group[a - low : b - low]

        run(partial(take, k) for k in range(first, last) if start < stop)
        return sp.csr_matrix(stack([blocks[k] for k in sorted(blocks)], self.shape[1]))

    def pieces(self, nbytes: int) -> NDArray[np.int64]:
        """Bounds of whole row groups: as many as fit, one at least."""
        bounds, held = [0], 0
        for k, size in enumerate(self._size.tolist()):
            if held and held + size > nbytes:
                bounds.append(int(self._ends[k]))
                held = 0
            held += size
        return np.unique([*bounds, self.shape[0]]).astype(np.int64)

    def _group(self, k: int, *, keep: bool) -> sp.csr_matrix:
        with self._lock:
            if k in self._kept:
                return self._kept[k]
        out = self._decode(k)
        if keep:
            with self._lock:
                self._kept[k] = out
                while len(self._kept) > KEPT:
                    self._kept.pop(next(iter(self._kept)))
        return out

    def _decode(self, k: int) -> sp.csr_matrix:
        f, g = self._groups[k]
        where = str(self.paths[f])
        with pq.ParquetFile(self.paths[f]) as file:
            table = file.read_row_group(g, columns=list(self.columns), use_threads=False)
        tokens, values = (_flat(table.column(name), name, where) for name in self.columns)
        if not np.array_equal(tokens[1], values[1]):
            raise InputError(
                f"row group {g} holds cells whose '{self.columns[0]}' and '{self.columns[1]}' differ in length",
                where=where,
                mend="write both lists of a cell with one entry a gene",
            )
        n, rows = len(tokens[0]), len(tokens[1]) - 1
        indptr = np.empty(rows + 1, dtype=np.int64)
        indices, data = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.float32)
        used, unknown = unpack_tokens(tokens[0], values[0], tokens[1], self.place, indptr, indices, data)
        if unknown:
            raise InputError(
                f"{unknown:,} entries of row group {g} have a token that the gene metadata does not know",
                where=where,
                mend="use the gene metadata of the same release",
            )
        return as_csr(data[:used], indices[:used], indptr, self.shape[1])


def _flat(column: Any, name: str, where: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The values of a column of lists, end to end, and where each list begins and ends."""
    lists = column.combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = lists.chunk(0) if lists.num_chunks else pa.array([], type=lists.type)
    if lists.null_count or lists.values.null_count:
        raise InputError(
            f"the column '{name}' holds missing lists or values", where=where, mend="leave these cells or entries out"
        )
    ends = lists.offsets.to_numpy().astype(np.int64)
    values = lists.values.to_numpy(zero_copy_only=False)
    return values, ends
