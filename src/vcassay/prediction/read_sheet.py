"""Read what a model hands in beside its predictions: embeddings and attributions, as csv, tsv, parquet, npz or h5ad."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay import screen
from vcassay.arrays.sampled import sampled_means
from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.prediction.read import FIELDS, PredictionFormat, code_rows, find_fields
from vcassay.prediction.sheet import Sheet
from vcassay.prediction.table import parse_labels, read_table
from vcassay.screen import Design

Array = NDArray[np.float64]

NAMES = ("condition", "conditions", "id", "ids", "condition_id", "name", "label")
"""Columns that may hold the readable name of a condition, or a perturbation."""
LABELS = ("perturbations", "perturbation", "conditions", "condition", "strata", "ids", "id")
"""Arrays of an npz that may hold the rows' labels."""
COLUMNS = ("genes", "columns", "features")
"""Arrays of an npz that may hold the columns' names."""


def read_sheet(path: str | Path, design: Design, *, columns: Mapping[str, str] | None = None) -> Sheet:
    """Read rows of numbers with labels.

    A row states its perturbation and, where the file has such columns, context, dose and time, under the screen's
    column names or ours. A file without a column of perturbations may name its rows in a column ``condition`` (or in
    the only column of text, or in an AnnData's index); one without any labels may have a single row, which holds for
    all. Rows with the same labels are averaged.

    Parameters
    ----------
    path
        One row a perturbation or a condition. Of an h5ad the only entry of obsm is read, X where there is none; of
        an npz, the only matrix with as many rows as it has labels (``perturbation``, ``conditions`` or ``ids``).
    design
        The screen's design.
    columns
        Our field to the file's column, where it is known; such as the file does not have are looked for by name.

    Raises
    ------
    InputError
        If the file is missing, cannot be read, or has no labels, no numbers or infinite values.
    """
    path = Path(path)
    named = {*design.columns().values(), *FIELDS, *NAMES, *(columns or {}).values()}
    obs, names, values, aliases = _load(path, named)
    where = str(path)
    if np.isinf(values).any():
        raise InputError("has infinite values", where=where, mend="write NaN where nothing is known")
    known = {ours: theirs for ours, theirs in (columns or {}).items() if theirs in obs.columns}
    if any(c in obs.columns for c in (known.get("perturbation"), design.perturbation, "perturbation")):
        layout = PredictionFormat(columns=known)
        fields, notes = find_fields(obs, design, layout, where)
        codes, kept, words = code_rows(obs, design, fields, layout, where)
        means = sampled_means(values[kept], codes.condition, len(codes.conditions))
        if means.size.max(initial=0) > 1:
            notes = [*notes, f"{int(means.size.sum()):,} rows became {len(means.size):,} by their mean"]
        stated = {field for field, column in fields.items() if column is not None}
        if np.isfinite(codes.conditions.dose).any():
            stated.add("dose")  # labels may state it, too
        return Sheet(names, means.value, codes.conditions, frozenset(stated), aliases, path, (*notes, *words))
    column = _column_of_names(obs)
    if column is None and len(values) == 1:
        return Sheet(names, values, None, frozenset(), aliases, path)
    if column is None:
        what = f"has {len(values):,} rows and no column that says of what (its text columns: {first(obs.columns, 8)})"
        raise InputError(what, where=where, mend=f"add a column '{design.perturbation}' with the screen's labels")
    texts = obs[column].astype(str).str.strip()
    codes_of, distinct = pd.factorize(texts, sort=True)
    means = sampled_means(values, codes_of.astype(np.int32), len(distinct))
    return Sheet(names, means.value, tuple(map(str, distinct)), frozenset(), aliases, path)


def _column_of_names(obs: pd.DataFrame) -> str | None:
    """The column that names rows: by its own name, or the only one of text."""
    named = [c for c in obs.columns if str(c).lower() in NAMES]
    texts = [c for c in obs.columns if obs[c].dtype.kind not in "fiub"]
    return named[0] if named else texts[0] if len(texts) == 1 else None


def _load(path: Path, named: set[str]) -> tuple[pd.DataFrame, NDArray[np.str_], Array, dict[str, NDArray[np.str_]]]:
    """Labels, names of columns, values, and further names of the columns."""
    match path.suffix.lower():
        case ".npz" if path.exists():
            return _from_npz(path)
        case ".h5ad" | ".zarr" if path.exists():
            return _from_anndata(path)
    table = read_table(path, None, named)
    values: Any = table.values
    return table.obs, table.genes, values, table.aliases


def _from_anndata(path: Path) -> tuple[pd.DataFrame, NDArray[np.str_], Array, dict[str, NDArray[np.str_]]]:
    adata, handle = screen.open_file(path, backed=False)
    if handle is not None:
        handle.close()
    obs = adata.obs
    if not isinstance(obs.index, pd.RangeIndex) and "condition" not in obs.columns:
        obs = obs.assign(condition=obs.index.astype(str))
    if len(adata.obsm) > 1:
        mend = "leave the one that is meant"
        raise InputError(f"has {len(adata.obsm)} arrays in obsm ({first(adata.obsm)})", where=str(path), mend=mend)
    if len(adata.obsm) == 1:
        key = next(iter(adata.obsm))
        held: Any = adata.obsm[key]
        dense = _dense(held)
        return obs, _numbered(dense.shape[1]), dense, {}
    matrix: Any = adata.X
    if matrix is None or 0 in adata.shape:
        raise InputError("has no values in X or obsm", where=str(path), mend="write them to X")
    text = {c: np.asarray(adata.var[c], dtype=str) for c in adata.var.columns if adata.var[c].dtype.kind in "OSU"}
    return obs, np.asarray(adata.var_names, dtype=str), _dense(matrix), text


def _from_npz(path: Path) -> tuple[pd.DataFrame, NDArray[np.str_], Array, dict[str, NDArray[np.str_]]]:
    """Labels and one matrix with as many rows; never pickled objects."""
    where = str(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as bundle:
            held = {name: bundle[name] for name in bundle.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        mend = "write it again without pickled objects"
        raise InputError(f"cannot be read ({str(error).splitlines()[0]})", where=where, mend=mend) from error
    label = next((k for k in LABELS if k in held and held[k].ndim == 1), None)
    rows = None if label is None else len(held[label])
    matrices = [k for k, v in held.items() if v.ndim == 2 and v.dtype.kind in "fiu" and rows in (None, len(v))]
    if len(matrices) != 1:
        mend = "an npz needs an array of labels ('perturbation' or 'conditions') and one matrix with as many rows"
        raise InputError(f"has the arrays {first(sorted(held), 8)}", where=where, mend=mend)
    values = held[matrices[0]].astype(np.float64)
    names = next((held[k].astype(str) for k in COLUMNS if k in held), _numbered(values.shape[1]))
    if len(names) != values.shape[1]:
        what = f"has {values.shape[1]:,} columns in '{matrices[0]}' and {len(names):,} names of columns"
        raise InputError(what, where=where, mend="give each column one name")
    if label is None:
        return pd.DataFrame(index=range(len(values))), names, values, {}
    texts = held[label].astype(str)
    if label.startswith("perturbation"):
        return pd.DataFrame({"perturbation": texts}), names, values, {}
    fielded = all("=" in text for text in texts.tolist())
    return parse_labels(texts) if fielded else pd.DataFrame({"condition": texts}), names, values, {}


def _dense(matrix: Any) -> Array:
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix, dtype=np.float64)


def _numbered(n: int) -> NDArray[np.str_]:
    return np.asarray([str(i + 1) for i in range(n)], dtype=str)
