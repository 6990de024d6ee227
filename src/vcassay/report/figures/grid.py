"""The split as a grid: contexts by perturbations, ordered so that what was held out together stands together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.report.figures.pattern import (
    ABSENT,
    EXCLUDED,
    MIXED,
    ROLES,
    TEST,
    TRAIN,
    VAL,
    WORDS,
    Axis,
    Band,
    Group,
    by_size,
    find_bands,
    find_groups,
    natural,
)
from vcassay.report.wording import count

SEVERAL = "several roles"
MAX_LINES = 64
"""More lines than this are merged, and the grid says so."""
CELL = ["context", "kind", "perturbation"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """What is drawn.

    Attributes
    ----------
    cells
        (lines, columns, 6) how many cells of each role stand at each place: one, unless lines were merged.
    conditions
        (lines, 6) conditions of each role.
    lines, columns
        Their labels.
    bands, groups
        Neighbouring lines and columns that belong together.
    n_contexts, n_perturbations
        As in the table.
    words
        Names of the six roles for readers.
    size
        Such as ``4 contexts × 2,000 perturbations``.
    notes
        What shares a cell, what was merged, and which test conditions have a sibling in training.
    """

    cells: NDArray[np.int64]
    conditions: NDArray[np.int64]
    lines: tuple[str, ...]
    columns: tuple[str, ...]
    bands: tuple[Band, ...]
    groups: tuple[Group, ...]
    n_contexts: int
    n_perturbations: int
    words: tuple[str, ...]
    size: str
    notes: tuple[str, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Conditions of each role that occurs."""
        return {role: int(n) for role, n in zip(ROLES, self.conditions.sum(axis=0), strict=True) if n}

    @property
    def places(self) -> dict[str, int]:
        """Cells of each role that occurs."""
        return {role: int(n) for role, n in zip(ROLES, self.cells.sum(axis=(0, 1)), strict=True) if n}

    def word(self, role: str) -> str:
        """Name of a role for readers."""
        return self.words[ROLES.index(role)]

    def alt(self) -> str:
        """Say what the picture shows."""
        counts = ", ".join(f"{n:,} {self.word(role)}" for role, n in self.totals.items())
        return " ".join([f"{self.size}: {counts} conditions.", *(f"{g.text}." for g in self.groups), *self.notes])


def split_grid(conditions: pd.DataFrame) -> Grid | None:
    """Work out the grid of a table of conditions with roles.

    Doses and times of a perturbation share a cell unless their roles differ: then each is a column. With
    more contexts than a page has lines, and few perturbations, contexts stand across.

    Parameters
    ----------
    conditions
        context, perturbation, role, and if there are any dose, time, modality. A role that is not known
        counts as excluded; ``mixed`` has training rows and test rows.

    Returns
    -------
    ``None`` for an empty table.
    """
    if conditions.empty:
        return None
    table, marks, notes = _prepare(conditions)
    kinds, lines, across = _tally(table, apart=bool(marks))
    notes += _siblings(table, marks)
    size = f"{count(len(lines.names), lines.noun)} × {count(len(across.names), across.noun)}"
    if len(across.names) < MAX_LINES < len(lines.names):
        kinds, lines, across = kinds.transpose(1, 0, 2), across, lines
        notes.append("Contexts stand across, perturbations down.")
    codes = _codes(kinds)
    words = (*WORDS[:MIXED], WORDS[MIXED] if _on_both(kinds[codes == MIXED]) else SEVERAL)
    order, bands = find_bands(codes, lines, words)
    kinds, codes, lines = kinds[order], codes[order], lines.take(order)
    order, groups = find_groups(codes, lines, across, words)
    kinds, codes, across = kinds[:, order], codes[:, order], across.take(order)
    cells, per_line, labels = np.eye(len(ROLES), dtype=np.int64)[codes], kinds.sum(axis=1), lines.names
    if len(labels) > MAX_LINES:
        starts, labels, bands = _merge(labels, bands)
        cells, per_line = np.add.reduceat(cells, starts, axis=0), np.add.reduceat(per_line, starts, axis=0)
        notes.append(f"Each line holds up to {count(_step(len(codes)), lines.noun)}.")
    n_perturbations = table["perturbation"].nunique()
    return Grid(
        cells,
        per_line,
        labels,
        tuple(f"{name}{mark}" for name, mark in zip(across.names, across.marks, strict=True)),
        tuple(bands),
        tuple(groups),
        table["context"].nunique(),
        n_perturbations,
        words,
        size,
        tuple(notes),
    )


