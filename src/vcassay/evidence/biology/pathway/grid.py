"""Grid: agents by contexts, and mean effects over the doses and times of an agent in a context."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_means
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Places of test conditions among agents and contexts.

    Attributes
    ----------
    agents
        (p,) agents (positions in ``bench.agents``) that are tested singly.
    contexts
        c names, sorted.
    cell
        (t,) cell of each test condition, agent by agent; -1 for combinations.
    """

    agents: Codes
    contexts: tuple[str, ...]
    cell: Codes

    @property
    def shape(self) -> tuple[int, int]:
        """Agents, contexts."""
        return len(self.agents), len(self.contexts)

    def cells(self, use: Mask) -> Codes:
        """Cells that have a condition in use, sorted."""
        return np.asarray(np.unique(self.cell[use & (self.cell >= 0)]), dtype=np.int64)

    def mean(self, values: Array, use: Mask, cells: Codes) -> Array:
        """(len(cells), g) mean of the conditions in use of each cell; each must have one."""
        rows = np.flatnonzero(use & np.isin(self.cell, cells))
        place = np.searchsorted(cells, self.cell[rows])
        code = np.full(len(values), -1, dtype=np.int64)
        code[rows] = place
        return group_means(values, code, len(cells))

    def table(self, values: Array, cells: Codes) -> Array:
        """(p, c, ...) values of cells in their places, NaN elsewhere."""
        out = np.full((self.shape[0] * self.shape[1], *values.shape[1:]), np.nan)
        out[cells] = values
        return out.reshape(*self.shape, *values.shape[1:])


@once
def make_grid(bench: Bench) -> Grid:
    """Place the test conditions."""
    agent = bench.agent
    contexts, context = np.unique(bench.table.context, return_inverse=True)
    own = np.unique(agent[agent >= 0])
    place = np.searchsorted(own, np.maximum(agent, 0))
    cell = np.where(agent >= 0, place * len(contexts) + context, -1)
    return Grid(own.astype(np.int64), tuple(contexts.tolist()), cell.astype(np.int64))


@once
def control_profiles(bench: Bench) -> Array:
    """(c, g) mean control profile of each context of the grid; NaN where there are no controls."""
    grid = make_grid(bench)
    control = bench.effects.control[bench.split.test]
    where = np.searchsorted(grid.contexts, bench.table.context)
    finite = np.isfinite(control).all(axis=1)
    return group_means(control, np.where(finite, where, -1), len(grid.contexts))
