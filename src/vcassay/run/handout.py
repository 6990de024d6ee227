"""Handout: how to read a task's training view and what to hand back, for programs and for people."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from vcassay.effects.moments import TARGET_SUM
from vcassay.screen import CONTROL, Readout, Screen

README = """# A training view, and what is asked

Written by vcassay from {name}.

- `train.h5ad`: what a model may learn from: {n_rows:,} rows, {n_train} training conditions and the control rows
  left to training. The control rows that scoring uses, and every row of a test condition, are not in it; nor is
  anything computed from them. Gene statistics, layers, embeddings and further annotation of the source file are
  left out for that reason.
- `wanted.csv`: the {n_wanted} conditions to answer for.
- `ablations.csv`: the same questions with one input disturbed, as below; optional, and what shows that the model uses
  its inputs.
- `task.json`: how to read `train.h5ad`, as below.
- `split.json`: the roles of all conditions, bound to their table by a hash.
- `seal.json`, if there: binds the held-out truth; compare its commitment with the one announced.

{layout}

Rows are in no order and have new names: gaps in the old ones would tell how many cells a held-out condition has.

Hand back one file (.h5ad, .parquet or .csv): the columns of `wanted.csv` and one column a gene, named as in
`train.h5ad`, one row a condition. Values are effects (predicted profile minus control) or profiles; say which
as `space`. Leave a row out, or fill it with NaN, to abstain.

{scale}

For each `kind` in `ablations.csv`, predict once more: give the model what `given_context`, `given_perturbation` and
`given_dose` say in place of the condition's own, all else (control cells, batch, numbers) as it was, and do not train
again. Hand back a file like the first, labelled with the condition's own columns. `zeroed` stands for an input that is
taken away: zeros, or the token of an unperturbed cell; an empty dose for none. Conditions that a kind does not list
have no other to be exchanged with. A model that is a Python object with `fit` and `predict` needs none of this:
`vcassay.ablate(model, task)` does it.

Then:

    [[model]]
    name = "mine"
    predictions = "predictions.parquet"
    space = "delta"
    inputs = []            # what the model was given besides this folder
    pretraining = []       # corpora it was pretrained on
    controls = "training"
    # embeddings = "embeddings.csv"      # where the model places perturbations or conditions: a row each
    # attributions = "attributions.csv"  # how much each gene counts for its answers: columns as in `train.h5ad`

    [model.ablations]      # those that you have
    shuffled_perturbation = "shuffled_perturbation.parquet"
"""


def describe(screen: Screen, obs: pd.DataFrame) -> dict[str, Any]:
    """Which obs column of the training view is which, what its values are and to what they are compared.

    Returns
    -------
    ``readout``; ``target_sum`` to which profiles of counts are scaled before log1p, ``None`` where the mean of the
    values is the profile; ``columns``, names in ``wanted.csv`` to obs columns; ``control``, the labels met in the
    view; ``delimiter`` of combinations in the view's labels (``+`` in ``wanted.csv``); ``context_name``, where no
    column holds the context.
    """
    design = screen.design
    labels = screen.adata.obs[design.perturbation].iloc[np.flatnonzero(screen.table.condition == CONTROL)]
    return {
        "schema": "vcassay.task/1",
        "rows": design.rows.value,
        "readout": design.readout.value,
        "target_sum": TARGET_SUM if design.readout is Readout.COUNTS else None,
        "columns": design.columns(),
        "control": sorted(set(labels.astype(str)) & set(obs[design.perturbation].astype(str))),
        "delimiter": design.delimiter,
        "context_name": None if design.context else design.context_name,
    }


def instructions(name: str, described: Mapping[str, Any], counts: Mapping[str, int]) -> str:
    """The folder's README: its files, its columns, and the scale of what is handed back."""
    columns = ", ".join(f"{ours} is `{theirs}`" for ours, theirs in described["columns"].items())
    control = " or ".join(f"`{label}`" for label in described["control"]) or "nowhere"
    layout = f"Columns of obs: {columns}. Control rows are labelled {control}. Values: {described['readout']}."
    scale = "A profile is the mean of the values as they are in `train.h5ad`."
    if (depth := described["target_sum"]) is not None:
        scale = (
            f"A profile is log1p of the mean rate times {depth:,.0f}: the logarithm of a mean over cells. The mean of "
            "the cells' logarithms, which many models predict, is another quantity, and where cells are shallow its "
            "differences are much smaller. So predict the former, or hand in predicted cells (several rows a "
            f"condition) as counts, or as log1p of counts scaled to {depth:,.0f}: their profile is taken here."
        )
    return README.format(name=name, layout=fill(layout, 118), scale=fill(scale, 118), **counts)