def _prepare(conditions: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Give every condition its role's number, its kind, and dose and time where they set columns apart.

    Returns
    -------
    The table, the names of what sets columns apart, and what is to be said of it.
    """
    table = pd.DataFrame(
        {  # pandas takes a null character for the end of a name, and names that differ after it for one
            name: [str(label).replace("\0", "\ufffd") for label in conditions[name]]
            for name in ("context", "perturbation")
        },
        index=conditions.index,
    )
    table["code"] = conditions["role"].map({r: i for i, r in enumerate(ROLES)}).fillna(EXCLUDED).astype(int)
    kind = conditions["modality"].fillna("").astype(str) if "modality" in conditions else None
    table["kind"] = kind if kind is not None and kind.nunique() > 1 else ""
    table["combined"] = table["perturbation"].map(_combined(table["perturbation"].unique()))
    table["mark"] = ""
    marks = [name for name in ("dose", "time") if name in conditions and conditions[name].nunique(dropna=False) > 1]
    if not marks:
        return table, [], []
    roles = table.groupby(CELL, sort=False)["code"]
    if (roles.transform("min") == roles.transform("max")).all():
        return table, [], [f"{' and '.join(f'{m}s' for m in marks).capitalize()} of a perturbation share a cell."]
    for name in marks:
        table["mark"] += conditions[name].map(_mark)
    return table, marks, [f"A treatment is a perturbation at one {' and '.join(marks)}."]


def _mark(value: object) -> str:
    if value is None or value is pd.NaT or value != value:
        return ""
    return f" {value:g}" if isinstance(value, float) else f" {value}"


def _siblings(table: pd.DataFrame, marks: Sequence[str]) -> list[str]:
    """Say how many test conditions have another dose or time in training, where these set columns apart."""
    if not marks:
        return []
    test = table["code"] == TEST
    trained = (table["code"] == TRAIN).groupby([table[name] for name in CELL]).transform("any")
    n, other = int((test & trained).sum()), " or ".join(marks)
    if not n:
        return []
    which = f"For {n:,} of {int(test.sum()):,} test conditions"
    return [f"{which} another {other} of the perturbation is training in the same context."]


def _combined(names: Iterable[str]) -> dict[str, bool]:
    """Tell combinations, ``A+B`` with a part that occurs elsewhere, from names that have a plus."""
    parts = {name: name.split("+") for name in names}
    seen = Counter(part for several in parts.values() for part in set(several))
    return {
        name: len(p) > 1 and all(any(c.isalnum() for c in x) for x in p) and any(seen[x] > 1 for x in p)
        for name, p in parts.items()
    }


def _tally(table: pd.DataFrame, *, apart: bool) -> tuple[NDArray[np.int64], Axis, Axis]:
    """Count conditions by (context, column, role)."""
    c, contexts = pd.factorize(table["context"])
    p, found = pd.factorize(pd.MultiIndex.from_frame(table[["kind", "combined", "perturbation", "mark"]]))
    kinds = np.zeros((len(contexts), len(found), len(ROLES)), dtype=np.int64)
    np.add.at(kinds, (c, p, table["code"].to_numpy()), 1)
    plain = "treatment" if apart else "perturbation"
    both = len({combined for _, combined, _, _ in found}) > 1
    words = {False: f"single {plain}" if both else plain, True: f"combined {plain}" if apart else "combination"}
    nouns = tuple(f"{kind} {words[bool(combined)]}".strip() for kind, combined, _, _ in found)
    across = Axis(plain, tuple(x[2] for x in found), nouns, tuple(x[3] for x in found))
    n = len(contexts)
    lines = Axis("context", tuple(contexts), ("context",) * n, ("",) * n)
    rows = sorted(range(n), key=lambda i: natural(lines.names[i]))
    columns = sorted(
        range(len(found)), key=lambda j: (across.nouns[j], natural(across.names[j]), by_size(across.marks[j]))
    )
    return kinds[rows][:, columns], lines.take(rows), across.take(columns)


def _codes(kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Role of each cell: its only one, or mixed."""
    some = kinds > 0
    pure = some.argmax(axis=2)
    return np.where(some.sum(axis=2) == 0, ABSENT, np.where(some.sum(axis=2) > 1, MIXED, pure))


def _on_both(mixed: NDArray[np.int64]) -> bool:
    """Whether every cell of several roles is one of training and test."""
    known = mixed[:, [TRAIN, VAL]].sum(axis=1) > 0
    return bool(((mixed[:, TEST] > 0) & known | (mixed[:, MIXED] > 0)).all())


def _step(n: int) -> int:
    return -(-n // MAX_LINES)


def _merge(labels: Sequence[str], bands: Sequence[Band]) -> tuple[list[int], tuple[str, ...], list[Band]]:
    """Merge neighbouring lines, never across bands."""
    step = _step(len(labels))
    starts: list[int] = []
    merged = []
    for band in bands:
        first = len(starts)
        starts += range(band.start, band.stop, step)
        merged.append(Band(first, len(starts), band.text))
    held = [labels[i:j] for i, j in zip(starts, [*starts[1:], len(labels)], strict=True)]
    return starts, tuple(x[0] if len(x) == 1 else f"{x[0]} … {x[-1]}" for x in held), merged
