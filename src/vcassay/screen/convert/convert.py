"""Convert: a file of another form becomes an .h5ad, or one sentence says why not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from vcassay.core import InputError
from vcassay.screen.convert.gct import read_gct, read_gctx
from vcassay.screen.convert.matrix import Matrix
from vcassay.screen.convert.mtx import read_mtx
from vcassay.screen.convert.phenotypes import Axis, read_long, read_wide
from vcassay.screen.convert.tables import join, keep, read_table, without_marks
from vcassay.screen.screen import Note

READ_AS_IS = {".h5ad": "h5ad", ".zarr": "zarr", ".parquet": "Parquet"}
CANNOT = {
    ".h5mu": "several modalities in one file: open it with mudata and write the RNA with write_h5ad",
    ".xlsx": "a workbook: save its sheet as .csv and convert that",
    ".rds": "an object of R: write it as .h5ad there, such as with zellkonverter",
    ".zip": "an archive: unpack it and convert, or read, what is inside",
    ".tar": "an archive: unpack it and convert, or read, what is inside",
    ".tgz": "an archive: unpack it and convert, or read, what is inside",
    ".loom": "loom: open it with anndata and write it with write_h5ad",
    ".pkl": "a pickle, which can run code when it is opened: ask for another form",
}


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written.

    Attributes
    ----------
    path
        The .h5ad.
    n_obs, n_vars
        Its size.
    obs
        Its obs columns.
    notes
        What was done on the way, and why.
    """

    path: Path
    n_obs: int
    n_vars: int
    obs: tuple[str, ...]
    notes: tuple[Note, ...]


def form_of(path: Path) -> str:
    """The last ending of a name, without a .gz around it: ``.gctx`` of ``x.gctx.gz``, ``.tar`` of ``x.tar.gz``."""
    endings = [s.lower() for s in path.suffixes]
    return ([""] + [s for s in endings if s != ".gz"])[-1]


def convert(
    path: Path,
    out: Path,
    *,
    obs: Path | None = None,
    var: Path | None = None,
    keep_obs: Sequence[str] = (),
    keep_var: Sequence[str] = (),
    rows: Axis | None = None,
    value: str = "",
) -> Converted:
    """Write a GCT, GCTX, Matrix Market file or table of phenotypes as .h5ad; it appears whole or not at all.

    Parameters
    ----------
    obs, var
        Tables that say what each row, and each gene, is (sig_info, gene_info); matched by name.
    keep_obs, keep_var
        ``COLUMN=VALUE`` of the rows and genes to keep.
    rows
        For a table of one number a pair: what its rows are.
    value
        For a table of one row a number: the column of the numbers.

    Raises
    ------
    InputError
        If the form needs no conversion or allows none, or what is asked for is not there.
    """
    where, notes = str(path), list[Note]()
    if not path.exists():
        raise InputError("there is no such file", where=where, mend="check the path")
    if out.exists():
        raise InputError("exists", where=str(out), mend="name another file with -o, or remove it")
    matrix = _read(path, rows, value, notes)
    about, genes = matrix.obs, matrix.var
    if obs is not None:
        more = join(about.index, read_table(obs), str(obs), notes)
        about = about.join(more[[c for c in more.columns if c not in about]])
    if var is not None:
        more = join(genes.index, read_table(var), str(var), notes)
        genes = genes.join(more[[c for c in more.columns if c not in genes]])
    if form_of(path) in (".gct", ".gctx"):
        about, genes = without_marks(about), without_marks(genes)
        notes += _units(about)
    at = np.flatnonzero(keep(about, keep_obs, "--keep-obs"))
    of = np.flatnonzero(keep(genes, keep_var, "--keep-var"))
    matrix = Matrix(about, genes, matrix.blocks, matrix.sparse)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        matrix.write(temporary, at, of)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    return Converted(out, len(at), len(of), tuple(str(c) for c in about.columns), tuple(notes))


def _read(path: Path, rows: Axis | None, value: str, notes: list[Note]) -> Matrix:
    """Read by the ending of the name."""
    form, where = form_of(path), str(path)
    if form in READ_AS_IS:
        raise InputError(
            f"{READ_AS_IS[form]} is read as it is", where=where, mend="name it in [data] screen; nothing is to be done"
        )
    if form in CANNOT or ".tar" in path.suffixes:
        kind, _, mend = CANNOT.get(form, CANNOT[".tar"]).partition(": ")
        raise InputError(f"{kind} cannot be converted", where=where, mend=mend)
    if form == ".gct":
        return read_gct(path)
    if form == ".gctx":
        return read_gctx(path)
    if form == ".mtx":
        return read_mtx(path)
    if form in (".csv", ".tsv", ".txt"):
        if value:
            return read_long(path, value, notes)
        if rows is not None:
            return read_wide(path, rows, notes)
        raise InputError(
            "what a row of the table is, is not known",
            where=where,
            mend="say --rows contexts or --rows perturbations where it holds one number a pair, or --value COLUMN "
            "where each row holds one number",
        )
    raise InputError(
        f"files ending in '{form}' cannot be converted",
        where=where,
        mend="hand in .gct, .gctx, .mtx, .csv or .tsv, or write it as .h5ad with anndata",
    )


def _units(table: pd.DataFrame) -> list[Note]:
    """Say where doses of several units stand in one column."""
    column = table.get("pert_dose_unit")
    if column is None:
        return []
    counts = column.astype(str).value_counts()
    counts = counts[[str(name) not in ("nan", "None") for name in counts.index]]
    if len(counts) < 2:
        return []
    shown = ", ".join(f"{name} {n:,}" for name, n in counts.items())
    return [("Doses have several units: keep one with --keep-obs.", f"pert_dose_unit: {shown}")]
