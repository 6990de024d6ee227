"""Prior features of perturbations or contexts: handed in as parquet, csv, tsv or npz (never pickled), or made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from numbers import Real
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.knowledge.genes import Genes
from vcassay.knowledge.identifiers import Matched, match
from vcassay.knowledge.resource import Resource, describe
from vcassay.knowledge.table import delimiter, first_line

Array = NDArray[np.float64]

NUMBERS = "biuf"
"""Kinds of numpy types that are numbers: bool, int, unsigned and float."""

TURNED = 0.5
"""Share of the names that must be columns, none being a row, for a matrix to be called transposed."""

KINDS = {
    "embedding": "numbers of any origin: text, sequence, a network, a model",
    "response": "responses measured in another screen",
    "annotation": "leading components of the membership in gene sets",
    "network": "leading eigenvectors of a network of genes",
    "fingerprint": "bits of a chemical structure",
    "label": "targets or mechanisms, one column each",
    "coexpression": "how a gene varies with others in controls",
}
"""What columns of features can be."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """A feature matrix.

    Attributes
    ----------
    name
        What the matrix is, as named in the study.
    ids
        (p,) perturbations or contexts that have features, unique.
    matrix
        (p, d) finite values.
    resource
        Where they were read; ``None`` for features made in memory.
    kind
        What a column is, one of `KINDS`.
    columns
        Names of the columns, where they have some.
    """

    name: str
    ids: tuple[str, ...]
    matrix: Array
    resource: Resource | None = None
    kind: str = "embedding"
    columns: tuple[str, ...] = ()

    def of(self, names: Iterable[str], genes: Genes | None = None) -> tuple[Features, Matched]:
        """Keep the rows of the names that are matched, under those names, and say which are.

        Raises
        ------
        InputError
            If no row has such a name, and most names are columns.
        """
        matched = match(names, self.ids, resource=self.name, genes=genes)
        if self.columns and not matched.found and matched.wanted:
            turned = match(matched.wanted, self.columns, genes=genes)
            if turned.share > TURNED:
                what = f"has what it should have in rows ({first(list(turned.found.values()), 3)}) in its columns"
                where = self.resource.path if self.resource else self.name
                raise InputError(what, where=where, mend="transpose it: one row a perturbation or context")
        found = [name for name in matched.wanted if name in matched.found]
        rows, _ = self.rows(matched.found[name] for name in found)
        return replace(self, ids=tuple(found), matrix=rows), matched

    def rows(self, wanted: Iterable[str]) -> tuple[Array, NDArray[np.bool_]]:
        """Look perturbations up.

        Returns
        -------
        (n, d) features, zero where there are none, and (n,) whether there are.
        """
        position = {name: i for i, name in enumerate(self.ids)}
        at = np.array([position.get(name, -1) for name in wanted], dtype=np.int64)
        out = np.where((at >= 0)[:, None], self.matrix[np.maximum(at, 0)], 0.0)
        return out, at >= 0


def read_features(
    path: Path,
    name: str | None = None,
    *,
    released: date | str | None = None,
    licence: str = "",
    kind: str = "embedding",
) -> Features:
    """Read a feature matrix: first column (or the npz array ``ids``) names the perturbation or context.

    Parameters
    ----------
    kind
        What its columns are, one of `KINDS`; responses of another screen must be declared as ``response``.

    Raises
    ------
    InputError
        If the file cannot be read, an id is missing or occurs twice, a column occurs twice or holds no numbers, a value
        is not finite, or ``released`` is not a day.
    """
    where = str(path)
    if not path.is_file():
        raise InputError("is missing", where=where, mend="check the path in [knowledge]")
    try:
        ids, matrix, columns = _from_npz(path) if path.suffix == ".npz" else _from_table(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        mend = "write a table with ids in the first column and numbers in the others"
        raise InputError(f"cannot be read ({str(error).splitlines()[0]})", where=where, mend=mend) from error
    if matrix.ndim != 2 or len(matrix) != len(ids) or 0 in matrix.shape:
        what = f"has {len(ids)} ids for a matrix of shape {matrix.shape}"
        raise InputError(what, where=where, mend="give one id and at least one number a row")
    blank = next((i for i, own in enumerate(ids, start=1) if not own), None)
    if blank is not None:
        raise InputError(f"has no id in row {blank}", where=where, mend="fill it in or leave out the row")
    if twice := _twice(ids):
        raise InputError(f"lists '{twice}' twice", where=where, mend="keep one row a perturbation")
    if twice := _twice(columns):
        raise InputError(f"has the column '{twice}' twice", where=where, mend="keep one of them, or rename it")
    if not np.isfinite(matrix).all():
        row = ids[int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])]
        raise InputError(f"has a missing or infinite value for '{row}'", where=where, mend="fill or leave out the row")
    label = name or path.name.removesuffix(".gz").rsplit(".", 1)[0]
    facts = describe(path, len(ids), name=label, released=released, licence=licence)
    return Features(label, tuple(ids), matrix, facts, kind, tuple(columns))


def _twice(names: list[str]) -> str:
    """First name that occurs a second time; empty if none does."""
    return next((n for i, n in enumerate(names) if n in names[:i]), "") if len(set(names)) < len(names) else ""


def _from_npz(path: Path) -> tuple[list[str], Array, list[str]]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        lacks = [f"'{name}'" for name in ("ids", "features") if name not in data.files]
        if lacks:
            mend = "save it as np.savez(path, ids=names, features=matrix)"
            what = f"cannot be read: it has the arrays {first(data.files, 5)} and no {' or '.join(lacks)}"
            raise InputError(what, where=str(path), mend=mend)
        ids, values = data["ids"], data["features"]
        columns = data["columns"].astype(str).tolist() if "columns" in data.files else []
    if values.dtype.kind not in NUMBERS:
        raise ValueError(f"features of type {values.dtype} are not numbers")
    if ids.ndim != 1:
        raise ValueError(f"ids of shape {ids.shape} are no list of names")
    return [i.strip() for i in ids.astype(str).tolist()], values.astype(np.float64), columns


def _from_table(path: Path) -> tuple[list[str], Array, list[str]]:
    import pandas as pd

    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        if not isinstance(frame.index, pd.RangeIndex):
            frame = frame.reset_index()
        header = [str(name) for name in frame.columns]
    else:
        # the header is read as a row: pandas would rename a column that occurs twice
        mark = delimiter(first_line(path))
        header = [str(name) for name in pd.read_csv(path, sep=mark, header=None, nrows=1, dtype=str).iloc[0]]
        frame = pd.read_csv(path, sep=mark, header=None, skiprows=1, dtype={0: str}, keep_default_na=True)
        if frame.shape[1] != len(header):
            raise ValueError(f"the header has {len(header)} fields and the rows have {frame.shape[1]}")
    ids = ["" if name is None or name != name else str(name).strip() for name in frame.iloc[:, 0].tolist()]
    columns = frame.iloc[:, 1:]
    for name, (_, column) in zip(header[1:], columns.items(), strict=True):
        if column.dtype.kind not in NUMBERS:
            values = column.tolist()
            at = next((i for i, v in enumerate(values) if isinstance(v, str) or not isinstance(v, Real)), 0)
            said = f"column '{name}' holds '{values[at]}' for '{ids[at]}'"
            raise ValueError(
                f"{said}; categories need a column of 0 and 1 each" if isinstance(values[at], str) else said
            )
    return ids, columns.to_numpy(dtype=np.float64), header[1:]
