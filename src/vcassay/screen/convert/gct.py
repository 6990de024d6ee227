"""GCT and GCTX of the Connectivity Map: genes in rows and profiles in columns, with tables of both inside."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.screen.convert.matrix import Matrix

ROW_BYTES = 2**26
"""Bytes of profiles that are read at once."""


def read_gct(path: Path) -> Matrix:
    """Read a GCT 1.2 or 1.3, plain or .gz; profiles become rows.

    Raises
    ------
    InputError
        If it is no GCT, or shorter than it says.
    """
    where = str(path)
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            version = lines.readline().strip()
            if version not in ("#1.2", "#1.3"):
                raise InputError(f"the file begins with '{version[:20]}'", where=where, mend="hand in a GCT 1.2 or 1.3")
            sizes = [int(x) for x in lines.readline().split()]
            if len(sizes) != (2 if version == "#1.2" else 4):
                raise InputError("the second line does not hold its sizes", where=where, mend="check that it is whole")
            n_genes, n_profiles, n_about, n_lines = [*sizes, 1, 0][:4]
            head = lines.readline().rstrip("\n").split("\t")
            body = [line.rstrip("\n").split("\t") for line in lines]
    except (ValueError, UnicodeDecodeError, OSError, EOFError) as error:
        raise InputError("the file is no GCT", where=where, mend="hand in a GCT 1.2 or 1.3") from error
    width = 1 + n_about + n_profiles
    if len(head) != width or len(body) != n_lines + n_genes or any(len(line) != width for line in body):
        raise InputError(
            f"the file says {n_genes} genes and {n_profiles} profiles, and holds something else",
            where=where,
            mend="check that it is whole",
        )
    start = 1 + n_about
    genes, about = body[n_lines:], body[:n_lines]
    obs = pd.DataFrame({line[0]: line[start:] for line in about}, index=pd.Index(head[start:], dtype=object))
    var = pd.DataFrame(
        {head[i]: [line[i] for line in genes] for i in range(1, start)},
        index=pd.Index([line[0] for line in genes], dtype=object),
    )
    try:
        values = np.array([line[start:] for line in genes], dtype=object)
        values[np.isin(values.astype(str), ("", "NA", "NaN", "nan"))] = "nan"
        X = values.astype(np.float32).T.reshape(n_profiles, n_genes)
    except ValueError as error:
        raise InputError("a value is no number", where=where, mend="check the table") from error
    return Matrix.held(X, obs, var)


def read_gctx(path: Path) -> Matrix:
    """Open a GCTX; the matrix stays on disk, where profiles are rows already.

    Raises
    ------
    InputError
        If it is packed, or no GCTX.
    """
    where = str(path)
    if path.suffix == ".gz":
        raise InputError(
            "a packed GCTX cannot be read in parts", where=where, mend=f"unpack it first, as with `gunzip {path.name}`"
        )
    try:
        with h5py.File(path, "r") as file:
            matrix = file["0/DATA/0/matrix"]
            obs, var = _meta(file["0/META/COL"]), _meta(file["0/META/ROW"])
            if matrix.shape != (len(obs), len(var)):
                raise InputError("the matrix and its labels differ in size", where=where, mend="check that it is whole")
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise InputError("the file is no GCTX", where=where, mend="hand in a GCTX of the Connectivity Map") from error

    def blocks(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
        step = max(1, ROW_BYTES // (4 * len(var)))
        with h5py.File(path, "r") as file:
            stored: Any = file["0/DATA/0/matrix"]
            for start in range(0, len(rows), step):
                some = rows[start : start + step]
                low, high = int(some.min()), int(some.max()) + 1
                if high - low <= 4 * len(some):  # a run of the file, of which most is wanted
                    block = stored[low:high][some - low]
                else:
                    block = np.stack([stored[i] for i in some.tolist()])
                yield np.asarray(block, dtype=np.float32)[:, columns]

    return Matrix(obs, var, blocks)


def _meta(group: Any) -> pd.DataFrame:
    """A table of labels: one data set a column, ``id`` the names."""
    table = {name: _texts(np.asarray(group[name])) for name in group}
    return pd.DataFrame(table, index=pd.Index([str(x) for x in table.pop("id")], dtype=object))


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    """Bytes as text."""
    if values.dtype.kind in "SO":
        return np.array([v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values], dtype=object)
    return values
