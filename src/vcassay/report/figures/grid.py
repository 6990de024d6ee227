"""The split as a grid of contexts and perturbations, drawn without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ROLES = ("absent", "train", "val", "test", "excluded", "mixed")
ABSENT, TRAIN, VAL, TEST, EXCLUDED, MIXED = range(6)
MAX_CELLS = 3000
"""More rectangles than this are merged into cells of several perturbations, and the grid says so."""
MAX_ROWS = 64


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring perturbations of one context with the same role."""

    start: int
    width: int
    role: str
    share: float
    """Share of test conditions, for mixed cells."""
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """One context, or several merged ones."""

    label: str
    runs: tuple[Run, ...]
    n_train: int
    n_test: int


@dataclass(frozen=True, slots=True)
class Grid:
    """What the template draws."""

    lines: tuple[Line, ...]
    columns: int
    n_contexts: int
    n_perturbations: int
    roles: tuple[str, ...]
    note: str
    pitch: int
    """Height of a line in pixels."""
    gaps: bool
    """Whether single cells are wide enough to be told apart."""


def split_grid(conditions: pd.DataFrame) -> Grid | None:
    """Work out the grid; contexts with test conditions come last, perturbations of one role stand together.

    Returns
    -------
    ``None`` for an empty table.
    """
    if conditions.empty:
        return None
    kinds, contexts, names = _tally(conditions)
    notes = []
    order = np.lexsort((contexts, kinds[:, :, TEST].sum(axis=1) > 0))
    kinds, contexts = kinds[order], contexts[order]
    codes = _codes(kinds)
    columns = np.lexsort((names, *codes[::-1]))
    kinds, names, codes = kinds[:, columns], names[columns], codes[:, columns]
    labels = [str(c) for c in contexts]
    if len(labels) > MAX_ROWS:
        step = -(-len(labels) // MAX_ROWS)
        kinds = _merge(kinds, step, axis=0)
        labels = [_several(labels[i : i + step]) for i in range(0, len(labels), step)]
        codes = _codes(kinds)
        notes.append(f"each line holds up to {step} contexts")
    n_columns = len(names)
    groups = [[str(x)] for x in names]
    gaps = n_columns <= 60 and len(labels) * n_columns <= MAX_CELLS
    if not gaps and sum(_n_runs(line) for line in codes) > MAX_CELLS:
        step = -(-n_columns // max(24, MAX_CELLS // len(labels)))
        kinds = _merge(kinds, step, axis=1)
        groups = [[str(x) for x in names[i : i + step]] for i in range(0, n_columns, step)]
        codes = _codes(kinds)
        notes.append(f"each cell holds up to {step} perturbations, darker means a larger share of test conditions")
    lines = tuple(_line(label, codes[i], kinds[i], groups, gaps=gaps) for i, label in enumerate(labels))
    note = f"Too many cells to draw one by one: {'; '.join(notes)}." if notes else ""
    present = [r for i, r in enumerate(ROLES) if i and (codes == i).any()]
    pitch = 22 if len(lines) <= 12 else 15 if len(lines) <= 30 else 11
    return Grid(lines, len(groups), len(contexts), len(names), tuple(present), note, pitch, gaps)


def _tally(conditions: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]:
    """Count conditions by (context, perturbation, role); an unknown role counts as excluded."""
    c, contexts = pd.factorize(conditions["context"].astype(str), sort=True)
    p, names = pd.factorize(conditions["perturbation"].astype(str), sort=True)
    code = conditions["role"].map({r: i for i, r in enumerate(ROLES)}).fillna(EXCLUDED).astype(int).to_numpy()
    kinds = np.zeros((len(contexts), len(names), MIXED), dtype=np.int64)
    np.add.at(kinds, (c, p, code), 1)
    return kinds, np.asarray(contexts, dtype=str), np.asarray(names, dtype=str)


def _codes(kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Role of each cell: its only one, or mixed."""
    some = kinds > 0
    pure = some.argmax(axis=2)
    return np.where(some.sum(axis=2) == 0, ABSENT, np.where(some.sum(axis=2) > 1, MIXED, pure))


def _merge(kinds: NDArray[np.int64], step: int, *, axis: int) -> NDArray[np.int64]:
    return np.add.reduceat(kinds, np.arange(0, kinds.shape[axis], step), axis=axis)


def _n_runs(codes: NDArray[np.int64]) -> int:
    return 1 + int((np.diff(codes) != 0).sum())


def _several(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} … {labels[-1]}"


def _line(
    label: str, codes: NDArray[np.int64], kinds: NDArray[np.int64], groups: list[list[str]], *, gaps: bool
) -> Line:
    cells = list(range(len(groups)))
    shares = kinds[:, TEST] / np.maximum(kinds.sum(axis=1), 1)

    def same(i: int) -> Any:
        return i if gaps else (int(codes[i]), round(float(shares[i]), 1) if codes[i] == MIXED else 0)

    runs = []
    for _, members in groupby(cells, key=same):
        at = list(members)
        role = ROLES[int(codes[at[0]])]
        if role == "absent":
            continue
        members_names = [name for i in at for name in groups[i]]
        counts = kinds[at].sum(axis=0)
        runs.append(Run(at[0], len(at), role, round(float(shares[at].mean()), 2), _title(label, members_names, counts)))
    return Line(label, tuple(runs), int(kinds[:, TRAIN].sum()), int(kinds[:, TEST].sum()))


def _title(label: str, names: list[str], counts: NDArray[np.int64]) -> str:
    what = names[0] if len(names) == 1 else f"{len(names):,} perturbations, {names[0]} to {names[-1]}"
    parts = ", ".join(f"{int(n):,} {role}" for role, n in zip(ROLES, counts, strict=False) if n)
    return f"{label}: {what}: {parts}"
