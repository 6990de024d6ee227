"""A table of conditions or cells with a role column: CSV, TSV, parquet, or the obs of an .h5ad or .zarr."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay import screen
from vcassay.claim.formats.columns import Matched, match_columns
from vcassay.claim.formats.files import read_text, refuse_pickle, write_text
from vcassay.claim.formats.role_column import (
    batches_of,
    controls_in_test,
    find_role,
    near_role,
    read_words,
    role_codes,
)
from vcassay.claim.formats.roles import Stated, split_of_rows
from vcassay.claim.split import Role, Split
from vcassay.core import InputError
from vcassay.screen import make_table
from vcassay.screen.coding import text_codes

MOST_VALUES = 200
"""Distinct values above which a column is no dose, time or context."""
CELLS_FROM = 2
"""More rows a condition than this on average, and they are taken for cells or replicates."""


def read_condition_table(
    path: Path,
    role: str | None = None,
    columns: Mapping[str, str] | None = None,
    *,
    control: Sequence[str] | None = None,
    delimiter: str | None = None,
    context_name: str = "all",
    train_values: Sequence[str] = (),
    val_values: Sequence[str] = (),
    test_values: Sequence[str] = (),
    excluded_values: Sequence[str] = (),
) -> Split:
    """Read a table whose rows are conditions (or cells), each with a role.

    Parameters
    ----------
    path
        .csv, .tsv, .txt (also .gz), .parquet; of an .h5ad or a .zarr obs alone is read.
    role
        The role column; if absent, the one column whose values are roles.
    columns
        Our field (perturbation, context, dose, time, modality, batch, smiles, target, moa) to the table's column; the
        others are matched by name.
    control
        Labels of controls, whose rows take no part; all usual names if absent.
    delimiter
        What joins the parts of a combination; empty if labels stay whole; found in the labels if absent.
    context_name
        Name of the one context of a table that has no such column.
    train_values, val_values, test_values, excluded_values
        Words of the role column that are not among the usual ones, such as fold numbers.

    Returns
    -------
    A split of the table's own conditions. A condition with test rows and others is test, and in ``also_train``.
    ``meta`` holds ``columns`` (field to column), ``notes``, ``rows`` (``conditions`` or ``cells``),
    ``controls_in_test`` ((label, context, word) of controls that are listed as test) and, with a batch column,
    ``batches`` (n tuples of names).

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or a word is not known.
    """
    where = str(path)
    frame = load_frame(path)
    if role is None:
        role = find_role(frame, where)
    elif role not in frame.columns:
        raise InputError(f"has no column '{role}'", where=where, mend=near_role(frame, role))
    stated = Stated.of(train_values, val_values, test_values, excluded_values)
    return from_rows(
        frame, role, columns or {}, where=where, control=control, delimiter=delimiter, context_name=context_name,
        stated=stated,
    )  # fmt: skip


def from_rows(
    frame: pd.DataFrame,
    role: str,
    columns: Mapping[str, str | None],
    *,
    where: str,
    control: Sequence[str] | None = None,
    delimiter: str | None = None,
    context_name: str = "all",
    stated: Stated | None = None,
) -> Split:
    """Turn labelled rows with roles into a split; control rows take no part."""
    named = {k: v for k, v in columns.items() if v is not None}
    matched = match_columns(
        frame, named, role=role, where=where, control=control, delimiter_=delimiter, context_name=context_name
    )
    matched = _apart(matched)
    labelled = make_table(matched.frame, matched.design, where=where)
    code, conditions = labelled.table.condition, labelled.table.conditions
    if not len(conditions):
        mend = "state its control labels, if it took perturbations for controls"
        raise InputError("holds no perturbed condition", where=where, mend=mend)
    word, names = role_codes(frame[role])
    meaning, notes = read_words(word, names, code, role, stated or Stated(), where=where)
    notes = [*matched.notes, *labelled.notes, *notes]
    notes += [
        (f"{n:,} rows were left out.", f"no label in column '{column}'") for column, n in labelled.missing.items()
    ]
    rows = "cells" if (code >= 0).sum() > CELLS_FROM * len(conditions) else "conditions"
    meta: dict[str, Any] = {"columns": matched.columns, "notes": notes, "rows": rows}
    place = (matched.design.perturbation, matched.design.context, context_name)
    meta |= controls_in_test(matched.frame, place, code, word, names, meaning)
    if matched.batch is not None:
        batch, batches = text_codes(frame[matched.batch])
        roles = np.array([meaning.get(w, Role.EXCLUDED).value for w in names] + [Role.EXCLUDED.value])[word]
        meta |= batches_of(len(conditions), code, roles, batch, batches)
    split = split_of_rows(conditions, code, word, names, meaning, group="table", meta=meta)
    read = {role, *matched.columns.values(), *([matched.batch] if matched.batch else [])}
    unread = separating(frame, split, code, word, read)
    if unread:
        reason = "it tells their rows apart: if it is a dose, a time or a context, name it"
        counted = f"{len(split.also_train):,} conditions have training and test rows"
        split.meta["notes"].append((f"{counted}, and column '{unread}' was not read.", reason))
        split.meta["unread"] = unread
    return split


def separating(
    frame: pd.DataFrame, split: Split, code: NDArray[np.integer], word: NDArray[np.int64], read: Collection[str]
) -> str:
    """Name the first column that was not read and has one role for each of its values in every condition.

    Where conditions have training and test rows, such a column may be what makes them different conditions.
    """
    both = np.isin(code, split.also_train)
    if not both.any():
        return ""
    rows = np.flatnonzero(both)
    for column in frame.columns:
        if column in read:
            continue
        value, texts = text_codes(frame[column].iloc[rows])
        if not 1 < len(texts) <= MOST_VALUES or len(texts) * 2 > len(rows):
            continue
        pairs = np.unique(np.stack([code[rows], value, word[rows]], axis=1), axis=0)
        if len(np.unique(pairs[:, :2], axis=0)) == len(pairs):
            return str(column)
    return ""


def _apart(matched: Matched) -> Matched:
    """Write the modality into the labels of perturbations that one context holds by several kinds of perturbation.

    ``GATA1`` knocked down and ``GATA1`` activated are two perturbations: ``GATA1 [CRISPRi]`` and ``GATA1 [CRISPRa]``.
    """
    design, frame = matched.design, matched.frame
    if design.modality is None:
        return matched
    columns = [c for c in (design.perturbation, design.context, design.dose, design.time) if c is not None]
    kinds = frame.groupby(columns, observed=True, dropna=False)[design.modality].nunique()
    if not (kinds > 1).any():
        return matched
    labels, own = frame[design.perturbation].astype(str), frame[design.modality].astype(str)
    several = frame.groupby(design.perturbation, observed=True)[design.modality].transform("nunique") > 1
    several &= ~labels.isin(design.control)
    sign = design.delimiter or "\0"
    told = [
        sign.join(f"{part} [{kind}]" for part in label.split(sign)) if twice else label
        for label, kind, twice in zip(labels, own, several, strict=True)
    ]
    note = (
        f"{int((kinds > 1).sum()):,} conditions are measured by several kinds of perturbation and were told apart.",
        f"the kind of column '{design.modality}' was added to their labels",
    )
    return replace(matched, frame=frame.assign(**{design.perturbation: told}), notes=(*matched.notes, note))


def write_table(split: Split, path: Path, *, role: str = "role") -> Path:
    """Write one row a condition with its role, as CSV; a condition that is also training has two.

    Raises
    ------
    InputError
        If cells of a condition are parted at random, or the table would be read as another split.
    """
    if split.test_shards:
        mend = "write the manifest instead"
        raise InputError("cannot say that the cells of a condition are parted", where=str(path), mend=mend)
    columns = {k: v for k, v in split.conditions.columns().items() if k not in ("dose", "time", "modality")}
    columns |= {k: v for k in ("dose", "time") if not np.isnan(v := getattr(split.conditions, k)).all()}
    if (split.conditions.modality != "").any():
        columns["modality"] = split.conditions.modality
    frame = pd.DataFrame(columns)
    frame[role] = np.array(split.words) if split.words else split.roles
    more = frame.iloc[split.also_train].assign(**{role: Role.TRAIN.value})
    text = pd.concat([frame, more], ignore_index=True).to_csv(index=False)
    again = from_rows(_parsed(text), role, {}, where=str(path))
    same = again.conditions.sha256() == split.conditions.sha256() and again.roles.tolist() == split.roles.tolist()
    if not same or again.also_train.tolist() != split.also_train.tolist():
        what = "cannot say this split: some labels would be read as others, or as controls"
        raise InputError(what, where=str(path), mend="write the manifest instead")
    return write_text(path, text)


def load_frame(path: Path) -> pd.DataFrame:
    """Read a table, every value of a text file as text.

    Raises
    ------
    InputError
        If the file is missing or cannot be read.
    """
    refuse_pickle(path)
    where, name = str(path), path.name.lower().removesuffix(".gz")
    if name.endswith((".h5ad", ".h5", ".zarr")) or path.is_dir():
        return _obs_of(path)
    try:
        if name.endswith(".json"):
            return pd.DataFrame(json.loads(read_text(path))).astype(str)
        if name.endswith((".parquet", ".pq")):
            return pd.read_parquet(path)
        return pd.read_csv(path, sep=_sign_of(path, name), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("is missing", where=where, mend="check the path") from error
    except (OSError, ValueError, EOFError) as error:
        gist = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"cannot be read ({gist})", where=where, mend="write a CSV") from error


def _parsed(text: str) -> pd.DataFrame:
    """A CSV as `load_frame` reads it."""
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def _obs_of(path: Path) -> pd.DataFrame:
    """The obs of an AnnData; its matrix is not read."""
    try:
        adata, handle = screen.open_file(path, backed=True)
    except InputError as error:
        if "CSC" not in error.what:
            raise
        import h5py
        from anndata.io import read_elem

        with h5py.File(path, "r") as file:  # such a matrix cannot be streamed, but it is not read here
            return pd.DataFrame(read_elem(file["obs"]))
    try:
        return pd.DataFrame(adata.obs)
    finally:
        if handle is not None:
            handle.close()


def _sign_of(path: Path, name: str) -> str:
    """What parts the columns: told from the suffix, or from the header."""
    if name.endswith((".tsv", ".tab")):
        return "\t"
    if not path.is_file():
        return ","
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        head = file.readline().decode("utf-8", "replace")
    return max((",", "\t", ";"), key=head.count)
