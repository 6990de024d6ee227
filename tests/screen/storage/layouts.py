"""One matrix in every layout that is read."""

from __future__ import annotations

import warnings
from itertools import pairwise
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp
import zarr

LAYOUTS = (
    "csr",
    "csr gzip",
    "csr lzf",
    "csr shuffled",
    "csr fletcher",
    "csr one chunk",
    "csc",
    "csc gzip",
    "dense",
    "dense gzip",
    "dense lzf",
    "zarr 2",
    "zarr 3",
    "zarr dense",
    "zarr csc",
    "several",
    "several csc",
    "several dense",
    "folder",
    "parquet",
)


def write_layout(adata: ad.AnnData, layout: str, folder: Path) -> Path | list[Path]:
    """Write a screen; return what `read_screen` is to be given."""
    kind, *how = layout.split(" ")
    if kind == "zarr":
        return _zarr(adata, how[0], folder / "a.zarr")
    if kind == "parquet":
        return write_tokens(adata, folder / "tahoe")
    if kind in ("several", "folder"):
        return _several(adata, "".join(how) or "csr", folder, listed=kind == "several")
    path = folder / f"{kind}.h5ad"
    made = _as(adata, kind)
    option = {"gzip": {"compression": "gzip"}, "lzf": {"compression": "lzf"}}.get("".join(how), {})
    made.write_h5ad(path, **option)
    if how in (["shuffled"], ["fletcher"], ["one", "chunk"]):
        _repack(path, how[0])
    return path


def _as(adata: ad.AnnData, kind: str) -> ad.AnnData:
    made = adata.copy()
    X = sp.csr_matrix(adata.X)
    made.X = X.toarray() if kind == "dense" else X.tocsc() if kind == "csc" else X
    return made


def _repack(path: Path, how: str) -> None:
    """Write the values again with other filters and chunks of a few entries, or one chunk."""
    with h5py.File(path, "r+") as file:
        for name in ("data", "indices"):
            values = file["X"][name][:]
            del file["X"][name]
            option = {
                "shuffled": {"shuffle": True, "compression": "gzip", "chunks": (37,)},
                "fletcher": {"fletcher32": True, "chunks": (37,)},
                "one": {"compression": "lzf", "shuffle": True, "chunks": (len(values),)},
            }[how]
            file["X"].create_dataset(name, data=values, **option)


def _zarr(adata: ad.AnnData, how: str, path: Path) -> Path:
    made = _as(adata, how if how in ("dense", "csc") else "csr")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = ad.settings.zarr_write_format
        ad.settings.zarr_write_format = 2 if how == "2" else 3
        try:
            made.write_zarr(path)
        finally:
            ad.settings.zarr_write_format = before
    assert ((path / "zarr.json").exists()) is (how != "2")
    assert zarr.open_group(path, mode="r")
    return path


def _several(adata: ad.AnnData, kind: str, folder: Path, *, listed: bool) -> Path | list[Path]:
    """Three files, their genes in different orders, the second with a gene of its own."""
    place = folder / "parts"
    place.mkdir()
    cuts = [0, adata.n_obs // 3, adata.n_obs // 3 + 1, adata.n_obs]
    paths = []
    for k, (low, high) in enumerate(pairwise(cuts)):
        part = adata[low:high].copy()
        if k:
            part = part[:, np.random.default_rng(k).permutation(adata.n_vars)].copy()
        if k == 1:
            extra = ad.AnnData(np.ones((part.n_obs, 1), np.float32), obs=part.obs, var=pd.DataFrame(index=["OWN"]))
            whole = sp.csr_matrix(sp.hstack([sp.csr_matrix(part.X), sp.csr_matrix(extra.X)]))
            part = ad.AnnData(whole, obs=part.obs, var=pd.DataFrame(index=[*part.var_names, "OWN"]))
        paths.append(place / f"part{k}.h5ad")
        _as(part, kind).write_h5ad(paths[-1], compression="gzip" if k else None)
    return paths if listed else place


def write_tokens(adata: ad.AnnData, folder: Path, *, first: int = 3, group: int = 7) -> Path:
    """Write Parquet as Tahoe-100M's data set card describes it: two files of cells, and the genes."""
    (folder / "data").mkdir(parents=True)
    (folder / "metadata").mkdir()
    rng = np.random.default_rng(0)
    token = first + rng.permutation(adata.n_vars)
    genes = {"gene_symbol": adata.var_names.tolist(), "ensembl_id": [f"ENSG{t}" for t in token], "token_id": token}
    pq.write_table(pa.table(genes), folder / "metadata" / "gene_metadata.parquet")
    X = sp.csr_matrix(adata.X)
    rows = [[1, *token[X.indices[a:b]]] for a, b in zip(X.indptr[:-1], X.indptr[1:], strict=True)]
    values = [[-2.0, *X.data[a:b]] for a, b in zip(X.indptr[:-1], X.indptr[1:], strict=True)]
    lists = {
        "genes": pa.array(rows, pa.list_(pa.int64())),
        "expressions": pa.array(values, pa.list_(pa.float32())),
        "BARCODE_SUB_LIB_ID": adata.obs_names.tolist(),
    }
    table = pa.table({**lists, **{c: adata.obs[c].astype(str).tolist() for c in adata.obs}})
    half = adata.n_obs // 2
    for k, part in enumerate((table[:half], table[half:])):
        pq.write_table(part, folder / "data" / f"train-{k:05d}-of-00002.parquet", row_group_size=group)
    return folder
