"""Sources: the file, or the several files, that a screen is read from."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import anndata as ad
import numpy as np
import pandas as pd

from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.screen.files import open_file
from vcassay.screen.parquet import holds_cells, open_parquet
from vcassay.screen.screen import Note
from vcassay.screen.storage import Held, Several, Stored
from vcassay.screen.storage.registered import register

register()

MEMORY_BYTES = 2**30
"""Files that are larger together stay on disk."""
FILE = "file"
"""obs column that names the file of a row, where there are several."""
KINDS = (".h5ad", ".zarr", ".parquet")


class Opened(NamedTuple):
    """What was opened.

    Attributes
    ----------
    adata
        Labels, genes and matrices.
    handle
        To be closed; ``None`` if nothing is open.
    path
        The file, or the folder that all files lie in.
    files
        Every file.
    notes
        How several files were joined.
    """

    adata: ad.AnnData
    handle: Any
    path: Path
    files: tuple[Path, ...]
    notes: tuple[Note, ...]


def find_files(named: str | Path | Sequence[str | Path], folder: Path | None = None) -> tuple[Path, ...]:
    """The files that a screen names: one, a list, a pattern such as ``plates/*.h5ad``, or a folder of them.

    Parameters
    ----------
    named
        Path, pattern, or several; a pattern's and a folder's files are taken in the order of their names.
    folder
        Where relative paths start from.

    Raises
    ------
    InputError
        If a pattern matches nothing, or the list is empty.
    """
    if not isinstance(named, str | Path):
        found = tuple(path for name in named for path in find_files(name, folder))
        if not found:
            raise InputError("the list of files is empty", where="screen", mend="name a file")
        return found
    path = Path(named) if folder is None else folder / named
    if not path.exists() and any(c in str(named) for c in "*?["):
        matched = tuple(sorted(Path(p) for p in glob.glob(str(path), recursive=True)))  # noqa: PTH207
        if not matched:
            raise InputError("no file matches the pattern", where=str(path), mend="check the folder and the ending")
        return matched
    if not path.is_dir() or any((path / mark).exists() for mark in (".zgroup", "zarr.json", ".zattrs")):
        return (path,)
    for place in (path, path / "data"):
        for kind in KINDS:
            inside = sorted(p for p in place.glob(f"*{kind}") if "metadata" not in p.name)
            if inside:
                return tuple(inside)
    return (path,)


def open_files(paths: Sequence[Path], *, backed: bool) -> Opened:
    """Open one file, or several as one screen.

    Several files, Parquet, and files above `MEMORY_BYTES` stay on disk whatever ``backed`` says. Rows of several files
    follow each other; of genes, those are kept that all files have.

    Raises
    ------
    InputError
        If a file cannot be read, or the files have no gene in common. No file is left open.
    """
    if all(path.suffix == ".parquet" for path in paths):
        missing = next((p for p in paths if not p.exists()), None)
        if missing is not None:
            raise InputError("there is no such file", where=str(missing), mend="check the path")
        adata, notes = open_parquet([p for p in paths if len(paths) == 1 or holds_cells(p)] or list(paths))
        return Opened(adata, None, _common(paths), tuple(paths), tuple(notes))
    size = sum(_size(path) for path in paths)
    if len(paths) == 1:
        adata, handle = open_file(paths[0], backed=backed or size > MEMORY_BYTES)
        return Opened(adata, handle, paths[0], tuple(paths), ())
    with ExitStack() as stack:
        parts = []
        for path in paths:
            adata, handle = open_file(path, backed=True)
            if handle is not None:
                stack.callback(handle.close)
            parts.append(adata)
        joined, notes = _join(parts, paths)
        return Opened(joined, stack.pop_all(), _common(paths), tuple(paths), tuple(notes))


def _join(parts: list[ad.AnnData], paths: Sequence[Path]) -> tuple[ad.AnnData, list[Note]]:
    """Rows below each other, on the genes that all files have."""
    k, where = len(parts), str(_common(paths))
    names = [pd.Index(part.var_names.astype(str)) for part in parts]
    for index, path in zip(names, paths, strict=True):
        if not index.is_unique:
            twice = first(index[index.duplicated()].unique(), 3)
            raise InputError(
                f"var_names repeats gene names ({twice})", where=str(path), mend="keep one row of var for each, or sum"
            )
    common = names[0][np.all([names[0].isin(index) for index in names], axis=0)]
    if not len(common):
        raise InputError(
            f"the {k} files have no gene in common (such as {names[0][0]} and {names[-1][0]})",
            where=where,
            mend="name the genes of all files by one kind of identifier",
        )
    union = len(names[0].append(names[1:]).unique())
    left = "" if union == len(common) else f"; {union - len(common):,} that some file lacks were left out"
    notes: list[Note] = [
        (f"{k} files were read as one screen of {len(common):,} genes.", f"genes are aligned by name{left}")
    ]
    places = [common.get_indexer(index).astype(np.int32) for index in names]
    same = [None if np.array_equal(p, np.arange(len(common))) else p for p in places]

    def below(matrices: list[Any]) -> Stored:
        return Several([m if isinstance(m, Stored) else Held(m) for m in matrices], same, len(common))

    layers = {
        name: below([part.layers[name] for part in parts])
        for name in parts[0].layers
        if all(name in part.layers for part in parts)
    }
    X = below([part.X for part in parts]) if all(part.X is not None for part in parts) else None
    obs = _rows(parts, paths, notes)
    return ad.AnnData(X=X, obs=obs, var=parts[0].var.loc[common], layers=layers), notes


def _rows(parts: list[ad.AnnData], paths: Sequence[Path], notes: list[Note]) -> pd.DataFrame:
    """Obs of all files, with the column `FILE` unless they have one; names that occur twice get the file's name."""
    tables = [part.obs for part in parts]
    everywhere = set.intersection(*(set(t.columns) for t in tables))
    if partial := sorted({str(c) for t in tables for c in t.columns if c not in everywhere}):
        notes.append((f"Some files lack the obs columns {first(partial)}.", "their rows have no label there"))
    stems = [p.stem if len({q.stem for q in paths}) == len(paths) else str(p) for p in paths]
    index = pd.Index([name for t in tables for name in t.index.astype(str)], dtype=object)
    if not index.is_unique:
        index = pd.Index([f"{s}:{name}" for s, t in zip(stems, tables, strict=True) for name in t.index.astype(str)])
        notes.append(("Row names were joined with the name of their file.", "some occur in several files"))
    columns = dict.fromkeys(c for t in tables for c in t.columns)
    obs = pd.DataFrame({c: _column([t[c] if c in t else _nothing(t) for t in tables]) for c in columns})
    if FILE not in obs:
        codes = np.repeat(np.arange(len(tables)), [len(t) for t in tables])
        obs[FILE] = pd.Categorical.from_codes(codes, pd.Index(stems))
    obs.index = index
    return obs


def _nothing(table: pd.DataFrame) -> pd.Series:
    return pd.Series(np.nan, index=table.index, dtype=object)


def _column(parts: list[pd.Series]) -> Any:
    """One column of all files; categories are joined."""
    if all(isinstance(p.dtype, pd.CategoricalDtype) for p in parts):
        kinds = {p.cat.categories.dtype for p in parts}
        if len(kinds) == 1:
            return pd.api.types.union_categoricals(parts, ignore_order=True)
    return pd.concat([p.astype(object) if p.dtype == "category" else p for p in parts], ignore_index=True).to_numpy()


def _common(paths: Sequence[Path]) -> Path:
    """The file, or the deepest folder that all files lie in."""
    if len(paths) == 1:
        return paths[0]
    parents = [set(p.resolve().parents) for p in paths]
    return max(set.intersection(*parents), key=lambda p: len(p.parts))


def _size(path: Path) -> int:
    """Bytes of a file or a zarr directory; 0 where there is none, which the reader will say."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(p.stat().st_size for p in files if p.is_file())
