"""Inputs: the screen, split, knowledge and predictions that a study names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Role, Split, from_predicted, make_split, read_split
from vcassay.core import Conditions, InputError
from vcassay.core.errors import first
from vcassay.effects.moments import TARGET_SUM
from vcassay.knowledge import Knowledge, read_features, read_siblings
from vcassay.prediction import Disclosure, Prediction, PredictionFormat, Space, locate_conditions, read_prediction
from vcassay.run.study import DataSection, ModelSection, Study
from vcassay.screen import Design, Readout, Rows, Screen, make_screen
from vcassay.screen.detect import detect_readout
from vcassay.screen.files import open_file
from vcassay.screen.guess import guess_design
from vcassay.screen.screen import Note

COLUMNS = ("perturbation", "control", "context", "batch", "dose", "time", "modality", "layer", "delimiter")
OTHERS = ("dose_unit", "time_unit", "context_name", "annotation")
OPTIONAL = ("context", "batch", "dose", "time", "modality", "layer", "delimiter")


def load_screen(study: Study, folder: Path) -> Screen:
    """Read the screen with the stated columns; what is not stated is guessed, and its notes say so."""
    data = study.data
    path = folder / data.screen
    name = data.name or study.name or path.stem
    adata, handle = open_file(path, backed=data.backed)
    try:
        stated = stated_design(data)
        notes: tuple[Note, ...] = ()
        if {"perturbation", "control", "rows", "readout", "context", "batch"} <= stated.keys():
            design = Design(**stated)
        else:
            guess = guess_design(adata, path, stated)
            design = guess.design
            notes = (*guess.notes, *((question, "the file does not say") for question in guess.asked))
        screen = make_screen(adata, design, name=name, path=path, drop_contexts=data.drop_contexts)
    except BaseException:
        if handle is not None:
            handle.close()
        raise
    return replace(screen, handle=handle, notes=(*notes, *screen.notes))


def stated_design(data: DataSection) -> dict[str, Any]:
    """Fields of the design that [data] states; an empty string says that there is no such column."""
    stated = {key: value for key in (*COLUMNS, *OTHERS) if (value := getattr(data, key)) is not None}
    if data.rows:
        stated["rows"] = Rows(data.rows)
    if data.readout:
        stated["readout"] = Readout(data.readout)
    return {k: None if k in OPTIONAL and v == "" else v for k, v in stated.items()}


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
        ablations: dict[str, Prediction] = {
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


def _answered(prediction: Prediction, conditions: Conditions) -> NDArray[np.bool_]:
    """(n,) which of the screen's conditions a model answers for; refuse one that answers for none."""
    asked = np.asarray(locate_conditions(prediction.conditions, conditions) >= 0)
    if asked.any():
        return asked
    theirs, ours = first(prediction.conditions.ids, 3), first(conditions.ids, 3)
    several = len(set(conditions.context.tolist())) > 1
    alone = len(set(prediction.conditions.context.tolist())) == 1
    mend = "use the screen's labels"
    if several and alone:
        mend += ", and name the context: a column of the file, or context = '...' in its [[model]]"
    raise InputError(
        f"none of its {len(prediction.conditions)} conditions ({theirs}) is in the screen ({ours})",
        where=str(prediction.path or prediction.name),
        mend=mend,
    )


def _layout(model: ModelSection) -> PredictionFormat:
    space = Space(model.space) if model.space else None
    columns = {str(k): v for k, v in (model.columns or {}).items()} or None
    return PredictionFormat(space, columns, model.context, model.array)


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
        asked = np.any([_answered(p, conditions) for p in predictions.values()], axis=0)
        return from_predicted(conditions, asked)
    mend = "add [split] make = 'gex', 'cex', 'dex' or 'random-cells', or file = 'split.json'"
    raise InputError("states no split", where="[split]", mend=mend)
