"""Matrix: values with their labels, written as .h5ad part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

Blocks = Callable[[NDArray[np.int64], NDArray[np.int64]], Iterator[NDArray[np.float32]]]
"""Gives the wanted rows and columns, some rows at a time."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Values, one row a profile.

    Attributes
    ----------
    obs, var
        Labels of rows and columns.
    blocks
        Gives the values; ``None`` where ``sparse`` holds them.
    sparse
        (n, g) counts.
    """

    obs: pd.DataFrame
    var: pd.DataFrame
    blocks: Blocks | None
    sparse: sparse.csr_matrix | None = None

    @classmethod
    def held(cls, X: NDArray[np.float32], obs: pd.DataFrame, var: pd.DataFrame) -> Matrix:
        """Values in memory."""
        return cls(obs, var, lambda rows, columns: iter([X[np.ix_(rows, columns)]]))

    def write(self, path: Path, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        """Write the wanted rows and columns as .h5ad."""
        obs, var = self.obs.iloc[rows], self.var.iloc[columns]
        if self.sparse is not None:
            ad.AnnData(X=self.sparse[rows][:, columns].tocsr(), obs=obs, var=var).write_h5ad(path)
            return
        ad.AnnData(obs=obs, var=var).write_h5ad(path)
        with h5py.File(path, "r+") as file:
            file.pop("X", None)
            stored: Any = file.create_dataset("X", shape=(len(rows), len(columns)), dtype=np.float32)
            stored.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
            done = 0
            for block in self.blocks(rows, columns) if self.blocks is not None else ():
                stored[done : done + len(block)] = block
                done += len(block)
