"""Inputs: the screen, split, knowledge and predictions that a study names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from vcassay.claim import Role, Split, from_predicted, make_split, read_split
from vcassay.core import Conditions, InputError
from vcassay.effects.moments import TARGET_SUM
from vcassay.knowledge import Knowledge, read_features, read_siblings
from vcassay.prediction import Disclosure, Prediction, PredictionFormat, Space, locate_conditions, read_prediction
from vcassay.run.study import ModelSection, Study
from vcassay.screen import Design, Readout, Rows, Screen, read_screen
from vcassay.screen.detect import detect_readout
from vcassay.screen.files import open_file
from vcassay.screen.guess import guess_design


def load_screen(study: Study, folder: Path) -> Screen:
    """Read the screen with the stated columns; what is not stated is guessed."""
    data = study.data
    path = folder / data.screen
    name = data.name or study.name or path.stem
    return read_screen(path, design_of(study, path), backed=data.backed, drop_contexts=data.drop_contexts, name=name)


def design_of(study: Study, path: Path) -> Design:
    """Stated columns over guessed ones; an empty string says that there is no such column."""
    data = study.data
    stated = {
        key: getattr(data, key)
        for key in ("perturbation", "control", "context", "batch", "dose", "time", "modality", "layer")
        if getattr(data, key) is not None
    }
    stated |= {
        key: getattr(data, key)
        for key in ("dose_unit", "time_unit", "context_name", "delimiter", "annotation")
        if getattr(data, key) is not None
    }
    if data.rows:
        stated["rows"] = Rows(data.rows)
    if data.readout:
        stated["readout"] = Readout(data.readout)
    optional = ("context", "batch", "dose", "time", "modality", "layer", "delimiter")
    stated = {k: None if k in optional and v == "" else v for k, v in stated.items()}
    complete = {"perturbation", "control", "rows", "readout", "context", "batch"} <= stated.keys()
    if complete:
        return Design(**stated)
    adata, handle = open_file(path, backed=True)
    try:
        guess = guess_design(adata, path)
    finally:
        if handle is not None:
            handle.close()
    return replace(guess.design, **stated)


def load_knowledge(study: Study, folder: Path) -> Knowledge:
    """Read what [knowledge] names."""
    features = tuple(read_features(folder / f) for f in study.knowledge.features)
    siblings = read_siblings(folder / study.knowledge.siblings) if study.knowledge.siblings else ()
    return Knowledge(features, siblings)


def load_predictions(study: Study, folder: Path, design: Design) -> dict[str, Prediction]:
    """Read every predictions file with its ablations."""
    out = {}
    for model in study.model:
        if model.predictions is None:
            continue
        ablations = {
            kind: read_prediction(folder / file, design, name=f"{model.name}, {kind}", layout=_layout(model))
            for kind, file in sorted(model.ablations.items())
        }
        out[model.name] = read_prediction(
            folder / model.predictions,
            design,
            name=model.name,
            layout=_layout(model),
            disclosure=_disclosure(model),
            ablations=ablations,
            target_sum=study.data.target_sum or TARGET_SUM,
        )
    return out


def _layout(model: ModelSection) -> PredictionFormat:
    space = Space(model.space) if model.space else None
    return PredictionFormat(space, model.columns, model.context, model.array)


def _disclosure(model: ModelSection) -> Disclosure:
    return Disclosure(model.inputs, model.pretraining, model.controls, model.selection, model.looks)


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


def find_split(
    study: Study, folder: Path, conditions: Conditions, predictions: dict[str, Prediction], knowledge: Knowledge
) -> Split:
    """Make or read the split that the study states.

    Raises
    ------
    InputError
        If the study states none and hands in no predictions from which to infer one.
    """
    section = study.split
    if section.file:
        split = read_split(folder / section.file, conditions)
        if not len(split.test) and study.model:
            mend = f"give some conditions the role '{Role.TEST}'"
            raise InputError("has no test conditions", where=str(folder / section.file), mend=mend)
        return split
    if section.make:
        return make_split(
            conditions,
            section.make,
            fraction=section.fraction,
            seed=section.seed,
            contexts=section.contexts,
            together=knowledge.siblings,
        )
    if predictions:
        asked = np.any([locate_conditions(p.conditions, conditions) >= 0 for p in predictions.values()], axis=0)
        if not asked.any():
            mend = "use the screen's labels in the predictions, or state the split"
            raise InputError("no predicted condition is in the screen", where="[split] predicted", mend=mend)
        return from_predicted(conditions, asked)
    mend = "add [split] make = 'gex', 'cex', 'dex' or 'random-cells', or file = 'split.json'"
    raise InputError("states no split", where="[split]", mend=mend)
