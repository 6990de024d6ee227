"""Tables of one number a perturbation and context: viability, growth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.screen.convert.matrix import Matrix
from vcassay.screen.convert.tables import read_table
from vcassay.screen.screen import Note

Axis = Literal["contexts", "perturbations"]
NUMBERED = re.compile(r"(?P<name>.+) \((?P<id>\d+)\)")
"""A gene with its Entrez number, as DepMap writes its columns."""


def read_wide(path: Path, rows: Axis, notes: list[Note]) -> Matrix:
    """Read contexts x perturbations, or the other way round; each number becomes a row, what is missing none.

    Raises
    ------
    InputError
        If the table holds anything but numbers beside its names.
    """
    table = read_table(path, index=0)
    texts = [str(c) for c in table.columns if not pd.api.types.is_numeric_dtype(table[c])]
    if texts or not len(table.columns):
        raise InputError(
            f"column '{texts[0]}' holds texts" if texts else "the table has one column",
            where=str(path),
            mend="hand in names in the first column and numbers in all others, or say --value for one row a number",
        )
    values = table.to_numpy(dtype=np.float32)
    there = np.isfinite(values)
    r, c = np.nonzero(there)
    named = (table.index.astype(str), pd.Index(table.columns.astype(str)))
    if rows == "contexts":
        context, perturbation = (named[0], r), (named[1], c)
    else:
        context, perturbation = (named[1], c), (named[0], r)
    found = [NUMBERED.fullmatch(name) for name in perturbation[0]]
    labels = [m["name"] if m else name for m, name in zip(found, perturbation[0], strict=True)]
    if len(set(labels)) < len(labels):
        labels = list(perturbation[0])
    if any(m is not None for m in found) and labels != list(perturbation[0]):
        notes.append(("Numbers in brackets were taken off the perturbations.", "as in 'A1BG (1)'"))
    gone = int((~there).sum())
    if gone:
        notes.append((f"{gone:,} of {there.size:,} pairs have no value and are no rows.", "they were not measured"))
    obs = pd.DataFrame(
        {
            "perturbation": _codes(labels, perturbation[1]),
            "context": _codes(list(context[0]), context[1]),
        },
        index=pd.RangeIndex(len(r)).astype(str),
    )
    return Matrix.held(values[there].reshape(-1, 1), obs, pd.DataFrame(index=pd.Index(["value"], dtype=object)))


def read_long(path: Path, value: str, notes: list[Note]) -> Matrix:
    """Read one row a number: ``value`` becomes the readout, every other column a label.

    Raises
    ------
    InputError
        If there is no such column, or it holds no numbers.
    """
    table = read_table(path)
    if value not in table:
        raise InputError(f"there is no column '{value}'", where=str(path), mend=did_you_mean(value, table.columns))
    numbers = pd.to_numeric(table[value], errors="coerce").to_numpy(dtype=np.float32)
    there = np.isfinite(numbers)
    if not there.any():
        raise InputError(f"column '{value}' holds no numbers", where=str(path), mend="name another with --value")
    if not there.all():
        notes.append((f"{int((~there).sum()):,} of {len(there):,} rows were left out.", f"'{value}' is missing there"))
    obs = table.loc[there].drop(columns=value)
    for column in obs.select_dtypes(exclude="number").columns:
        obs[column] = pd.Categorical(obs[column].map(lambda x: x if pd.isna(x) else str(x)))
    obs.index = pd.RangeIndex(len(obs)).astype(str)
    return Matrix.held(numbers[there].reshape(-1, 1), obs, pd.DataFrame(index=pd.Index([value], dtype=object)))


def _codes(labels: list[str], codes: np.ndarray) -> pd.Series:
    """Labels by number; two of the same name are one."""
    names = sorted(set(labels))
    place = {name: i for i, name in enumerate(names)}
    at = np.array([place[x] for x in labels], dtype=np.int64)[codes]
    return pd.Series(pd.Categorical.from_codes(at, pd.Index(names)), index=pd.RangeIndex(len(at)).astype(str))
