"""Sampled cells: where a prediction's cells lie, so that they can be read again when they are scored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay import screen
from vcassay.prediction.table import read_table

Codes = NDArray[np.int64]


class ReadRows(Protocol):
    """Reads some of the cells."""

    def __call__(self, at: Codes) -> sp.csr_matrix:
        """(len(at), g) values of cells ``at``, 0 for a gene that the file does not have."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledCells:
    """Predicted cells that stay in their file.

    Attributes
    ----------
    path, array, labels
        The file, and how `vcassay.prediction.table.read_table` reads it.
    rows
        (cells,) their rows in the file.
    condition
        (cells,) code of each cell's condition; -1 for cells of conditions that are not wanted.
    columns
        (g,) the file's column of each gene; -1 for a gene that the file does not have.
    counts
        Whether the values are counts; otherwise they are on the scale of a profile.
    """

    path: Path
    array: str | None
    labels: frozenset[str]
    rows: Codes
    condition: Codes
    columns: Codes
    counts: bool

    def wanted(self, at: Codes, columns: Codes) -> SampledCells:
        """Bring to other conditions and genes.

        Parameters
        ----------
        at
            (t,) present code of each wanted condition, -1 where it is not predicted.
        columns
            (g,) present position of each wanted gene, -1 where it is not predicted.
        """
        new = np.full(int(self.condition.max(initial=-1)) + 2, -1, dtype=np.int64)
        new[at[at >= 0]] = np.flatnonzero(at >= 0)
        found = np.where(columns >= 0, self.columns[np.maximum(columns, 0)], -1)
        return replace(self, condition=new[self.condition], columns=found)

    @contextmanager
    def open(self) -> Iterator[ReadRows]:
        """Open the file once for any number of readings.

        Raises
        ------
        InputError
            If it cannot be read any more.
        """
        have = self.columns >= 0
        to = sp.csr_matrix(
            (np.ones(int(have.sum())), (np.arange(int(have.sum())), np.flatnonzero(have))),
            shape=(int(have.sum()), len(have)),
        )

        def cut(block: Any) -> sp.csr_matrix:
            return sp.csr_matrix(sp.csr_matrix(block, dtype=np.float64)[:, self.columns[have]] @ to)

        if self.path.suffix.lower() in (".h5ad", ".zarr"):
            adata, handle = screen.open_file(self.path, backed=True)
            try:
                matrix = adata.X if self.array in (None, "X") else adata.layers[self.array]
                yield lambda at: cut(_in_file_order(matrix, self.rows[at]))
            finally:
                if handle is not None:
                    handle.close()
        else:
            values = read_table(self.path, self.array, self.labels).values
            yield lambda at: cut(values[self.rows[at]])


def _in_file_order(matrix: Any, rows: Codes) -> sp.csr_matrix:
    """Rows in the order asked for, read as the file holds them."""
    order = np.argsort(rows, kind="stable")
    back = np.argsort(order, kind="stable")
    return sp.csr_matrix(matrix[rows[order]])[back]
