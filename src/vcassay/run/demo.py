"""The demonstration: a simulated screen with planted truths, four models on it, as files a user would have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from vcassay.claim import Split, write_split
from vcassay.effects import measure
from vcassay.prediction import Prediction
from vcassay.run.cache import whole
from vcassay.run.resolved import toml_value
from vcassay.simulate import Simulation, simulate_screen
from vcassay.simulate.answers import honest, ignores_perturbation, mean_in_disguise, memorised
from vcassay.simulate.demo import DEMO_SEED, demo_plan, demo_split

MODELS = {
    "honest": "learnt real biology, but not all of it",
    "mean in disguise": "the mean over training contexts, scaled and jittered",
    "trained on test cells": "the observed effects of the test cells themselves",
    "ignores the perturbation": "one answer a context, whatever the perturbation",
}
"""The demonstration's models and what each really is."""


def write_demo(folder: Path, *, small: bool = False) -> Path:
    """Write the demonstration's screen, split, features, predictions and study.toml.

    Parameters
    ----------
    folder
        Where to.
    small
        A quarter of the conditions, fewer genes and cells.

    Returns
    -------
    Path of study.toml.
    """
    folder.mkdir(parents=True, exist_ok=True)
    simulation = simulate_screen(demo_plan(small=small), seed=DEMO_SEED, name="the simulated screen")
    screen = simulation.screen
    split = demo_split(screen.conditions, small=small)
    with whole(folder / "screen.h5ad") as part:
        screen.adata.write_h5ad(part, compression="lzf")
    write_split(split, folder / "split.json")
    features = pd.DataFrame(simulation.features.matrix, columns=list(simulation.features.columns))
    features.insert(0, "perturbation", list(simulation.features.names))
    with whole(folder / "pathway_features.csv") as part:
        features.to_csv(part, index=False, float_format="%.5g")
    sets = [f"{name}\tsimulated\t" + "\t".join(genes) for name, genes in simulation.knowledge.gene_sets.items()]
    with whole(folder / "pathways.gmt") as part:
        part.write_text("\n".join(sets) + "\n", encoding="utf-8")
    siblings = pd.DataFrame(simulation.relations, columns=["a", "b", "relation"])
    with whole(folder / "siblings.csv") as part:
        siblings.to_csv(part, index=False)
    blocks = [_write_model(prediction, folder) for prediction in _answers(simulation, split)]
    study = folder / "study.toml"
    with whole(study) as part:
        part.write_text(_HEAD + "\n".join(blocks), encoding="utf-8")
    return study


def _answers(simulation: Simulation, split: Split) -> list[Prediction]:
    screen = simulation.screen
    wanted = screen.conditions.take(split.test)
    effects = measure(screen, train=split.train)
    train = split.train
    streams = [np.random.default_rng([DEMO_SEED, k]) for k in range(3)]
    names = list(MODELS)
    return [
        honest(simulation, wanted, streams[0], name=names[0]),
        mean_in_disguise(
            wanted,
            screen.genes,
            screen.conditions.take(train),
            effects.delta_train[train],
            streams[1],
            name=names[1],
        ),
        memorised(simulation, wanted, name=names[2]),
        ignores_perturbation(simulation, wanted, streams[2], name=names[3]),
    ]


def _write_model(prediction: Prediction, folder: Path) -> str:
    """Write a model's predictions and ablations; return its block of study.toml."""
    stem = prediction.name.replace(" ", "_")
    _write_table(prediction, folder / f"{stem}.parquet")
    lines = ["[[model]]", f'name = "{prediction.name}"', f'predictions = "{stem}.parquet"', 'space = "delta"']
    declared = prediction.disclosure.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    lines += ["[model.disclosure]", *(f"{key} = {toml_value(entry)}" for key, entry in declared.items())]
    if prediction.ablations:
        lines.append("[model.ablations]")
        for kind, answer in prediction.ablations.items():
            _write_table(answer, folder / f"{stem}-{kind}.parquet")
            lines.append(f'{kind} = "{stem}-{kind}.parquet"')
    return "\n".join(lines) + "\n"


def _write_table(prediction: Prediction, path: Path) -> None:
    """One row a condition: labels, then one column a gene."""
    table = prediction.conditions
    labels = pd.DataFrame({"context": table.context, "perturbation": table.perturbation, "dose": table.dose})
    values = pd.DataFrame(prediction.values.astype(np.float32), columns=list(prediction.genes))
    with whole(path) as part:
        pd.concat([labels, values], axis=1).to_parquet(part, index=False)


_HEAD = f"""# The demonstration: a simulated screen whose truth is known, and four models on it.
schema = "vcassay.study/1"
name = "demonstration"
seed = {DEMO_SEED}

[claim]
text = "Predicts how perturbations act in cell lines that were never perturbed"
use = "selectivity"
expect = "CEX"
truth = "private"

[data]
screen = "screen.h5ad"
name = "the simulated screen"
rows = "cells"
readout = "counts"
perturbation = "perturbation"
control = ["control"]
context = "context"
batch = "batch"
dose = "dose_uM"
dose_unit = "uM"
modality = "modality"
annotation = {{ target = "target", moa = "moa", smiles = "smiles" }}

[split]
file = "split.json"

[knowledge]
features = ["pathway_features.csv"]
siblings = "siblings.csv"
gene_sets = [{{ path = "pathways.gmt", kin = false }}]

"""
