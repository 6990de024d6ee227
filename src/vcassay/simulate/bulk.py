"""Bulk: a simulated screen of cells pooled into wells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.random import Generator

from vcassay.screen import CONTROL, Rows, make_screen
from vcassay.simulate.simulation import Simulation, make_adata


def pooled_wells(simulation: Simulation, rng: Generator, *, wells: int = 2, control_wells: int = 8) -> Simulation:
    """Pool the cells of every condition and batch into wells, whose counts are the sums over their cells.

    Parameters
    ----------
    wells, control_wells
        Of a condition in a batch, and of a context's controls in a batch; fewer where there are fewer cells.

    Returns
    -------
    The simulation with a screen of replicates, in the order of its conditions.
    """
    screen = simulation.screen
    table = screen.table
    control = table.condition == CONTROL
    group = np.where(control, -1 - table.pool, table.condition) * len(table.batches) + table.batch
    place = np.empty(len(group), dtype=np.int64)
    order = np.lexsort((rng.random(len(group)), group))
    first = np.r_[True, np.diff(group[order]) != 0]
    start = np.flatnonzero(first)[np.cumsum(first) - 1]
    place[order] = np.arange(len(group)) - start
    well = place % np.where(control, control_wells, wells)
    _, one, code = np.unique(np.stack([group, well]), axis=1, return_index=True, return_inverse=True)
    code = code.ravel()
    pool = sp.csr_matrix((np.ones(len(code), dtype=np.float32), (code, np.arange(len(code)))))
    obs = screen.adata.obs.iloc[one].copy()
    obs.index = pd.Index([f"well_{i:05d}" for i in range(len(obs))])
    counts = sp.csr_matrix(pool @ screen.adata.X)
    plain = pd.DataFrame({n: v.astype(object) if v.dtype == "category" else v for n, v in obs.items()}, index=obs.index)
    adata = make_adata(counts, plain, screen.genes)
    return replace(simulation, screen=make_screen(adata, replace(screen.design, rows=Rows.REPLICATES), name="wells"))
