"""Splits: the roles that a study states, from wherever it takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import HELD_OUT
from vcassay.claim import Related, Role, Split, from_predicted, make_split
from vcassay.claim.columns import group_values
from vcassay.claim.formats import from_files, read_any, read_obs_split
from vcassay.claim.makers import k_fold, with_validation
from vcassay.claim.protocols import protocol_options
from vcassay.core import Conditions, InputError
from vcassay.core.errors import first
from vcassay.knowledge import Knowledge
from vcassay.prediction import Prediction, locate_conditions
from vcassay.run.study import SplitSection, Study, stated_sources
from vcassay.screen import Screen

WHERE_FROM = ("file", "obs", "test_list", "make", "protocol")
"""Keys of [split] that state it without looking at predictions."""


def find_split(
    study: Study,
    folder: Path,
    screen: Screen,
    predictions: Mapping[str, Prediction],
    knowledge: Knowledge,
    related: Related,
) -> tuple[Split, Screen]:
    """Make or read the split that the study states.

    Returns
    -------
    The split, and the screen: with its test rows marked where the split parts the rows of a condition.

    Raises
    ------
    InputError
        If the study states none and hands in no predictions from which to infer one.
    """
    section, conditions = study.split, screen.conditions
    sources = stated_sources(section)
    if section.make or section.protocol:
        split = drawn_split(section, screen, knowledge, related)
    elif set(sources) & set(WHERE_FROM):
        split, held_out = _read(section, folder, screen)
        if held_out is not None:
            split = replace(split, test_shards=HELD_OUT)
            screen = replace(screen, held_out=held_out)
        if not len(split.test) and study.model:
            mend = f"give some conditions the role '{Role.TEST}'"
            raise InputError("has no test conditions", where=_where(section, folder), mend=mend)
    elif predictions:
        asked = np.any([_answered(p, conditions) for p in predictions.values()], axis=0)
        split = from_predicted(conditions, asked)
    else:
        mend = "add [split] make = 'gex', 'cex', 'dex' or 'random-cells', or file = 'split.json'"
        raise InputError("states no split", where="[split]", mend=mend)
    if section.validation is not None:
        groups, together = kin(section, related)
        split = with_validation(
            split, fraction=section.validation, seed=section.seed, groups=groups, together=together
        )  # fmt: skip
    return split, screen


def drawn_split(section: SplitSection, screen: Screen, knowledge: Knowledge, related: Related) -> Split:
    """Draw a split by a maker, or by the rule of a published protocol."""
    conditions = screen.conditions
    given: dict[str, Any] = {
        "shots": section.shots,
        "seen": section.seen,
        "column": section.column,
        "modality": section.modality,
        "tier": section.tier,
        "contexts": section.contexts,
        "fraction": section.fraction,
    }
    make = section.make or ""
    if section.protocol:
        make, options = protocol_options(section.protocol)
        given |= {k: v for k, v in options.items() if given.get(k) in (None, ())}
    batches = screen.batches if len(screen.table.batches) > 1 else None
    groups, together = kin(section, related)
    if given["tier"] == "name":
        groups = {}
    given.pop("together", None)  # a protocol says what to keep together; kin is who that is here
    if column := given.pop("groups", None):
        values = group_values(conditions, str(column), related, knowledge, batches) or ()
        groups = {p: v[0] for parts, v in zip(conditions.parts, values, strict=True) for p in parts[:1] if v}
    given = {k: v for k, v in given.items() if v is not None}
    if section.folds is not None:
        folds = list(k_fold(conditions, make, k=section.folds, seed=section.seed, groups=groups, together=together))
        if section.fold >= len(folds):
            what = f"there is no fold {section.fold} of {len(folds)}"
            raise InputError(what, where="[split] fold", mend="folds are counted from 0")
        return folds[section.fold]
    if make == "group":
        given["values"] = group_values(conditions, str(given.get("column", "")), related, knowledge, batches)
    return make_split(conditions, make, seed=section.seed, groups=groups, together=together, **given)


def kin(section: SplitSection, related: Related) -> tuple[Mapping[str, str], tuple[tuple[str, ...], ...]]:
    """What must stay together, unless the study says otherwise."""
    return (related.families(), related.together()) if section.kin else ({}, ())


def _read(section: SplitSection, folder: Path, screen: Screen) -> tuple[Split, NDArray[np.bool_] | None]:
    words: dict[str, Any] = {
        "train_values": section.train_words,
        "val_values": section.val_words,
        "test_values": section.test_words,
    }
    if section.obs is not None:
        return read_obs_split(screen, section.obs, **words)
    if section.file is not None:
        split = read_any(folder / section.file, screen.conditions, screen, **words)
        return split, split.meta.get("held_out")
    train, val, test = (
        None if name is None else folder / name for name in (section.train_list, section.val_list, section.test_list)
    )
    return from_files(screen.conditions, train=train, val=val, test=test), None


def _where(section: SplitSection, folder: Path) -> str:
    if section.file is not None:
        return str(folder / section.file)
    return f"obs column '{section.obs}'" if section.obs is not None else "[split]"


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
