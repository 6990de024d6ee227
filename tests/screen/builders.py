"""Small screens with known labels, and what an error sentence must look like."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from vcassay.core import InputError

GENES = [f"GENE{i}" for i in range(12)]


def frame(**columns: Any) -> pd.DataFrame:
    """obs with text as row names, as AnnData wants them."""
    table = pd.DataFrame(columns)
    table.index = pd.Index([f"cell{i}" for i in range(len(table))])
    return table


def poisson(n: int, seed: int = 1) -> np.ndarray:
    """(n, 12) counts."""
    return np.random.default_rng(seed).poisson(3.0, (n, len(GENES))).astype(np.float32)


def normalised(n: int, target: float = 1e4) -> np.ndarray:
    """(n, 12) log1p of counts brought to one total."""
    counts = poisson(n) + 1.0
    return np.log1p(target * counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)


def build(obs: pd.DataFrame, X: Any = None, **more: Any) -> ad.AnnData:
    """An AnnData on these rows; Poisson counts unless a matrix is given."""
    X = poisson(len(obs)) if X is None else X
    return ad.AnnData(X, obs=obs, var=pd.DataFrame(index=GENES[: X.shape[1]]), **more)


def write(adata: ad.AnnData, path: Path) -> Path:
    """Write h5ad, or zarr by the suffix; of the latter anndata announces that its default will change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".zarr":
            adata.write_zarr(path)
        else:
            adata.write_h5ad(path)
    return path


def check_sentence(error: InputError, *parts: str) -> None:
    """One line, one sentence, and it says these parts."""
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")
    assert not text.endswith(("..", "?.", " ."))
    for part in parts:
        assert part in text, f"'{part}' is not in: {text}"
