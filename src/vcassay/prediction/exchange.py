"""Exchange: which input a model is given in place of a condition's own, the same for every author."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import hash_names
from vcassay.core import Conditions
from vcassay.core.conditions import MISSING, Key
from vcassay.knowledge import Features

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

ZEROED = "zeroed"
"""Stands for an input that is taken away, where a name is needed: no condition bears it."""

KINDS = {
    "shuffled_perturbation": "another perturbation of the same context, dose and time",
    "swapped_perturbation": "the perturbation that is nearest by prior features",
    "zeroed_perturbation": "no perturbation: zeros, or the token of an unperturbed cell, at this dose",
    "shuffled_context": "another context",
    "swapped_context": "the context whose controls look most alike",
    "zeroed_context": "no context: zeros, or an unknown one",
    "shuffled_dose": "another dose of the same perturbation in the same context",
    "zeroed_dose": "no dose",
}
"""Kinds of disturbed inputs, and what is given in place of the condition's own."""

RETRAINED = {"without_genetic": "the model trained anew, without the genetic perturbations of its training data"}
"""Kinds of predictions that are handed in beside a model's own, and are no matter of its input at prediction."""

BLOCK = 1024
"""Rows of a likeness matrix at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """What a model is asked in place of the wanted conditions.

    Attributes
    ----------
    kind
        One of `KINDS`.
    at
        (n,) wanted conditions that have another to be exchanged with; the others are not asked.
    given
        n conditions in the order of ``at``, neither sorted nor unique; an input that is taken away is `ZEROED`,
        a dose NaN.
    """

    kind: str
    at: Codes
    given: Conditions

    @property
    def unique(self) -> tuple[Conditions, Codes]:
        """The given conditions as a sorted table without repetition, and (n,) the row of each in it."""
        first = {key: i for i, key in reversed(list(enumerate(self.given.keys)))}
        rows = [first[key] for key in sorted(first)]
        place = {key: j for j, key in enumerate(sorted(first))}
        return _rows(self.given, rows), np.array([place[key] for key in self.given.keys], dtype=np.int64)


def make_exchanges(
    wanted: Conditions,
    train: Conditions,
    *,
    near_perturbation: Mapping[str, str] | None = None,
    near_context: Mapping[str, str] | None = None,
    seed: int = 0,
) -> tuple[dict[str, Exchange], dict[str, str]]:
    """Say for every kind of disturbed input which other one each wanted condition is given.

    Everything follows from names and the seed: order and number of rows do not matter.

    Parameters
    ----------
    wanted, train
        (t,) conditions that are asked for, and those that were trained on: a single wanted context is exchanged with
        those of training.
    near_perturbation, near_context
        The nearest other one of each name, where it is known.

    Returns
    -------
    Kind to exchange, and kind to the reason why there is none.
    """
    every, n = np.arange(len(wanted)), len(wanted)
    context, treatment = wanted.context, _treatment_names(wanted)
    within = _codes(context.tolist(), wanted.dose, wanted.time)
    salted = np.char.add(np.char.add(context, "\n"), wanted.perturbation) if n else np.zeros(0, "<U1")
    other = _next(within, salted, wanted.perturbation, seed)
    alone = other < 0
    other[alone] = _next(_codes(context.tolist()), salted, wanted.perturbation, seed)[alone]
    whole = alone & (other >= 0)
    shuffled = _with_perturbation(wanted, wanted, other, whole)
    near = _nearest_rows(wanted, near_perturbation)
    elsewhere = _other_context(wanted, train, treatment, seed)
    nearest = np.array([(near_context or {}).get(c, "") for c in context.tolist()], dtype=str)
    dose = _next(_codes(context.tolist(), wanted.perturbation.tolist(), wanted.time), _dose_names(wanted), None, seed)
    nothing = np.full(n, ZEROED)
    has_dose = np.isfinite(wanted.dose)
    made = {
        "shuffled_perturbation": (other >= 0, shuffled, "no other perturbation is asked for in any context"),
        "swapped_perturbation": (
            near >= 0,
            _with_perturbation(wanted, wanted, near, np.zeros(n, dtype=bool)),
            "no prior feature says which perturbations are alike",
        ),
        "zeroed_perturbation": (
            every >= 0,
            replace(wanted, parts=((ZEROED,),) * n, annotation={}, modality=np.full(n, "")),
            "nothing is asked for",
        ),
        "shuffled_context": (elsewhere != "", replace(wanted, context=elsewhere), "there is no other context"),
        "swapped_context": (
            nearest != "",
            replace(wanted, context=nearest),
            "controls of no other context say which are alike",
        ),
        "zeroed_context": (every >= 0, replace(wanted, context=nothing), "nothing is asked for"),
        "shuffled_dose": (
            dose >= 0,
            replace(wanted, dose=wanted.dose[np.maximum(dose, 0)] if n else wanted.dose),
            "no perturbation is asked for at several doses",
        ),
        "zeroed_dose": (has_dose, replace(wanted, dose=np.full(n, np.nan)), "there are no doses"),
    }
    out, why = {}, {}
    for kind, (able, given, reason) in made.items():
        at = np.flatnonzero(able)
        if len(at):
            out[kind] = Exchange(kind, at, _rows(given, at.tolist()))
        else:
            why[kind] = reason
    return out, why


def nearest_by_features(conditions: Conditions, blocks: Sequence[Features]) -> dict[str, str]:
    """Perturbation to the one whose prior features have the highest cosine with its own.

    The first block that knows a perturbation and another one counts; of a combination the mean over its parts.
    """
    parts = dict(zip(conditions.perturbation.tolist(), conditions.parts, strict=True))
    names = sorted(parts)
    out: dict[str, str] = {}
    for block in blocks:
        rows = [block.rows(parts[name]) for name in names]
        known = np.array([bool(found.any()) for _, found in rows], dtype=bool)
        here = [name for name, yes in zip(names, known.tolist(), strict=True) if yes]
        if len(here) < 2:
            continue
        values = np.array([matrix[found].mean(axis=0) for matrix, found in rows if found.any()])
        for name, at in zip(here, nearest_other(values).tolist(), strict=True):
            if at >= 0:
                out.setdefault(name, here[at])
    return out


def nearest_by_profile(profiles: Mapping[str, Array], wanted: Sequence[str] | NDArray[np.str_]) -> dict[str, str]:
    """Context to the other one whose control profile correlates most with its own, after the mean over contexts."""
    names = sorted(profiles)
    if len(names) < 2:
        return {}
    table = np.array([profiles[name] for name in names])
    table = table[:, np.isfinite(table).all(axis=0)]
    if len(names) > 2:
        table = table - table.mean(axis=0)
    near = nearest_other(table - table.mean(axis=1, keepdims=True))
    asked = {str(c) for c in wanted}
    return {n: names[at] for n, at in zip(names, near.tolist(), strict=True) if n in asked and at >= 0}


def nearest_other(values: Array) -> Codes:
    """(n,) row with the highest cosine to each row of (n, d), itself left out; -1 for a row of zeros."""
    norm = np.sqrt((values * values).sum(axis=1, keepdims=True))
    unit = np.divide(values, norm, out=np.zeros_like(values, dtype=np.float64), where=norm > 0)
    out = np.full(len(values), -1, dtype=np.int64)
    zero = norm[:, 0] == 0
    for start in range(0, len(values), BLOCK):
        r = np.round(unit[start : start + BLOCK] @ unit.T, 12)
        rows = np.arange(len(r))
        r[rows, start + rows] = -np.inf
        r[:, zero] = -np.inf
        best = r.argmax(axis=1)
        out[start : start + BLOCK] = np.where(np.isfinite(r[rows, best]) & ~zero[start : start + BLOCK], best, -1)
    return out


def _next(group: Codes, salted: NDArray[np.str_], label: NDArray[np.str_] | None, seed: int) -> Codes:
    """(n,) the next row of each row's group in the order of hashes, round in a ring; -1 where there is no other.

    Where a label may occur several times in a group, rows turn by the largest block, so that none meets its own.
    """
    n = len(group)
    out = np.full(n, -1, dtype=np.int64)
    if not n:
        return out
    hashed = hash_names(salted, seed + 1)
    kind = np.arange(n) if label is None else np.unique(label, return_inverse=True)[1]
    order = np.lexsort((np.arange(n), kind, hashed, group))
    of, own = group[order], kind[order]
    first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    size = np.diff(np.r_[first, n])
    place = np.repeat(np.arange(len(first)), size)
    pair, times = np.unique(np.stack([place, own]), axis=1, return_counts=True)
    turn = np.zeros(len(first), dtype=np.int64)
    np.maximum.at(turn, pair[0], times)
    partner = order[first[place] + (np.arange(n) - first[place] + turn[place]) % size[place]]
    out[order] = np.where((turn < size)[place] & (kind[partner] != own), partner, -1)
    return out


def _with_perturbation(wanted: Conditions, source: Conditions, at: Codes, whole: NDArray[np.bool_]) -> Conditions:
    """Each condition with another row's perturbation, and what belongs to it; with its dose where ``whole``."""
    if not len(wanted):
        return wanted
    own = np.where(at >= 0, at, np.arange(len(wanted)))
    return replace(
        wanted,
        parts=tuple(source.parts[i] for i in own.tolist()),
        modality=source.modality[own],
        annotation={name: values[own] for name, values in source.annotation.items()},
        dose=np.where(whole, source.dose[own], wanted.dose),
        time=np.where(whole, source.time[own], wanted.time),
    )


