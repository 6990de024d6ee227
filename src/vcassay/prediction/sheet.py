"""Sheet: numbers that a model hands in beside its predictions, of perturbations, of conditions, or of all alike."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, InputError
from vcassay.core.conditions import SEPARATOR, Key, canonical
from vcassay.core.errors import first
from vcassay.effects import Effects
from vcassay.prediction.genes import match_names

Array = NDArray[np.float64]

FIELDS = ("context", "perturbation", "dose", "time")
"""What a row may state, in the order of a condition's key."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Rows of numbers with labels.

    Attributes
    ----------
    columns
        (d,) names: of genes where the columns are genes.
    values
        (m, d), NaN where nothing is said.
    rows
        What the m rows are about: conditions, of which only the fields in ``stated`` count; or m texts, each the
        readable name of a condition or of a perturbation; ``None`` for a single row that holds for all.
    stated
        Which of context, perturbation, dose and time the rows state. A row is given to every condition that agrees
        in these: one that states a perturbation alone goes to all contexts and doses.
    aliases
        Further names of the columns, (d,) each.
    path, notes
        Where it was read from, and what was mapped.
    """

    columns: NDArray[np.str_]
    values: Array
    rows: Conditions | tuple[str, ...] | None
    stated: frozenset[str] = frozenset(FIELDS)
    aliases: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    path: Path | None = None
    notes: tuple[str, ...] = ()

    def locate(self, wanted: Conditions) -> NDArray[np.int64]:
        """(n,) row of each condition, -1 where there is none."""
        if self.rows is None:
            return np.zeros(len(wanted), dtype=np.int64)
        if isinstance(self.rows, Conditions):
            kept = [i for i, name in enumerate(FIELDS) if name in self.stated]
            have, keys = ([tuple(k[i] for i in kept) for k in c.keys] for c in (self.rows, wanted))
            return _positions(have, keys)
        at = _positions(self.rows, wanted.ids)
        if (at >= 0).any():
            return at
        sorted_parts = [SEPARATOR.join(canonical(text.split(SEPARATOR))) for text in self.rows]
        return _positions(sorted_parts, wanted.perturbation.tolist())

    def named(self, row: int = 0) -> str:
        """A row's label, for a sentence."""
        if isinstance(self.rows, Conditions):
            key: Key = self.rows.keys[row]
            return " | ".join(
                SEPARATOR.join(own) if isinstance(own, tuple) else f"{own}"
                for name, own in zip(FIELDS, key, strict=True)
                if name in self.stated
            )
        return "" if self.rows is None else self.rows[row]


def place(sheet: Sheet | None, conditions: Conditions) -> tuple[Array | None, tuple[str, ...]]:
    """Bring embeddings to the screen's conditions.

    Returns
    -------
    (n, d) with NaN where none is given, and how many conditions have a place; ``None`` without embeddings.

    Raises
    ------
    InputError
        If no condition is among the rows.
    """
    if sheet is None:
        return None, ()
    out = _rows(sheet, conditions, "embeddings")
    return out, _coverage(sheet, out, conditions, f"embeddings ({out.shape[1]:,} numbers each)")


def attribute(sheet: Sheet | None, wanted: Conditions, effects: Effects) -> tuple[Array | None, tuple[str, ...]]:
    """Bring attributions to the wanted conditions and the screen's genes.

    Returns
    -------
    (t, g) with NaN where none is given, and what is covered; ``None`` without attributions.

    Raises
    ------
    InputError
        If no wanted condition, or none of the genes that count, is in the file.
    """
    if sheet is None:
        return None, ()
    scored = np.asarray(effects.mask.any(axis=0))
    columns, notes = match_names(sheet.columns, sheet.aliases, effects.genes, scored)
    known = columns >= 0
    if not known.any():
        what = f"attributions: none of their genes ({first(sheet.columns)}) is in the screen"
        mend = f"name the columns as the screen does ({first(effects.genes, 3)})"
        raise InputError(what, where=str(sheet.path or "attributions"), mend=mend)
    out = np.full((len(wanted), len(effects.genes)), np.nan)
    out[:, known] = _rows(sheet, wanted, "attributions")[:, columns[known]]
    counted = f"attributions: {int((known & scored).sum()):,} of {int(scored.sum()):,} scored genes are named"
    return out, (*notes, counted, *_coverage(sheet, out[:, known], wanted, "attributions"))


def _rows(sheet: Sheet, wanted: Conditions, what: str) -> Array:
    """(n, d) the row of each condition; NaN where there is none."""
    at = sheet.locate(wanted)
    if not (at >= 0).any():
        texts = wanted.ids if isinstance(sheet.rows, Conditions) else [*wanted.perturbation[:1].tolist(), *wanted.ids]
        has = first([sheet.named(i) for i in range(min(len(sheet.values), 3))])
        problem = f"{what} of none of the {len(wanted):,} conditions (has: {has}; wanted: {first(texts, 3)})"
        mend = "label the rows as the screen does: a column 'perturbation' and, where they differ, 'context' and 'dose'"
        raise InputError(problem, where=str(sheet.path or what), mend=mend)
    return np.asarray(np.where((at >= 0)[:, None], sheet.values[at], np.nan))


def _coverage(sheet: Sheet, out: Array, wanted: Conditions, what: str) -> tuple[str, ...]:
    """How many conditions have one, and by what they were matched."""
    some = np.asarray(np.isfinite(out).any(axis=1), dtype=bool)
    by = "one row for all" if sheet.rows is None else "by their names"
    if isinstance(sheet.rows, Conditions):
        by = "by " + ", ".join(name for name in FIELDS if name in sheet.stated)
    words = f"{what}: {int(some.sum()):,} of {len(wanted):,} conditions have them, matched {by}"
    if not some.all():
        ids = wanted.ids
        words += f"; none for {first([ids[i] for i in np.flatnonzero(~some)], 3)}"
    return (*(f"{what}: {note}" for note in sheet.notes), words)


def _positions(have: Sequence[Hashable], wanted: Sequence[Hashable]) -> NDArray[np.int64]:
    position = {key: i for i, key in reversed(list(enumerate(have)))}
    return np.asarray([position.get(key, -1) for key in wanted], dtype=np.int64)
