"""Rebuilding a simulation whose cells or conditions have changed."""

from __future__ import annotations

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Conditions
from vcassay.screen import make_screen
from vcassay.simulate.simulation import Simulation, make_adata
from vcassay.simulate.truth import Truth

ROLE_DTYPE = "U8"
"""Wide enough for every role, so that none is cut short on assignment."""


def rows_of(simulation: Simulation, split: Split, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the screen that belong to some conditions of a split."""
    at = simulation.screen.conditions.locate(split.conditions.take(index))
    return np.flatnonzero(np.isin(simulation.screen.table.condition, at[at >= 0]))


def plain(obs: pd.DataFrame) -> pd.DataFrame:
    """A copy of obs whose categories are plain text again, so that labels may change."""
    return pd.DataFrame({n: v.astype(object) if v.dtype == "category" else v for n, v in obs.items()}, index=obs.index)


def subset(simulation: Simulation, keep: NDArray[np.bool_]) -> Simulation:
    """The simulation with some rows of its screen only."""
    screen = simulation.screen
    adata = make_adata(screen.adata.X[keep], plain(screen.adata.obs[keep]), screen.genes)
    return replace(simulation, screen=make_screen(adata, screen.design, name=screen.name))


def with_rows(simulation: Simulation, added: ad.AnnData) -> Simulation:
    """The simulation with further rows at the end of its screen."""
    screen = simulation.screen
    counts = sp.vstack([screen.adata.X, added.X], format="csr")
    adata = make_adata(counts, pd.concat([plain(screen.adata.obs), plain(added.obs)]), screen.genes)
    return replace(simulation, screen=make_screen(adata, screen.design, name=screen.name))


def join(a: Conditions, b: Conditions) -> tuple[Conditions, NDArray[np.int64], NDArray[np.int64]]:
    """Both tables in one, and where the rows of each have gone."""
    empty = {name: np.full(len(b), "") for name in a.annotation}
    extra = {name: np.concatenate([a.annotation[name], {**empty, **b.annotation}[name]]) for name in a.annotation}
    both = Conditions.make(
        np.concatenate([a.context, b.context]),
        a.parts + b.parts,
        np.concatenate([a.dose, b.dose]),
        np.concatenate([a.time, b.time]),
        np.concatenate([a.modality, b.modality]),
        extra,
    )
    return both, both.locate(a), both.locate(b)


def with_nulls(truth: Truth, new: Conditions) -> Truth:
    """The truth with further conditions that do nothing."""
    conditions, old, _ = join(truth.conditions, new)

    def grown(values: NDArray[np.float64], fill: float) -> NDArray[np.float64]:
        out = np.full((len(conditions), *values.shape[1:]), fill)
        out[old] = values
        return out

    is_null = np.ones(len(conditions), dtype=bool)
    is_null[old] = truth.is_null
    lowered = truth.knockdown.tocoo()
    shape = (len(conditions), len(truth.genes))
    knockdown = sp.csr_matrix((lowered.data, (old[lowered.row], lowered.col)), shape=shape)
    return replace(
        truth,
        conditions=conditions,
        delta=grown(truth.delta, 0.0),
        is_null=is_null,
        response=grown(truth.response, 1.0),
        codes={name: grown(code, 0.0) for name, code in truth.codes.items()},
        knockdown=knockdown,
    )
