"""Tables beside a matrix: what each row, or each gene, is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first
from vcassay.screen.screen import Note

MISSING = ("-666", "-666.0", "")
"""What the Connectivity Map writes where nothing is known."""


def read_table(path: Path, *, header: int | None = 0, index: int | None = None) -> pd.DataFrame:
    """Read a .csv, or a table separated by tabs, plain or .gz; nothing is guessed but the separator.

    Raises
    ------
    InputError
        If there is no such file, or it is no table.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), mend="check the path")
    comma = ".csv" in "".join(path.suffixes).lower()
    try:
        return pd.read_csv(path, sep="," if comma else "\t", header=header, index_col=index, low_memory=False)
    except (ValueError, OSError, EOFError) as error:
        gist = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"the table could not be read ({gist})", where=str(path), mend="save it as .csv or .tsv, plain or .gz"
        ) from error


def join(names: pd.Index, table: pd.DataFrame, where: str, notes: list[Note]) -> pd.DataFrame:
    """Rows of a table in the order of names, matched by the first column that holds most of them.

    Raises
    ------
    InputError
        If no column names them, or one names them twice.
    """
    known = set(names)
    for column in table.columns:
        keys = table[column].astype(str)
        if keys.isin(known).sum() * 2 > len(names):
            break
    else:
        raise InputError(
            f"no column names the rows (such as {names[0]}; columns: {first(table.columns, 8)})",
            where=where,
            mend="hand in the table that belongs to the file",
        )
    if keys[keys.isin(known)].duplicated().any():
        twice = first(keys[keys.isin(known) & keys.duplicated()].unique(), 3)
        raise InputError(f"column '{column}' names rows twice ({twice})", where=where, mend="keep one row for each")
    out = table.set_index(keys).reindex(names)
    lacking = int((~names.isin(set(keys))).sum())
    if lacking:
        notes.append((f"{lacking:,} of {len(names):,} rows are not in the table.", f"'{where}' does not name them"))
    return out


def without_marks(table: pd.DataFrame) -> pd.DataFrame:
    """Make -666 missing, and texts categories."""
    out = table.copy()
    for column in out.columns:
        values = out[column]
        if pd.api.types.is_numeric_dtype(values):
            out[column] = values.astype(np.float64).where(values != -666) if (values == -666).any() else values
            continue
        text = values.astype(object)
        text = text.where(~text.astype(str).isin(MISSING))
        numbers = pd.to_numeric(text, errors="coerce")
        whole = numbers.notna().sum() == text.notna().sum() > 0
        out[column] = numbers if whole else pd.Categorical(text.map(lambda x: x if pd.isna(x) else str(x)))
    return out


def keep(table: pd.DataFrame, wanted: Sequence[str], option: str) -> np.ndarray:
    """(n,) which rows have all of ``COLUMN=VALUE``.

    Raises
    ------
    InputError
        If a condition is not written so, names no column, or leaves nothing.
    """
    chosen = np.ones(len(table), dtype=bool)
    for each in wanted:
        column, equals, value = each.partition("=")
        if not equals:
            raise InputError(f"'{each}' is not COLUMN=VALUE", where=option, mend="such as pert_type=trt_cp")
        if column not in table:
            raise InputError(f"there is no column '{column}'", where=option, mend=did_you_mean(column, table.columns))
        values = table[column]
        if pd.api.types.is_numeric_dtype(values):
            try:
                chosen &= (values == float(value)).to_numpy()
            except ValueError as error:
                raise InputError(f"'{value}' is no number", where=option, mend=f"'{column}' holds numbers") from error
        else:
            chosen &= (values.astype(str) == value).to_numpy()
    if not chosen.any():
        raise InputError(f"no row has {' and '.join(wanted)}", where=option, mend="check the values")
    return chosen
