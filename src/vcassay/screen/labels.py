"""From obs columns to codes: which condition, control pool and batch each row belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.core.errors import first
from vcassay.screen.coding import RowKeys, code_conditions, text_codes
from vcassay.screen.design import Design, Rows
from vcassay.screen.numbers import read_numbers
from vcassay.screen.pools import Pools, control_pools
from vcassay.screen.screen import CONTROL, LEFT_OUT, Note, RowTable
from vcassay.screen.treatments import Treatments, read_treatments

ONE_BATCH = "all"
"""Name of the only batch of a screen without a batch column."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """The rows of a file as codes, and what was met on the way.

    Attributes
    ----------
    table
        The codes.
    design
        The design, with control labels and units as the labels write them.
    missing
        obs column -> rows whose label is missing there; they are left out.
    notes
        (sentence, reason) of each thing that was mapped.
    """

    table: RowTable
    design: Design
    missing: dict[str, int]
    notes: tuple[Note, ...]


def make_table(
    obs: pd.DataFrame, design: Design, *, where: str = "screen", drop_contexts: Sequence[str] = ()
) -> Labelled:
    """Read the labels of every row.

    Parameters
    ----------
    obs
        One row a row of the file; the design's columns must exist.
    where
        The file's name, for error sentences.
    drop_contexts
        Contexts whose rows take no part.

    Raises
    ------
    InputError
        If a dose or a time is no number, or if a condition has rows of two modalities.
    """
    codes, texts = text_codes(obs[design.perturbation], keep=design.control)
    treat = read_treatments(texts, design.control, design.delimiter)
    label = np.append(treat.code, LEFT_OUT)[codes]
    context, contexts = _group(obs, design.context, design.context_name)
    batch, batches = _group(obs, design.batch, ONE_BATCH)
    notes, missing = list(treat.notes), {}
    out = dropped = np.isin(context, [i for i, name in enumerate(contexts) if name in set(drop_contexts)])
    for name, gone in ((design.perturbation, codes < 0), (design.context, context < 0), (design.batch, batch < 0)):
        if name is not None and (gone & ~dropped).any():
            missing[name] = int((gone & ~dropped).sum())
            out = out | gone

    perturbed = (label >= 0) & ~out
    applied = np.append(treat.same, -1)[np.maximum(label, -1)]  # the same whatever dose the label states
    dose, dose_unit = _doses(obs, design, treat, label, perturbed, where, notes)
    time, time_unit = np.full(len(obs), np.nan), design.time_unit
    if design.time is not None:
        time, time_unit, more = read_numbers(obs[design.time], time_unit, perturbed, where=where, what="time")
        notes += more
    for name, values in ((design.dose, dose), (design.time, time)):
        gone = _partly_missing(values, applied, perturbed)
        if name is not None and gone.any():
            missing[name] = missing.get(name, 0) + int(gone.sum())
            out = out | gone
    perturbed, control = perturbed & ~out, (label == CONTROL) & ~out

    pools = control_pools(context, time, perturbed, control)
    control &= pools.row >= 0
    keys = RowKeys(context, contexts, applied, treat.parts, dose, time)
    condition, conditions, more = code_conditions(obs, design, keys, perturbed, where=where)
    notes += more
    condition_pool = np.zeros(len(conditions), dtype=np.int32)
    condition_pool[condition[perturbed]] = pools.row[perturbed]
    if design.rows is not Rows.EFFECTS:
        notes += _pool_notes(pools, contexts, int(((label == CONTROL) & ~out & ~control).sum()))
    codes = np.where(perturbed, condition, np.where(control, CONTROL, LEFT_OUT))
    names = [contexts[c] for c in pools.context]
    table = RowTable(
        condition=codes.astype(np.int32),
        pool=pools.row.astype(np.int32),
        batch=np.where(codes == LEFT_OUT, -1, batch).astype(np.int32),
        conditions=conditions,
        condition_pool=condition_pool,
        pools=tuple(n if np.isnan(t) else f"{n} | {t:g} {time_unit}" for n, t in zip(names, pools.time, strict=True)),
        pool_context=tuple(names),
        batches=tuple(batches),
    )
    read = replace(design, control=treat.control, dose_unit=dose_unit, time_unit=time_unit)
    return Labelled(table, read, missing, tuple(notes))


def _group(obs: pd.DataFrame, column: str | None, only: str) -> tuple[NDArray[np.int64], list[str]]:
    if column is None:
        return np.zeros(len(obs), dtype=np.int64), [only]
    return text_codes(obs[column])


def _doses(
    obs: pd.DataFrame,
    design: Design,
    treat: Treatments,
    label: NDArray[np.int64],
    perturbed: NDArray[np.bool_],
    where: str,
    notes: list[Note],
) -> tuple[NDArray[np.float64], str]:
    """Dose of each perturbed row: the column's, else the one written in the label."""
    if design.dose is not None:
        dose, unit, more = read_numbers(obs[design.dose], design.dose_unit, perturbed, where=where, what="dose")
        notes += more
        if not np.isnan(treat.dose).all():
            notes.append((f"Doses were read from obs column '{design.dose}'.", "the labels state doses too"))
    else:
        in_label, unit = treat.doses_in(design.dose_unit, where=where)
        dose = np.append(in_label, np.nan)[np.maximum(label, -1)]
    n_zero = int((dose[perturbed] == 0).sum())
    if n_zero:
        notes.append((f"{n_zero:,} perturbed rows have dose 0 and were kept.", "their label is not a control label"))
    return np.where(perturbed, dose, np.nan), unit


def _partly_missing(
    values: NDArray[np.float64], applied: NDArray[np.int64], perturbed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Rows without a value whose perturbation has one elsewhere: a gap, not a property."""
    given = np.zeros(int(applied.max(initial=-1)) + 1, dtype=bool)
    given[applied[perturbed & ~np.isnan(values)]] = True
    gap = perturbed & np.isnan(values)
    gap[gap] = given[applied[gap]]
    return gap


def _pool_notes(pools: Pools, contexts: Sequence[str], n_lost: int) -> list[Note]:
    notes = []
    if len(pools.untimed):
        shared = first(contexts[c] for c in pools.untimed)
        notes.append(
            (
                f"Contexts {shared} were measured at several times but share their controls over time.",
                "controls were not measured at each time",
            )
        )
    if n_lost:
        notes.append(
            (f"{n_lost} control rows without a time were left out.", "their context has controls at each time")
        )
    return notes
