"""Inputs: the screen and the predictions that a study names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vcassay.effects.moments import TARGET_SUM
from vcassay.prediction import Prediction, PredictionFormat, Space, read_prediction, read_sheet
from vcassay.run.declaration import declaration_of
from vcassay.run.study import DataSection, ModelSection, Study
from vcassay.screen import Design, Readout, Rows, Screen
from vcassay.screen.detect import detect_readout
from vcassay.screen.read import load
from vcassay.screen.sources import find_files

COLUMNS = ("perturbation", "control", "context", "batch", "dose", "time", "modality", "layer", "genes", "delimiter")
OTHERS = ("dose_unit", "time_unit", "context_name", "annotation")
OPTIONAL = ("context", "batch", "dose", "time", "modality", "layer", "genes", "delimiter")


def load_screen(study: Study, folder: Path) -> Screen:
    """Read the screen with the stated columns; what is not stated is guessed, and its notes say so."""
    data = study.data
    files = find_files(data.screen, folder)
    stated = stated_design(data)
    known = {"perturbation", "control", "rows", "readout", "context", "batch"} <= stated.keys()
    return load(
        files,
        Design(**stated) if known else None,
        stated=stated,
        backed=data.backed,
        drop_contexts=data.drop_contexts,
        name=data.name or study.name or None,
    )


def stated_design(data: DataSection) -> dict[str, Any]:
    """Fields of the design that [data] states; an empty string says that there is no such column."""
    stated = {key: value for key in (*COLUMNS, *OTHERS) if (value := getattr(data, key)) is not None}
    if data.rows:
        stated["rows"] = Rows(data.rows)
    if data.readout:
        stated["readout"] = Readout(data.readout)
    return {k: None if k in OPTIONAL and v == "" else v for k, v in stated.items()}


def load_predictions(study: Study, folder: Path, design: Design) -> dict[str, Prediction]:
    """Read every predictions file with its ablations, those of its other seeds, and what is handed in beside it."""
    out = {}
    for model in study.model:
        if model.predictions is None:
            continue
        ablations: dict[str, Prediction] = {
            kind: read_prediction(folder / file, design, name=f"{model.name}, {kind}", layout=_layout(model))
            for kind, file in sorted(model.ablations.items())
        }
        declared = declaration_of(model, folder)
        common: dict[str, Any] = {
            "layout": _layout(model),
            "disclosure": declared.disclosure,
            "materials": declared.materials,
            "target_sum": study.data.target_sum or TARGET_SUM,
        }
        first = read_prediction(folder / model.predictions, design, name=model.name, ablations=ablations, **common)
        seeds = tuple(
            read_prediction(folder / file, design, name=f"{model.name}, seed {i}", **common)
            for i, file in enumerate(model.seeds, start=2)
        )
        named = {str(k): v for k, v in (model.columns or {}).items()}
        embeddings, attributions = (
            None if file is None else read_sheet(folder / file, design, columns=named)
            for file in (model.embeddings, model.attributions)
        )
        out[model.name] = replace(first, seeds=seeds, embeddings=embeddings, attributions=attributions)
    return out


def _layout(model: ModelSection) -> PredictionFormat:
    space = Space(model.space) if model.space else None
    columns = {str(k): v for k, v in (model.columns or {}).items()} or None
    return PredictionFormat(space, columns, model.context, model.array)


def find_target_sum(study: Study, predictions: dict[str, Prediction]) -> tuple[float, str]:
    """Depth of the truth's profiles: as stated, as the predicted profiles have it, or 1e4.

    Returns
    -------
    The depth, and where it comes from.
    """
    if study.data.target_sum:
        return study.data.target_sum, "as stated"
    for name, prediction in predictions.items():
        if prediction.space is Space.EXPRESSION:
            rows = prediction.values[np.isfinite(prediction.values).all(axis=1)]
            found = detect_readout(rows).target_sum if len(rows) else None
            if found is not None and prediction.genes.size > 0:
                return found, f"as found in the profiles of '{name}'"
    return TARGET_SUM, "the usual 10,000"
