"""Make a split by name, or take the one that predictions imply."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import makers
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError
from vcassay.core.errors import did_you_mean

MAKERS: dict[str, Callable[..., Split]] = {
    "random-cells": makers.random_cells,
    "gex": makers.gene_exclusive,
    "dex": makers.drug_exclusive,
    "cex": makers.context_exclusive,
    "aex": makers.both_exclusive,
    "few-shot": makers.few_shot,
    "combination": makers.combinations,
    "dose-interpolation": partial(makers.dose_exclusive, kind="interpolation"),
    "dose-extrapolation": partial(makers.dose_exclusive, kind="extrapolation"),
    "time-interpolation": partial(makers.dose_exclusive, kind="interpolation", axis="time"),
    "time-extrapolation": partial(makers.dose_exclusive, kind="extrapolation", axis="time"),
    "modality": makers.cross_modality,
    "group": makers.group_exclusive,
    "gears-simulation": makers.gears_simulation,
    "perturbench-transfer": makers.perturbench_transfer,
}
"""Makers by the name that ``[split] make`` asks for."""

DEFAULT_FRACTION = 0.25
OPTIONS = {"shots": "few-shot", "seen": "combination", "column": "group", "modality": "modality"}
"""Options without a default, and the maker that needs each."""
OPTIONAL = frozenset({"fraction", "together", "groups"})
"""What every study may state, whether the maker takes it or not."""


def make_split(conditions: Conditions, make: str, *, seed: int = 0, **options: Any) -> Split:
    """Make a split by name.

    Parameters
    ----------
    conditions
        The table to split.
    make
        A name of `MAKERS`.
    seed
        Draws the groups.
    options
        What the maker takes: ``fraction`` (a quarter by default), ``contexts``, ``together``
        (siblings), ``groups`` (kin of perturbations), ``tier``, ``shots``, ``seen``, ``column``, ``values``,
        ``modality``. Options that are ``None`` or empty are not handed on.

    Raises
    ------
    InputError
        If nobody makes that split, an option is missing or not for this maker, or nothing is left to
        test or to train on.
    """
    where = f"[split] make = '{make}'"
    if make not in MAKERS:
        raise InputError(f"no split is called '{make}'", where="[split] make", mend=did_you_mean(make, MAKERS))
    maker = MAKERS[make]
    takes = inspect.signature(maker).parameters
    given = {k: v for k, v in options.items() if v is not None and v not in ((), {})}
    if "fraction" in takes:
        given.setdefault("fraction", DEFAULT_FRACTION)
        if not 0 < given["fraction"] < 1:
            what = f"{given['fraction']} is not a share"
            raise InputError(what, where="[split] fraction", mend="use a number between 0 and 1")
    for option in sorted(set(given) - set(takes)):
        if option not in OPTIONAL:
            raise InputError(f"takes no option '{option}'", where=where, mend=did_you_mean(option, set(takes)))
    for option in OPTIONS:
        if option in takes and option not in given:
            raise InputError(f"needs the option '{option}'", where=where, mend=f"add {option} = ... to [split]")
    split = maker(conditions, seed=seed, **{k: v for k, v in given.items() if k in takes})
    if not len(split.test) or not len(split.train):
        what = "test" if not len(split.test) else "train"
        mend = "the table has too few groups for this split: change [split] make or fraction"
        raise InputError(f"leaves no condition to {what} on", where=where, mend=mend)
    return split


def from_predicted(conditions: Conditions, asked: NDArray[np.bool_]) -> Split:
    """Take what the predictions answer for as the test set and assume the rest was training.

    The training set is then an assumption, which the verdict says; with nothing left to train on
    there is none.

    Parameters
    ----------
    asked
        (n,) whether some prediction answers for the condition.
    """
    roles = np.where(asked, Role.TEST.value, Role.TRAIN.value)
    if asked.all():
        assumed = "no training set is known: the predictions cover every condition"
    else:
        assumed = f"the {int((~asked).sum())} conditions that no model predicts are assumed to be the training set"
    return Split(conditions, roles, None, None, "predictions", assumed=assumed)
