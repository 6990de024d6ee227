"""Opening Parquet in the layout of Tahoe-100M as an AnnData whose matrix stays on disk.

Tahoe-100M (its data set card): ``data/train-*.parquet`` has one row a cell with the lists ``genes`` (tokens) and
``expressions``, whose first entry is a special token (1, -2), and the columns drug, sample, BARCODE_SUB_LIB_ID,
cell_line_id, plate and more; ``metadata/gene_metadata.parquet`` has gene_symbol, ensembl_id and token_id;
``metadata/sample_metadata.parquet`` names the dose of each sample in drugname_drugconc.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.screen.screen import Note
from vcassay.screen.storage.registered import register
from vcassay.screen.storage.stream import guarded
from vcassay.screen.storage.tokens import TokenLists

register()

LISTS = (("genes", "expressions"), ("gene_token_id", "gene_expression"))
"""Columns of gene tokens and of their values."""
NAMES = ("BARCODE_SUB_LIB_ID", "barcode", "cell_id", "cell_barcode")
"""Columns that name a cell."""
GENE_METADATA, SAMPLE_METADATA = "gene_metadata*.parquet", "sample_metadata*.parquet"
KEY, LABEL = "sample", "drugname_drugconc"


def holds_cells(path: Path) -> bool:
    """Tell whether a Parquet file has the two lists of a cell."""
    names = set(guarded(pq.read_schema, path, where=str(path)).names)
    return any({a, b} <= names for a, b in LISTS)


def open_parquet(paths: Sequence[Path]) -> tuple[ad.AnnData, list[Note]]:
    """Read the labels of the cells, and leave the lists on disk.

    Raises
    ------
    InputError
        If a file cannot be read, the files differ in columns, or no gene metadata lies beside them.
    """
    where = str(paths[0])
    schema = guarded(pq.read_schema, paths[0], where=where)
    pair = next((p for p in LISTS if set(p) <= set(schema.names)), None)
    if pair is None:
        raise InputError(
            f"the file has no columns {' and '.join(repr(c) for c in LISTS[0])} (columns: {first(schema.names, 8)})",
            where=where,
            mend="name Parquet in the layout of Tahoe-100M, an .h5ad file or a zarr directory",
        )
    notes: list[Note] = []
    var, place = _genes(paths[0], notes)
    matrix = guarded(TokenLists, paths, pair, place, len(var), where=where)
    obs = _labels(paths, [c for c in schema.names if c not in pair], notes)
    return ad.AnnData(X=matrix, obs=obs, var=var), notes


def _genes(path: Path, notes: list[Note]) -> tuple[pd.DataFrame, Any]:
    """The genes in the order of their tokens, and the column of each token."""
    found = _beside(path, GENE_METADATA)
    if found is None:
        raise InputError(
            "no gene_metadata.parquet lies beside the file or in a folder 'metadata' next to it",
            where=str(path),
            mend="put it there: it names the gene of each token (token_id, gene_symbol, ensembl_id)",
        )
    table = guarded(pd.read_parquet, found, where=str(found))
    named = [c for c in ("gene_symbol", "ensembl_id") if c in table and table[c].is_unique and table[c].notna().all()]
    if "token_id" not in table or not named or not table["token_id"].is_unique or (table["token_id"] < 0).any():
        raise InputError(
            "the gene metadata has no unique token_id with a unique gene_symbol or ensembl_id",
            where=str(found),
            mend="use the file of the data set's release",
        )
    notes.append((f"Genes are named by '{named[0]}'.", f"{found.name} gives it for each token"))
    table = table.sort_values("token_id")
    tokens = table["token_id"].to_numpy(dtype=np.int64)
    place = np.full(int(tokens.max()) + 1, -1, dtype=np.int32)
    place[tokens] = np.arange(len(tokens))
    return table.set_index(pd.Index(table[named[0]].astype(str).tolist())), place


def _labels(paths: Sequence[Path], columns: list[str], notes: list[Note]) -> pd.DataFrame:
    """obs: every column but the lists, texts as categories; the dose from the sample where that is known."""
    name = next((c for c in NAMES if c in columns), None)
    tables = []
    for path in paths:
        lacking = set(columns) - set(guarded(pq.read_schema, path, where=str(path)).names)
        if lacking:
            raise InputError(
                f"the file lacks the column {first(sorted(repr(c) for c in lacking))} that '{paths[0].name}' has",
                where=str(path),
                mend="name files of one data set",
            )
        tables.append(guarded(pq.read_table, path, columns=columns, where=str(path)))
    table = guarded(pa.concat_tables, tables, promote_options="permissive", where=str(paths[0]))
    index = None if name is None else table.column(name).to_numpy()
    obs: pd.DataFrame = table.drop_columns([name] if name else []).to_pandas(strings_to_categorical=True)
    obs.index = pd.Index([str(i) for i in (range(len(obs)) if index is None else index)], dtype=object)
    samples = _beside(paths[0], SAMPLE_METADATA)
    if LABEL not in obs and KEY in obs and samples is not None:
        known = guarded(pd.read_parquet, samples, where=str(samples))
        if {KEY, LABEL} <= set(known.columns) and known[KEY].is_unique:
            obs[LABEL] = obs[KEY].map(known.set_index(KEY)[LABEL]).astype("category")
            notes.append((f"'{LABEL}' was read for each '{KEY}'.", f"from {samples.name}"))
    return obs


def _beside(path: Path, pattern: str) -> Path | None:
    """A file of metadata in the folder, or in a folder ``metadata`` in it or next to it."""
    here = path.resolve().parent
    for folder in (here, here / "metadata", here.parent / "metadata", here.parent):
        if found := sorted(folder.glob(pattern)):
            return found[0]
    return None
