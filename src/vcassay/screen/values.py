"""Values: what a readout has none of is refused, on a walk of its own or in the pass over the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.screen.design import Readout
from vcassay.screen.screen import Note, is_sparse

Array = NDArray[np.float64]

MENDS = {
    "infinite": "remove them before the file is written, since they often stem from the logarithm of 0",
    "NaN": "fill or remove them, or declare readout = 'continuous'",
    "negative": "name the layer before scaling, or declare readout = 'continuous'",
}
"""What to do about values that do not belong there."""


class ValueCheck:
    """Refuse infinite values, and missing or negative ones that the readout has none of; count what is noted.

    Blocks may come in any order; the first that holds such a value is refused.

    Parameters
    ----------
    shape
        Rows and genes.
    where
        The file, for error sentences.
    """

    def __init__(self, shape: tuple[int, int], readout: Readout, where: str) -> None:
        self.shape, self.readout, self.where = shape, readout, where
        self.whole = readout in (Readout.COUNTS, Readout.LOGNORM)
        self.gaps = np.zeros(shape[1], dtype=np.int64)

    def add(self, start: int, block: Any, *, by_columns: bool = False) -> None:
        """Look at a block.

        Parameters
        ----------
        start
            Its first row, or its first gene if ``by_columns`` (then the block is genes by rows).

        Raises
        ------
        InputError
            Names how often, and in which row first, the block holds a value that does not belong there.
        """
        rows: Any = block
        data: NDArray[Any] = rows.data if is_sparse(rows) else rows
        if data.size == 0:
            return
        low, high = float(data.min()), float(data.max())  # either is NaN if any value is
        if low >= 0 and np.isfinite(high):
            return
        self._refuse(start, block, np.isinf(data), "infinite", by_columns=by_columns)
        missing = np.isnan(data)
        if self.whole:
            self._refuse(start, block, missing, "NaN", by_columns=by_columns)
            self._refuse(start, block, data < 0, "negative", by_columns=by_columns)
        elif missing.any():
            if by_columns:
                ends = np.concatenate([[0], np.cumsum(missing)])[rows.indptr]
                self.gaps[start : start + block.shape[0]] += np.diff(ends)
            else:
                at = rows.indices[missing] if is_sparse(rows) else np.nonzero(missing)[1]
                self.gaps += np.bincount(at, minlength=self.shape[1])

    def notes(self, total: Array | None = None) -> list[Note]:
        """What was met, once every block was looked at.

        Parameters
        ----------
        total
            (rows,) sum of each row, where the readout is counts.
        """
        n, missing, notes = self.shape[0] * self.shape[1], int(self.gaps.sum()), []
        if missing:
            notes.append((f"{missing:,} of {n:,} values ({missing / n:.1%}) are missing.", "NaN in the matrix"))
        never = int((self.gaps == self.shape[0]).sum())
        if never:
            notes.append((f"{never} features were measured in no row.", "all their values are NaN"))
        empty = 0 if total is None else int(np.count_nonzero(total == 0))
        if empty and self.readout is Readout.COUNTS:
            notes.append((f"{empty:,} rows have no counts at all.", "their sum is 0"))
        return notes

    def _refuse(self, start: int, block: Any, bad: NDArray[np.bool_], kind: str, *, by_columns: bool) -> None:
        n = int(np.count_nonzero(bad))
        if not n:
            return
        rows = block
        at = int(np.argmax(bad))
        if by_columns:
            row = int(rows.indices[bad].min())
        elif is_sparse(rows):
            row = start + int(np.searchsorted(rows.indptr, at, "right")) - 1
        else:
            row = start + at // rows.shape[1]
        size = block.shape[0] * block.shape[1]
        seen = (
            f"{n:,} of {size:,}" if size == self.shape[0] * self.shape[1] else f"{n:,} of the {size:,} around the first"
        )
        tail = f", which a {self.readout.value} readout has none of"
        if kind == "negative":
            data: NDArray[Any] = rows.data if is_sparse(rows) else rows
            seen += f", down to {float(data[bad].min()):g}"
        raise InputError(
            f"{kind} values ({seen}, the first in row {row}){tail if kind != 'infinite' else ''}",
            where=self.where,
            mend=MENDS[kind],
        )
