"""Screen: what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Panel, Shown
from vcassay.core.wording import listed
from vcassay.screen.design import Design
from vcassay.screen.gene_names import gene_names
from vcassay.screen.storage import Block as Block
from vcassay.screen.storage import Held, Stored, stream
from vcassay.screen.storage import is_sparse as is_sparse

if TYPE_CHECKING:
    import anndata as ad

CONTROL = -1
"""Condition code of control rows."""
LEFT_OUT = -2
"""Condition code of rows that take no part (a missing label, a dropped context)."""

Note = tuple[str, str]
"""A sentence on what was mapped or left out, and why."""


@dataclass(frozen=True, slots=True, eq=False)
class RowTable:
    """What each row of the file is, as codes.

    Attributes
    ----------
    condition
        (rows,) index into ``conditions``; `CONTROL` or `LEFT_OUT`.
    pool
        (rows,) index into ``pools``: rows of one pool share controls (a context, or a context at
        one time where controls were measured at each time). -1 for rows left out.
    batch
        (rows,) index into ``batches``; -1 for rows left out.
    conditions
        The perturbed conditions, sorted.
    condition_pool
        (conditions,) pool of each condition.
    pools, batches
        Names; the context of each pool is in ``pool_context``. A pool may hold controls alone: a
        context, or a time, at which nothing was perturbed.
    """

    condition: NDArray[np.int32]
    pool: NDArray[np.int32]
    batch: NDArray[np.int32]
    conditions: Conditions
    condition_pool: NDArray[np.int32]
    pools: tuple[str, ...]
    pool_context: tuple[str, ...]
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True, repr=False)
class Screen(Shown):
    """An AnnData, in memory or on disk, with the design of the experiment.

    Made by `vcassay.read_screen` (a file) or `vcassay.screen.make_screen` (an AnnData): both check
    it. The AnnData is never changed.

    Attributes
    ----------
    adata
        The data. Read from disk (``backed=True``), it holds obs, var and the matrices alone, and
        the matrices stay in the file.
    design
        The design, with control labels and units as the file writes them.
    table
        What each row is.
    name, path, files
        What the screen is called, the file it came from (the folder of several), and every file.
    notes
        (sentence, reason) of each thing that was mapped or left out on reading.
    target_sum
        Normalisation total of a log-normalised readout, where the rows show it; else ``None``.
    handle
        What is open behind a screen on disk.
    unchecked
        Whether the values are still to be checked, in the pass over the rows.
    held_out
        (rows,) rows that are test rows, where a split parts the rows of a condition; else ``None``.
    """

    adata: ad.AnnData
    design: Design
    table: RowTable
    name: str = "screen"
    path: Path | None = None
    notes: tuple[Note, ...] = ()
    target_sum: float | None = None
    handle: Any = None
    held_out: NDArray[np.bool_] | None = None
    files: tuple[Path, ...] = ()
    unchecked: bool = False

    @property
    def genes(self) -> NDArray[np.str_]:
        """(genes,) names of the measured features."""
        return gene_names(self.adata, self.design.genes)

    @property
    def conditions(self) -> Conditions:
        """The perturbed conditions."""
        return self.table.conditions

    @property
    def n_rows(self) -> int:
        """Rows of the file."""
        return int(self.adata.n_obs)

    @property
    def matrix(self) -> Any:
        """(rows, genes) the matrix that the design names, as the AnnData holds it."""
        return self.adata.X if self.design.layer is None else self.adata.layers[self.design.layer]

    @property
    def batches(self) -> tuple[tuple[str, ...], ...]:
        """(conditions,) the batches of each condition's rows, sorted."""
        table = self.table
        at = table.condition >= 0
        pairs = np.unique(table.condition[at].astype(np.int64) * max(len(table.batches), 1) + table.batch[at])
        own: list[list[str]] = [[] for _ in range(len(table.conditions))]
        for condition, batch in zip(*(x.tolist() for x in np.divmod(pairs, max(len(table.batches), 1))), strict=True):
            own[condition].append(table.batches[batch])
        return tuple(tuple(sorted(names)) for names in own)

    def panel(self) -> Panel:
        """What was measured, and what was mapped or left out on reading."""
        codes, table, design = self.table.condition, self.table, self.design
        control = int((codes == CONTROL).sum())
        left_out = int((codes == LEFT_OUT).sum())
        return Panel(
            f"Screen {self.name}",
            facts=(
                ("rows", f"{self.n_rows:,} {design.rows}, {control:,} of them controls"),
                ("left out", f"{left_out:,} rows" if left_out else ""),
                ("features", f"{self.adata.n_vars:,}, {design.readout}"),
                ("conditions", f"{len(table.conditions):,}"),
                ("perturbations", f"{len(set(table.conditions.parts)):,}"),
                ("contexts", listed(sorted(set(table.pool_context)))),
                ("batches", f"{len(table.batches):,}"),
                ("file", self.path.name if self.path is not None else ""),
            ),
            notes=tuple(f"{sentence} ({reason})" if reason else sentence for sentence, reason in self.notes),
        )

    def chunks(self, rows: int = 4096) -> Iterator[tuple[int, Block]]:
        """Walk over the matrix once.

        Yields
        ------
        The first row's position and a block of at most ``rows`` rows, dense or CSR.
        """
        return walk(self.matrix, rows, self.name if self.path is None else str(self.path))

    def close(self) -> None:
        """Close the file behind a screen on disk; its matrix cannot be read afterwards."""
        if self.handle is not None:
            self.handle.close()

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def walk(matrix: Any, rows: int = 4096, where: str = "screen") -> Iterator[tuple[int, Block]]:
    """Walk over a matrix in blocks of rows.

    A sparse matrix in memory that is not stored by rows is turned once, not block by block.

    Yields
    ------
    The first row's position and a block of at most ``rows`` rows, dense or CSR.
    """
    if is_sparse(matrix) and matrix.format != "csr":
        matrix = matrix.tocsr()
    stored = matrix if isinstance(matrix, Stored) else Held(matrix)
    n = stored.shape[0]
    yield from stream(stored, np.append(np.arange(0, n, rows), n), where=where)
