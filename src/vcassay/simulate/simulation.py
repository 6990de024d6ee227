"""Simulation: a screen with known truth."""

from __future__ import annotations

from dataclasses import dataclass

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

from vcassay.screen import Design, Screen, make_screen
from vcassay.simulate.cells import CellTable, barcodes, cell_numbers, draw_counts, lay_out
from vcassay.simulate.contexts import make_contexts
from vcassay.simulate.features import (
    Features,
    Knowledge,
    context_similarity,
    make_knowledge,
    perturbation_features,
    relations,
)
from vcassay.simulate.grid import make_grid
from vcassay.simulate.panel import make_panel
from vcassay.simulate.perturbagens import make_perturbagens
from vcassay.simulate.plan import SimulationPlan
from vcassay.simulate.truth import Truth, make_truth

CONTROL_LABEL = "control"
STREAMS = ("panel", "contexts", "perturbagens", "grid", "cells", "truth", "counts", "barcodes", "features")
"""Each step draws from its own stream, so that a change of one leaves the others' draws as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """A simulated screen and all that is true of it.

    Attributes
    ----------
    screen
        Counts of every cell, with the design that reads them.
    truth
        The true effects.
    features
        Prior features of the perturbations, informative about their effects.
    context_features
        Similarity of the contexts' true control expression, informative about interactions.
    relations
        (context, context, kind) of related contexts.
    knowledge
        Gene sets, compounds, related genes.
    plan, seed
        What it was made with.
    """

    screen: Screen
    truth: Truth
    features: Features
    context_features: Features
    relations: tuple[tuple[str, str, str], ...]
    knowledge: Knowledge
    plan: SimulationPlan
    seed: int


def simulate_screen(plan: SimulationPlan, *, seed: int, name: str = "simulated") -> Simulation:
    """Simulate a screen.

    The result depends on the plan and the seed alone (PCG64).

    Returns
    -------
    Simulation whose screen holds counts, float32 CSR, in X and whose obs columns are perturbation
    (``control`` for controls), context, batch, dose_uM, modality, target, moa, smiles and, if the
    plan has times, time.
    """
    rng = {
        step: Generator(PCG64(child))
        for step, child in zip(STREAMS, SeedSequence(seed).spawn(len(STREAMS)), strict=True)
    }
    panel = make_panel(plan, rng["panel"])
    contexts = make_contexts(plan, panel, rng["contexts"])
    perturbagens, compounds = make_perturbagens(plan, panel, rng["perturbagens"])
    grid = make_grid(plan, perturbagens, contexts.names, rng["grid"])
    numbers = cell_numbers(plan, len(grid.conditions), rng["cells"])
    weights = numbers / numbers.sum(axis=1, keepdims=True)
    truth, rates = make_truth(plan, panel, contexts, perturbagens, grid, weights, rng["truth"])

    times = plan.times or (np.nan,)
    control_context = np.repeat(np.arange(len(contexts.names)), len(times))
    control_time = np.tile(np.asarray(times, dtype=np.float64), len(contexts.names))
    controls = np.full((len(control_context), plan.n_batches), plan.controls_per_batch)
    cells = lay_out(numbers, controls, rng["cells"])
    table = np.vstack([rates.perturbed, rates.control[control_context]]).reshape(-1, plan.n_genes)
    group = np.where(cells.condition >= 0, cells.condition, len(numbers) + cells.control)
    counts = draw_counts(table, group * plan.n_batches + cells.batch, plan, rng["counts"])
    names = [contexts.names[c] for c in control_context]
    obs = _obs(truth, cells, np.asarray(names, dtype=str), control_time, barcodes(len(cells), rng["barcodes"]))
    screen = make_screen(make_adata(counts, obs, truth.genes), make_design(plan), name=name)
    return Simulation(
        screen=screen,
        truth=truth,
        features=perturbation_features(plan, panel, perturbagens, rng["features"]),
        context_features=context_similarity(contexts.names, truth.control),
        relations=relations(contexts),
        knowledge=make_knowledge(panel, perturbagens, compounds),
        plan=plan,
        seed=seed,
    )


def make_design(plan: SimulationPlan) -> Design:
    """Columns of a simulated screen."""
    return Design(
        perturbation="perturbation",
        control=(CONTROL_LABEL,),
        context="context",
        batch="batch",
        dose="dose_uM" if plan.n_drugs else None,
        time="time" if plan.times else None,
        modality="modality",
        dose_unit="uM" if plan.n_drugs else "",
        annotation={"target": "target", "moa": "moa", "smiles": "smiles"},
    )


def make_adata(counts: sp.csr_matrix, obs: pd.DataFrame, genes: NDArray[np.str_]) -> ad.AnnData:
    """AnnData of counts, with text columns as categories."""
    coded = {name: pd.Categorical(values) if values.dtype.kind in "OUT" else values for name, values in obs.items()}
    return ad.AnnData(X=counts, obs=pd.DataFrame(coded, index=obs.index), var=pd.DataFrame(index=pd.Index(genes)))


def _obs(
    truth: Truth,
    cells: CellTable,
    control_context: NDArray[np.str_],
    control_time: NDArray[np.float64],
    names: NDArray[np.str_],
) -> pd.DataFrame:
    """Labels of every cell."""
    is_control = cells.condition < 0
    at, own = np.maximum(cells.condition, 0), np.maximum(cells.control, 0)
    batch = np.asarray([f"batch_{b + 1}" for b in range(int(cells.batch.max()) + 1)])
    conditions = truth.conditions
    columns = {
        "perturbation": np.where(is_control, CONTROL_LABEL, conditions.perturbation[at]),
        "context": np.where(is_control, control_context[own], conditions.context[at]),
        "batch": batch[cells.batch],
        "dose_uM": np.where(is_control, np.nan, conditions.dose[at]),
        "modality": np.where(is_control, CONTROL_LABEL, conditions.modality[at]),
    }
    columns |= {name: np.where(is_control, "", conditions.annotation[name][at]) for name in ("target", "moa", "smiles")}
    if not np.isnan(control_time).all():
        columns["time"] = np.where(is_control, control_time[own], conditions.time[at])
    return pd.DataFrame(columns, index=pd.Index(names))
