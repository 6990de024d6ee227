"""Rows, labels and gene names of a predictions file, whatever its format."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay import screen
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first

_FIELD = re.compile(r"\s*[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A matrix with labels.

    Attributes
    ----------
    obs
        (n) rows of labels.
    genes
        (g,) feature names.
    values
        (n, g) in float64, dense or CSR.
    aliases
        Further names of the genes, (g,) each, by column.
    """

    obs: pd.DataFrame
    genes: NDArray[np.str_]
    values: NDArray[np.float64] | sp.csr_matrix
    aliases: dict[str, NDArray[np.str_]]


def read_table(path: Path, array: str | None = None, labels: Collection[str] = ()) -> Table:
    """Read by the file's ending.

    Parameters
    ----------
    array
        Which array of an npz, or layer of an AnnData, holds the predictions.
    labels
        Columns of a parquet, csv or tsv that are labels even if they hold numbers (a dose, a donor's
        number); all columns of text are.

    Raises
    ------
    InputError
        If the file is missing, empty, truncated, without that array, or of a kind that is not read.
    """
    if not path.exists():
        raise InputError("is missing", where=str(path), mend="check the path")
    match path.suffix.lower():
        case ".npz":
            return _from_npz(path, array)
        case ".parquet" | ".csv" | ".tsv":
            if array is not None:
                raise InputError(f"is a table and has no array '{array}'", where=str(path), mend="leave out 'array'")
            return _from_frame(path, {"dose", "time", *labels})
        case ".h5ad" | ".zarr":
            return _from_anndata(path, array)
    mend = "hand in .h5ad, .zarr, .parquet, .csv or .npz"
    raise InputError(f"has the ending '{path.suffix}', which is not read", where=str(path), mend=mend)


def _from_anndata(path: Path, array: str | None) -> Table:
    adata, handle = screen.open_file(path, backed=False)
    if handle is not None:
        handle.close()
    if array not in (None, "X", *adata.layers):
        mend = did_you_mean(str(array), ["X", *adata.layers])
        raise InputError(f"has no layer '{array}'", where=str(path), mend=mend)
    matrix: Any = adata.X if array in (None, "X") else adata.layers[array]
    if matrix is None or 0 in adata.shape:
        raise InputError("has no values in X", where=str(path), mend="write the predictions to X")
    sparse = sp.issparse(matrix)
    values: Any = sp.csr_matrix(matrix).astype(np.float64) if sparse else np.asarray(matrix, dtype=np.float64)
    text = {c: np.asarray(adata.var[c], dtype=str) for c in adata.var.columns if adata.var[c].dtype.kind in "OSU"}
    return Table(adata.obs, np.asarray(adata.var_names, dtype=str), values, text)


def _from_frame(path: Path, named: Collection[str]) -> Table:
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",")
    except (OSError, ValueError) as error:
        mend = "write it again: one row a condition, label columns, then one column a gene"
        raise InputError(f"cannot be read ({str(error).splitlines()[0]})", where=str(path), mend=mend) from error
    labels = [c for c in frame.columns if frame[c].dtype.kind not in "fiu" or str(c) in named]
    genes = [c for c in frame.columns if c not in labels]
    if not genes or not len(frame):
        raise InputError("has no rows of numbers", where=str(path), mend="one row a condition, one column a gene")
    values = frame[genes].to_numpy(dtype=np.float64)
    return Table(frame[labels], np.asarray(genes, dtype=str), values, {})


def _from_npz(path: Path, array: str | None) -> Table:
    """Arrays ``genes``, ``conditions`` (or ``strata``) and one matrix a model; never pickled objects."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as bundle:
            names = set(bundle.files)
            label = next((k for k in ("conditions", "strata") if k in names), None)
            if "genes" not in names or label is None:
                mend = "an npz needs the arrays 'genes', 'conditions' and one matrix a model"
                raise InputError(f"has the arrays {first(sorted(names), 8)}", where=str(path), mend=mend)
            genes, labels = bundle["genes"].astype(str), bundle[label].astype(str)
            matrices = sorted(n for n in names if bundle[n].shape == (len(labels), len(genes)))
            if array is None and len(matrices) == 1:
                array = matrices[0]
            if array not in matrices:
                mend = f"state which as 'array' ({did_you_mean(array or '', matrices)})"
                raise InputError(f"has {len(matrices)} matrices", where=str(path), mend=mend)
            values = bundle[array].astype(np.float64)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        mend = "write it again without pickled objects"
        raise InputError(f"cannot be read ({str(error).splitlines()[0]})", where=str(path), mend=mend) from error
    return Table(parse_labels(labels), genes, values, {})


def npz_matrices(path: Path) -> list[str]:
    """Names of the arrays of an npz that hold one row a condition and one column a gene; none if it cannot be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as bundle:
            rows = next((bundle[k].shape[:1] for k in ("conditions", "strata") if k in bundle.files), None)
            if rows is None or "genes" not in bundle.files:
                return []
            shape = rows + bundle["genes"].shape[:1]
            return sorted(n for n in bundle.files if bundle[n].shape == shape)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return []


def parse_labels(labels: NDArray[np.str_]) -> pd.DataFrame:
    """Take ``perturbation=X|cell_type=B`` apart; a plain label is a perturbation."""
    rows = []
    for text in labels.tolist():
        parts = text.split("|")
        if all(_FIELD.match(part) for part in parts):
            rows.append(dict(part.strip().split("=", 1) for part in parts))
        else:  # an "=" may well stand in the name of a compound
            rows.append({"perturbation": text})
    return pd.DataFrame(rows)
