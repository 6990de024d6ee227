"""Leaks through depth, place in the file and quality, which follow the true effect (L20)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.screen import make_screen
from vcassay.simulate.leaks.rebuild import plain
from vcassay.simulate.simulation import Simulation, make_adata

QUALITY = "pct_counts_mt"
"""obs column that `quality_follows_effect` adds."""


def effect_rank(simulation: Simulation) -> NDArray[np.float64]:
    """(rows,) rank of the true effect of each row's condition, 0 (weakest) to 1; 0.5 for controls."""
    truth, table = simulation.truth, simulation.screen.table
    rank = np.argsort(np.argsort(truth.magnitude, kind="stable"), kind="stable") / max(len(truth.conditions) - 1, 1)
    return np.where(table.condition >= 0, rank[truth.conditions.locate(table.conditions)][table.condition], 0.5)


def depth_follows_effect(simulation: Simulation, rng: Generator, *, amount: float = 0.3) -> Simulation:
    """Thin the counts of conditions by the rank of their effect: the strongest keeps ``1 - amount`` of its counts."""
    screen, rank = simulation.screen, effect_rank(simulation)
    counts = sp.csr_matrix(screen.adata.X, copy=True)
    share = np.where(screen.table.condition >= 0, 1.0 - amount * rank, 1.0)
    counts.data = rng.binomial(counts.data.astype(np.int64), np.repeat(share, np.diff(counts.indptr))).astype(
        np.float32
    )
    counts.eliminate_zeros()
    adata = make_adata(counts, plain(screen.adata.obs), screen.genes)
    return replace(simulation, screen=make_screen(adata, screen.design, name=screen.name))


def rows_follow_effect(simulation: Simulation, rng: Generator, *, amount: float = 0.5) -> Simulation:
    """Sort rows by the rank of their condition's effect, mixed with chance by ``1 - amount``."""
    screen = simulation.screen
    chance = rng.random(len(screen.table.conditions) + 2)[screen.table.condition]
    order = np.argsort(amount * effect_rank(simulation) + (1 - amount) * chance, kind="stable")
    adata = make_adata(screen.adata.X[order], plain(screen.adata.obs.iloc[order]), screen.genes)
    return replace(simulation, screen=make_screen(adata, screen.design, name=screen.name))


def quality_follows_effect(simulation: Simulation, rng: Generator, *, amount: float = 0.5) -> Simulation:
    """Add an obs column with the percentage of mitochondrial reads, higher by up to ``amount`` sd of single cells."""
    screen = simulation.screen
    value = 5.0 + rng.standard_normal(screen.n_rows) + amount * effect_rank(simulation)
    adata = make_adata(screen.adata.X, plain(screen.adata.obs).assign(**{QUALITY: value}), screen.genes)
    return replace(simulation, screen=make_screen(adata, screen.design, name=screen.name))
