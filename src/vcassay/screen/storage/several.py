"""Several: matrices below each other as one, their columns brought to the same genes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.packed import map_columns
from vcassay.screen.storage.stored import Block, Run, Stored, as_csr, in_turn, is_sparse, stack


class Several(Stored):
    """Matrices below each other.

    Parameters
    ----------
    parts
        The matrices, in order.
    places
        Column of each part's genes in the whole, -1 for genes that are left out; ``None`` if they are the same.
    genes
        Number of columns of the whole.
    """

    def __init__(self, parts: Sequence[Stored], places: Sequence[NDArray[np.int32] | None], genes: int) -> None:
        self.parts, self.places = tuple(parts), tuple(places)
        self._ends = np.concatenate([[0], np.cumsum([part.shape[0] for part in parts])]).astype(np.int64)
        self.shape, self.dtype = (int(self._ends[-1]), genes), np.result_type(*(part.dtype for part in parts))

    def read(self, start: int, stop: int, run: Run = in_turn) -> Block:
        """Rows from ``start`` to ``stop``; CSR unless all parts are dense."""
        blocks = []
        for part, place, low, high in zip(self.parts, self.places, self._ends[:-1], self._ends[1:], strict=True):
            a, b = max(start, int(low)), min(stop, int(high))
            if a < b:
                blocks.append(self._aligned(part.read(a - int(low), b - int(low), run), place))
        return blocks[0] if len(blocks) == 1 else stack(blocks, self.shape[1])

    def rows(self, wanted: NDArray[np.integer]) -> Block:
        """Some rows, ascending."""
        at = np.asarray(wanted, dtype=np.int64)
        blocks = []
        for part, place, low, high in zip(self.parts, self.places, self._ends[:-1], self._ends[1:], strict=True):
            own = at[(at >= low) & (at < high)] - low
            if len(own):
                blocks.append(self._aligned(part.rows(own), place))
        return stack(blocks, self.shape[1])

    def pieces(self, nbytes: int) -> NDArray[np.int64]:
        """Bounds of the parts' pieces; none reaches over the end of a part."""
        bounds = [part.pieces(nbytes) + low for part, low in zip(self.parts, self._ends[:-1], strict=True)]
        return np.unique(np.concatenate([*bounds, self._ends])).astype(np.int64)

    def _aligned(self, block: Block, place: NDArray[np.int32] | None) -> Block:
        if place is None:
            return block
        if not is_sparse(block):
            out = np.empty((block.shape[0], self.shape[1]), dtype=block.dtype)
            out[:, place[place >= 0]] = np.asarray(block)[:, place >= 0]
            return out
        rows = sp.csr_matrix(block)
        data, indices = np.empty(rows.nnz, dtype=rows.dtype), np.empty(rows.nnz, dtype=np.int32)
        indptr = np.empty(rows.shape[0] + 1, dtype=np.int64)
        n = map_columns(rows.data, rows.indices, rows.indptr, place, data, indices, indptr)
        if n < 0:
            raise ValueError("an index of the sparse matrix is no gene")
        return as_csr(data[:n], indices[:n], indptr, self.shape[1])
