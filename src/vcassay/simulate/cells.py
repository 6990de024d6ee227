"""Cells: how many there are of each condition, and their negative-binomial counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.simulate.panel import Floats
from vcassay.simulate.plan import SimulationPlan

CHUNK = 2048
"""Cells drawn at a time."""
BARCODE_LENGTH = 16


def cell_numbers(plan: SimulationPlan, n: int, rng: Generator) -> NDArray[np.int64]:
    """(n, batches) cells of each condition in each batch: as even as can be, at least one in all."""
    spread = np.exp(plan.cells_spread * rng.standard_normal(n))
    total = np.maximum(np.rint(plan.cells_per_condition * spread), 1).astype(np.int64)
    each, left = np.divmod(total, plan.n_batches)
    turn = (np.arange(plan.n_batches)[None, :] - rng.integers(plan.n_batches, size=n)[:, None]) % plan.n_batches
    return np.asarray(each[:, None] + (turn < left[:, None]))


@dataclass(frozen=True, slots=True, eq=False)
class CellTable:
    """Which group each cell belongs to, batch by batch, in random order within a batch.

    Attributes
    ----------
    condition
        (cells,) index of the condition; -1 for controls.
    control
        (cells,) index of the control group (a context at a time); -1 for perturbed cells.
    batch
        (cells,) index of the batch.
    """

    condition: NDArray[np.int64]
    control: NDArray[np.int64]
    batch: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.batch)


def lay_out(perturbed: NDArray[np.int64], control: NDArray[np.int64], rng: Generator) -> CellTable:
    """Turn cell numbers, (groups, batches) of each kind, into one row a cell."""
    numbers = np.vstack([perturbed, control])
    groups = [rng.permutation(np.repeat(np.arange(len(numbers)), of_batch)) for of_batch in numbers.T]
    group = np.concatenate(groups)
    batch = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    is_control = group >= len(perturbed)
    return CellTable(np.where(is_control, -1, group), np.where(is_control, group - len(perturbed), -1), batch)


def draw_counts(rates: Floats, group: NDArray[np.int64], plan: SimulationPlan, rng: Generator) -> sp.csr_matrix:
    """Draw the counts of every cell.

    A cell's depth is log-normal with mean ``plan.depth``; given it, a count is negative-binomial with
    mean depth x rate and variance mean + dispersion x mean^2 (a gamma mixture of Poissons).

    Parameters
    ----------
    rates
        (groups, g) expected shares of counts.
    group
        (cells,) row of ``rates`` of each cell.

    Returns
    -------
    (cells, g) float32.
    """
    share = rates.astype(np.float32)
    n, g = len(group), rates.shape[1]
    sd = plan.depth_spread
    depth = (plan.depth * np.exp(sd * rng.standard_normal(n) - sd**2 / 2)).astype(np.float32)
    data, columns, lengths = [], [], []
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        mean = share[group[rows]]
        mean *= plan.dispersion * depth[rows, None]
        mean *= rng.standard_gamma(1 / plan.dispersion, size=mean.shape, dtype=np.float32)
        counts = rng.poisson(mean)
        filled = np.flatnonzero(counts)
        data.append(counts.ravel()[filled].astype(np.float32))
        columns.append((filled % g).astype(np.int32))
        lengths.append(np.count_nonzero(counts, axis=1))
    ends = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    return sp.csr_matrix((np.concatenate(data), np.concatenate(columns), ends), shape=(n, g))


def barcodes(n: int, rng: Generator, taken: NDArray[np.str_] | None = None) -> NDArray[np.str_]:
    """Draw ``n`` unique barcodes of 16 bases, none of them in ``taken``."""
    letters = np.frombuffer(b"ACGT", dtype="S1")
    found = np.empty(0, dtype=f"U{BARCODE_LENGTH}")
    while len(found) < n:
        drawn = letters[rng.integers(4, size=(n - len(found), BARCODE_LENGTH))]
        text = drawn.view(f"S{BARCODE_LENGTH}").ravel().astype(str)
        joined = np.concatenate([found, text])
        _, first = np.unique(joined, return_index=True)
        found = joined[np.sort(first)]
        if taken is not None:
            found = found[~np.isin(found, taken)]
    return found
