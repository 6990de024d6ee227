"""Files for benchmarks: screens of any number of cells, written chunk by chunk in every layout that is read.

Ten thousand cells are drawn (`screens.draw_screen`) and written again and again, in another order each time; what
compresses a chunk does not look back that far.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp
from anndata.io import write_elem
from screens import CONTROL, Drawn, draw_screen

POOL, GENES, PERTURBATIONS, DEPTH = 10_000, 18_000, 300, 4000.0
LAYOUTS = ("csr", "csc", "dense", "zarr", "parquet", "several")
CODECS = ("none", "gzip", "lzf")
CHUNK = 2**17
"""Entries of a storage chunk of a sparse matrix: 512 KiB of float32."""


@cache
def pool(genes: int) -> Drawn:
    """The cells that are written again and again: counts."""
    return draw_screen(POOL, genes, PERTURBATIONS, depth=DEPTH, controls=0.1, target_sum=None)


def parts(cells: int, genes: int) -> Iterator[tuple[sp.csr_matrix, np.ndarray]]:
    """Counts of up to `POOL` cells at a time, and which cells of the pool they are."""
    drawn, rng = pool(genes), np.random.default_rng(0)
    for start in range(0, cells, POOL):
        at = rng.permutation(POOL)[: cells - start]
        yield drawn.matrix[at], at


def labels(at: np.ndarray, first: int, genes: int) -> pd.DataFrame:
    """obs of some cells: a perturbation, and one of four batches."""
    names = [f"cell{i}" for i in range(first, first + len(at))]
    return pd.DataFrame({"perturbation": pool(genes).perturbation[at], "batch": [f"b{i % 4}" for i in at]}, index=names)


def write(folder: Path, layout: str, codec: str, cells: int, genes: int = GENES) -> Path:
    """Write a file unless it is there; return its path (a pattern, of several)."""
    suffix = {"zarr": ".zarr", "parquet": "", "several": ""}.get(layout, ".h5ad")
    path = folder / f"{layout}-{codec}-{cells}x{genes}{suffix}"
    done = folder / f"{path.name}.done"
    if not done.exists():
        WRITERS[layout](path, codec, cells, genes)
        done.touch()
    return path


def _all_labels(cells: int, genes: int) -> pd.DataFrame:
    firsts = range(0, cells, POOL)
    rng = np.random.default_rng(0)
    orders = [rng.permutation(POOL)[: cells - first] for first in firsts]
    return pd.concat([labels(at, first, genes) for first, at in zip(firsts, orders, strict=True)])


def _frame(file: h5py.File, cells: int, genes: int) -> None:
    file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    write_elem(file, "obs", _all_labels(cells, genes).astype("category"))
    write_elem(file, "var", pd.DataFrame(index=[f"GENE{i}" for i in range(genes)]))


class _Column:
    """A one-dimensional dataset that is written chunk by chunk, compressed by several threads."""

    def __init__(self, group: h5py.Group, name: str, dtype: str, codec: str) -> None:
        kind = None if codec == "none" else codec
        self.set = group.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(CHUNK,), compression=kind)
        self.codec, self.rest, self.n = codec, np.empty(0, dtype), 0

    def add(self, values: np.ndarray, threads: ThreadPoolExecutor, *, last: bool = False) -> None:
        values = np.concatenate([self.rest, values.astype(self.rest.dtype)])
        whole = len(values) if last else len(values) - len(values) % CHUNK
        blocks = [values[i : i + CHUNK] for i in range(0, whole, CHUNK)]
        self.set.resize((self.n + whole,))
        if self.codec != "gzip":
            self.set[self.n :] = values[:whole]
        else:
            full = [np.pad(b, (0, CHUNK - len(b))) for b in blocks]
            for k, packed in enumerate(threads.map(lambda b: zlib.compress(b, 4), full)):
                self.set.id.write_direct_chunk((self.n + k * CHUNK,), packed)
        self.n, self.rest = self.n + whole, values[whole:].copy()


def _csr(path: Path, codec: str, cells: int, genes: int) -> None:
    with h5py.File(path, "w") as file, ThreadPoolExecutor(2) as threads:
        _frame(file, cells, genes)
        group = file.create_group("X")
        group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": (cells, genes)})
        data, indices = _Column(group, "data", "f4", codec), _Column(group, "indices", "i4", codec)
        ends = [np.zeros(1, dtype=np.int64)]
        for block, _ in parts(cells, genes):
            data.add(block.data, threads)
            indices.add(block.indices, threads)
            ends.append(ends[-1][-1] + block.indptr[1:].astype(np.int64))
        data.add(np.empty(0), threads, last=True)
        indices.add(np.empty(0), threads, last=True)
        group["indptr"] = np.concatenate(ends)


def _whole(cells: int, genes: int) -> ad.AnnData:
    """The screen in memory, for layouts that are not written chunk by chunk."""
    X = sp.vstack([block for block, _ in parts(cells, genes)], format="csr")
    return ad.AnnData(X, obs=_all_labels(cells, genes), var=pd.DataFrame(index=[f"GENE{i}" for i in range(genes)]))


def _csc(path: Path, codec: str, cells: int, genes: int) -> None:
    adata = _whole(cells, genes)
    adata.X = adata.X.tocsc()
    adata.write_h5ad(path, compression=None if codec == "none" else codec)


def _dense(path: Path, codec: str, cells: int, genes: int) -> None:
    with h5py.File(path, "w") as file:
        _frame(file, cells, genes)
        kind = {} if codec == "none" else {"compression": codec, "chunks": (64, min(2048, genes))}
        X = file.create_dataset("X", (cells, genes), "f4", **kind)
        X.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
        at = 0
        for block, _ in parts(cells, genes):
            X[at : at + block.shape[0]] = block.toarray()
            at += block.shape[0]


def _zarr(path: Path, codec: str, cells: int, genes: int) -> None:
    _whole(cells, genes).write_zarr(path)


def _several(path: Path, codec: str, cells: int, genes: int) -> None:
    path.mkdir(exist_ok=True)
    for k in range(2):
        _csr(path / f"part{k}.h5ad", codec, cells // 2, genes)


def _parquet(path: Path, codec: str, cells: int, genes: int) -> None:
    (path / "data").mkdir(parents=True, exist_ok=True)
    (path / "metadata").mkdir(exist_ok=True)
    names = [f"GENE{i}" for i in range(genes)]
    table = {"gene_symbol": names, "ensembl_id": names, "token_id": np.arange(3, genes + 3)}
    pq.write_table(pa.table(table), path / "metadata" / "gene_metadata.parquet")
    writer, first = None, 0
    for block, at in parts(cells, genes):
        obs = labels(at, first, genes)
        first += len(at)
        ends = block.indptr + np.arange(len(at) + 1)
        tokens, values = np.empty(ends[-1], dtype=np.int64), np.empty(ends[-1], dtype=np.float32)
        inner = np.ones(len(tokens), dtype=bool)
        inner[ends[:-1]] = False
        tokens[inner], values[inner] = block.indices + 3, block.data
        tokens[~inner], values[~inner] = 1, -2.0
        drug = [f"[('{'DMSO_TF' if p == CONTROL else p}', {float(p != CONTROL)}, 'uM')]" for p in obs["perturbation"]]
        lists = {
            "genes": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(tokens)),
            "expressions": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(values)),
        }
        columns = {"drugname_drugconc": drug, "cell_line_id": ["line"] * len(at), "plate": obs["batch"].tolist()}
        rows = pa.table({**lists, **columns, "BARCODE_SUB_LIB_ID": obs.index.tolist()})
        writer = writer or pq.ParquetWriter(path / "data" / "train-00000.parquet", rows.schema, compression="snappy")
        writer.write_table(rows, row_group_size=1000)
    writer.close()


WRITERS = {"csr": _csr, "csc": _csc, "dense": _dense, "zarr": _zarr, "parquet": _parquet, "several": _several}
