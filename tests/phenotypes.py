"""Scalar screens as small tables: cell lines x drugs with one value each, as GDSC and DepMap have them."""

from __future__ import annotations

from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd


class Grid(NamedTuple):
    """True values of a grid: (lines, drugs) their sum, and the interaction alone."""

    truth: np.ndarray
    bias: np.ndarray
    interaction: np.ndarray
    lines: np.ndarray
    drugs: np.ndarray


def grid(lines: int = 12, drugs: int = 24, *, spread: float = 0.6, seed: int = 0) -> Grid:
    """Overall mean + line term + drug term + a low-rank interaction with standard deviation ``spread``."""
    rng = np.random.default_rng(seed)
    bias = 1.0 + rng.normal(0, 0.7, (lines, 1)) + rng.normal(0, 2.0, (1, drugs))
    apart = rng.normal(size=(lines, 3)) @ rng.normal(size=(3, drugs))
    apart -= apart.mean(axis=0) + apart.mean(axis=1, keepdims=True) - apart.mean()
    apart *= spread / apart.std()
    names = np.array([f"line{i:02d}" for i in range(lines)]), np.array([f"drug{i:02d}" for i in range(drugs)])
    return Grid(bias + apart, bias, apart, *names)


def table(made: Grid, values: np.ndarray, keep: np.ndarray | None = None) -> ad.AnnData:
    """One row a condition, in the column ``ln_ic50``."""
    i, j = np.nonzero(np.ones(values.shape, dtype=bool) if keep is None else keep)
    return _adata(pd.DataFrame({"cell_line": made.lines[i], "drug": made.drugs[j]}), values[i, j])


def replicates(made: Grid, n: int, *, noise: float, controls: int = 0, seed: int = 0) -> ad.AnnData:
    """``n`` noisy rows a condition, and ``controls`` rows a line of an untreated control around 0."""
    rng = np.random.default_rng([seed, 1])
    i, j = (np.repeat(x.ravel(), n) for x in np.indices(made.truth.shape))
    obs = pd.DataFrame({"cell_line": made.lines[i], "drug": made.drugs[j]})
    values = made.truth[i, j]
    if controls:
        lines = np.repeat(np.arange(len(made.lines)), controls)
        obs = pd.concat([obs, pd.DataFrame({"cell_line": made.lines[lines], "drug": "DMSO"})], ignore_index=True)
        values = np.concatenate([values, np.zeros(len(lines))])
    return _adata(obs, values + rng.normal(0, noise, len(values)))


def _adata(obs: pd.DataFrame, values: np.ndarray) -> ad.AnnData:
    obs.index = pd.Index([f"row{k}" for k in range(len(obs))], dtype=object)
    var = pd.DataFrame(index=pd.Index(["ln_ic50"], dtype=object))
    return ad.AnnData(X=np.asarray(values, dtype=np.float64)[:, None], obs=obs, var=var)
