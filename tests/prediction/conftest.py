"""One measured screen with guides, drugs at three doses and combinations, and predictions of it in every format."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.effects import Effects, measure
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    plan = SimulationPlan(
        n_genes=40,
        n_pathways=3,
        n_contexts=3,
        n_siblings=0,
        n_crispri=5,
        n_drugs=2,
        n_combinations=2,
        doses=(0.05, 0.3, 5.0),
        cells_per_condition=8,
        controls_per_batch=16,
    )
    return simulate_screen(plan, seed=4)


@pytest.fixture(scope="session")
def effects(simulation) -> Effects:
    return measure(simulation.screen, seed=1)


@pytest.fixture(scope="session")
def test_set(effects) -> np.ndarray:
    """Positions of the conditions of the last context."""
    return np.flatnonzero(effects.conditions.context == effects.conditions.context[-1])


def frame(conditions, values, genes, **names) -> pd.DataFrame:
    """Labels under the names that the screen uses, then genes."""
    labels = {
        "perturbation": conditions.perturbation,
        "context": conditions.context,
        "dose_uM": conditions.dose,
    }
    labels = {names.get(k, k): v for k, v in labels.items() if names.get(k, k) is not None}
    return pd.concat([pd.DataFrame(labels), pd.DataFrame(values, columns=genes)], axis=1)


def write(folder: Path, kind: str, conditions, values, genes, **names) -> Path:
    """A predictions file of a kind."""
    path = folder / f"prediction.{kind}"
    table = frame(conditions, values, genes, **names)
    labels = [c for c in table.columns if c not in set(genes)]
    match kind:
        case "csv":
            table.to_csv(path, index=False)
        case "tsv":
            table.to_csv(path, index=False, sep="\t")
        case "parquet":
            table.to_parquet(path, index=False)
        case "h5ad":
            obs = table[labels].set_axis([f"r{i}" for i in range(len(table))])
            ad.AnnData(np.asarray(values), obs=obs, var=pd.DataFrame(index=list(genes))).write_h5ad(path)
        case "npz":
            texts = [
                "|".join(f"{k}={v}" for k, v in row.items() if v == v)  # NaN: no such field
                for row in table[labels].to_dict("records")
            ]
            np.savez(path, genes=np.array(genes, dtype=str), conditions=np.array(texts, dtype=str), values=values)
    return path