def _nearest_rows(wanted: Conditions, near: Mapping[str, str] | None) -> Codes:
    """(t,) a row that bears the nearest other perturbation, -1 where that is not known."""
    first: dict[str, int] = {}
    for i, name in enumerate(wanted.perturbation.tolist()):
        first.setdefault(name, i)
    return np.array([first.get((near or {}).get(p, ""), -1) for p in wanted.perturbation.tolist()], dtype=np.int64)


def _other_context(wanted: Conditions, train: Conditions, treatment: NDArray[np.str_], seed: int) -> NDArray[np.str_]:
    """(t,) another context for each condition: of the wanted ones, or, where there is one alone, of training."""
    pool = np.unique(wanted.context)
    if len(pool) < 2:
        pool = np.unique(np.concatenate([wanted.context.astype(str), train.context.astype(str)]))
    if len(pool) < 2:
        return np.full(len(wanted), "")
    turn = 1 + (hash_names(treatment, seed + 1) % np.uint64(len(pool) - 1)).astype(np.int64)
    return np.asarray(pool[(np.searchsorted(pool, wanted.context) + turn) % len(pool)], dtype=str)


def _codes(*columns: Sequence[str] | Array) -> Codes:
    """Code of each combination of columns."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values = np.asarray(column)
        if values.dtype.kind == "f":
            values = np.where(np.isnan(values), MISSING, values)
        own = np.unique(values, return_inverse=True)[1]
        code = np.unique(code * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1].astype(np.int64)
    return code


def _treatment_names(conditions: Conditions) -> NDArray[np.str_]:
    return np.array([f"{'+'.join(p)}\n{d!r}\n{t!r}" for p, d, t in conditions.treatments], dtype=str)


def _dose_names(conditions: Conditions) -> NDArray[np.str_]:
    return np.array([_text(key) for key in conditions.keys], dtype=str)


def _text(key: Key) -> str:
    return f"{key[0]}\n{'+'.join(key[1])}\n{key[2]!r}\n{key[3]!r}"


def _rows(table: Conditions, at: Sequence[int]) -> Conditions:
    """Rows in the order given: `Conditions.take` sorts."""
    index = np.asarray(at, dtype=np.int64)
    return Conditions(
        table.context[index],
        tuple(table.parts[i] for i in index.tolist()),
        table.dose[index],
        table.time[index],
        table.modality[index],
        {name: values[index] for name, values in table.annotation.items()},
    )
