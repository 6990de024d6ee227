"""Seal a small study, tamper with its truth, and open it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from vcassay.run.seal import open_seal, seal_truth, sealed_rows
from vcassay.run.stage1 import split_of
from vcassay.run.task import write_task
from vcassay.screen import CONTROL


def sealed(study: Path) -> Path:
    folder = study.parent / "task"
    write_task(study, folder)
    seal_truth(study, folder)
    return folder


def opened(folder: Path) -> list[str]:
    return open_seal(folder / "task" / "seal.json", folder / "task.key.json", folder / "study.toml")


def rewrite(folder: Path, change: Callable[[ad.AnnData], ad.AnnData | None]) -> None:
    path = folder / "screen.h5ad"
    adata = ad.read_h5ad(path)
    adata = change(adata) or adata
    path.unlink()
    adata.write_h5ad(path)


def held_out(folder: Path, control: bool = False) -> np.ndarray:
    split, screen = split_of(folder / "study.toml")
    with screen:
        at = sealed_rows(screen, split, 0)
        return at[(screen.table.condition[at] == CONTROL) == control]


def add_one(row: int, gene: int = 3) -> Callable[[ad.AnnData], None]:
    def change(adata: ad.AnnData) -> None:
        dense = adata.X.toarray()
        dense[row, gene] += 1
        adata.X = sp.csr_matrix(dense)

    return change


def swap(column: str, a: int, b: int) -> Callable[[ad.AnnData], None]:
    def change(adata: ad.AnnData) -> None:
        values = adata.obs[column].astype(str).to_numpy().copy()
        assert values[a] != values[b]
        values[[a, b]] = values[[b, a]]
        adata.obs[column] = pd.Categorical(values)

    return change
