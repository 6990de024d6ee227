"""A small study as a user would have it: a screen, a split, two models, study.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from vcassay.claim import Split, write_split
from vcassay.prediction import Prediction
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.answers import honest
from vcassay.simulate.demo import hold_out

PLAN = SimulationPlan(
    n_genes=80,
    n_pathways=5,
    n_contexts=5,
    n_siblings=0,
    n_crispri=16,
    n_drugs=2,
    doses=(0.1, 1.0),
    cells_per_condition=24,
    controls_per_batch=40,
)
DATA = """rows = "cells"
readout = "counts"
perturbation = "perturbation"
control = ["control"]
context = "context"
batch = "batch"
dose = "dose_uM"
dose_unit = "uM"
modality = "modality"
annotation = { target = "target", moa = "moa", smiles = "smiles" }
"""


def simulated(seed: int = 5) -> tuple[Simulation, Split]:
    """Five contexts, the last two of them held out."""
    simulation = simulate_screen(PLAN, seed=seed)
    conditions = simulation.screen.conditions
    return simulation, hold_out(conditions, tuple(sorted(set(conditions.context.tolist()))[-2:]))


def study_text(screen: str = "screen.h5ad", *, extra: str = "", data: str = "", draws: int = 200) -> str:
    """study.toml; ``data`` is added to [data], ``extra`` at the end."""
    return (
        'schema = "vcassay.study/1"\nname = "small"\n\n'
        f'[data]\nscreen = "{screen}"\n{DATA}{data}\n'
        '[split]\nfile = "split.json"\n\n'
        f"[evidence]\ndraws = {draws}\n\n"
        '[[model]]\nname = "mine"\npredictions = "mine.parquet"\nspace = "delta"\ncontrols = "training"\n\n'
        '[[model]]\nname = "mean"\nbaseline = "perturbation_mean"\n\n' + extra
    )


def table(prediction: Prediction) -> pd.DataFrame:
    """A prediction as one row a condition."""
    c = prediction.conditions
    labels = pd.DataFrame({"perturbation": c.perturbation, "context": c.context, "dose_uM": c.dose})
    return pd.concat([labels, pd.DataFrame(prediction.values, columns=list(prediction.genes))], axis=1)


def write_small(folder: Path, *, adata: ad.AnnData | None = None, **text: Any) -> Path:
    """Write the study's files into a folder; return study.toml."""
    simulation, split = simulated()
    (simulation.screen.adata if adata is None else adata).write_h5ad(folder / "screen.h5ad")
    write_split(split, folder / "split.json")
    wanted = simulation.screen.conditions.take(split.test)
    table(honest(simulation, wanted, np.random.default_rng(0))).to_parquet(folder / "mine.parquet", index=False)
    study = folder / "study.toml"
    study.write_text(study_text(**text), encoding="utf-8")
    return study
