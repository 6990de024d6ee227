"""Prior features of perturbations or contexts: handed in as parquet, csv, tsv or npz (never pickled), or made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.knowledge.genes import Genes
from vcassay.knowledge.identifiers import Matched, match
from vcassay.knowledge.resource import Resource, describe

Array = NDArray[np.float64]

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
    """

    name: str
    ids: tuple[str, ...]
    matrix: Array
    resource: Resource | None = None
    kind: str = "embedding"

    def of(self, names: Iterable[str], genes: Genes | None = None) -> tuple[Features, Matched]:
        """Keep the rows of the names that are matched, under those names, and say which are."""
        matched = match(names, self.ids, resource=self.name, genes=genes)
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
    path: Path, name: str | None = None, *, released: date | str | None = None, licence: str = ""
) -> Features:
    """Read a feature matrix: first column (or the npz array ``ids``) names the perturbation.

    Raises
    ------
    InputError
        If the file cannot be read, an id occurs twice, a value is not a finite number, or ``released`` is not a day.
    """
    where = str(path)
    if not path.is_file():
        raise InputError("is missing", where=where, mend="check the path in [knowledge]")
    try:
        ids, matrix = _from_npz(path) if path.suffix == ".npz" else _from_table(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        mend = "write a table with ids in the first column and numbers in the others"
        raise InputError(f"cannot be read ({str(error).splitlines()[0]})", where=where, mend=mend) from error
    if matrix.ndim != 2 or len(matrix) != len(ids) or 0 in matrix.shape:
        what = f"has {len(ids)} ids for a matrix of shape {matrix.shape}"
        raise InputError(what, where=where, mend="give one id and at least one number a row")
    if len(set(ids)) < len(ids):
        seen: set[str] = set()
        twice = next(i for i in ids if i in seen or seen.add(i))  # type: ignore[func-returns-value]
        raise InputError(f"lists '{twice}' twice", where=where, mend="keep one row a perturbation")
    if not np.isfinite(matrix).all():
        row = ids[int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])]
        raise InputError(f"has a missing or infinite value for '{row}'", where=where, mend="fill or leave out the row")
    label = name or path.name.removesuffix(".gz").rsplit(".", 1)[0]
    facts = describe(path, len(ids), name=label, released=released, licence=licence)
    return Features(label, tuple(ids), matrix, facts)


def _from_npz(path: Path) -> tuple[list[str], Array]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        return data["ids"].astype(str).tolist(), data["features"].astype(np.float64)


def _from_table(path: Path) -> tuple[list[str], Array]:
    import pandas as pd

    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        if not isinstance(frame.index, pd.RangeIndex):
            frame = frame.reset_index()
    else:
        frame = pd.read_csv(path, sep="," if path.name.removesuffix(".gz").endswith(".csv") else "\t")
    return frame.iloc[:, 0].astype(str).tolist(), frame.iloc[:, 1:].to_numpy(dtype=np.float64)
