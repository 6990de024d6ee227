"""Screens whose truth is planted by hand: plainer than, and independent of, `vcassay.simulate`."""

from __future__ import annotations

from typing import Any, NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from vcassay.effects import Effects
from vcassay.screen import Design, Readout, Rows, Screen, make_screen

TARGET_SUM = 1e4


class Planted(NamedTuple):
    """A screen, and the true effect of each of its conditions in the screen's order."""

    screen: Screen
    truth: np.ndarray


def genes(n: int) -> list[str]:
    return [f"GENE{i:03d}" for i in range(n)]


def biology(seed: int, n: int, g: int, *, n_batches: int = 1, batch_sd: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """(n, g) unit effects on log rates, and (batches, g) log rates of controls."""
    rng = np.random.default_rng(seed)
    base = rng.normal(0.0, 0.7, g) + batch_sd * rng.standard_normal((n_batches, g))
    return rng.standard_normal((n, g)), base


def shares(log_rate: np.ndarray) -> np.ndarray:
    rate = np.exp(log_rate)
    return np.asarray(rate / rate.sum(axis=-1, keepdims=True))


def count_cells(
    seed: int,
    effect: np.ndarray,
    base: np.ndarray,
    *,
    cells: tuple[int, ...] = (40,),
    controls: tuple[int, ...] = (80,),
    depth: tuple[float, ...] = (2000.0,),
    depth_spread: float = 0.2,
    dtype: Any = np.float32,
) -> Planted:
    """Poisson cells of one context, batch by batch.

    Parameters
    ----------
    seed
        Draws the cells; the truth depends on ``effect`` and ``base`` alone.
    effect
        (n, g) change of log rate.
    base
        (batches, g) log rate of controls.
    cells, controls, depth
        One number a batch: cells of each condition, control cells, mean counts a cell.
    """
    rng = np.random.default_rng(seed)
    n, g = effect.shape
    n_batches = len(base)
    cells, controls, depth = (v * n_batches if len(v) == 1 else v for v in (cells, controls, depth))
    label, batch = [], []
    for b in range(n_batches):
        label += [p for p in range(n) for _ in range(cells[b])] + [-1] * controls[b]
        batch += [b] * (n * cells[b] + controls[b])
    who, where = np.array(label), np.array(batch)
    change = np.vstack([effect, np.zeros(g)])
    rate = shares(base[where] + change[who])
    each = np.array(depth)[where] * rng.lognormal(-(depth_spread**2) / 2, depth_spread, len(where))
    counts = sp.csr_matrix(rng.poisson(rate * each[:, None]).astype(dtype))
    obs = pd.DataFrame(
        {
            "perturbation": ["control" if w < 0 else f"P{w:02d}" for w in who],
            "batch": [f"b{b}" for b in where],
        },
        index=[f"cell{i}" for i in range(len(who))],
    )
    weight = np.array(cells) * np.array(depth)
    weight = weight / weight.sum()
    perturbed = np.einsum("b,bng->ng", weight, shares(base[:, None, :] + effect[None]))
    unperturbed = weight @ shares(base)
    truth = np.log1p(TARGET_SUM * perturbed) - np.log1p(TARGET_SUM * unperturbed)
    adata = ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=genes(g)))
    return Planted(make_screen(adata, Design("perturbation", batch="batch")), truth)


def vectors(
    seed: int,
    effect: np.ndarray,
    *,
    rows: Rows = Rows.REPLICATES,
    readout: Readout = Readout.CONTINUOUS,
    n_rows: int = 6,
    n_controls: tuple[int, ...] = (16,),
    noise: float = 0.5,
    missing: float = 0.0,
    batch_sd: float = 1.0,
    level: float = 0.0,
) -> Planted:
    """Gaussian rows of a continuous readout; a condition's rows take the batches in turn.

    Parameters
    ----------
    effect
        (n, g) true effects.
    n_controls
        Control rows of each batch.
    level
        Added to all values, to keep them positive.
    missing
        Share of NaN.
    """
    rng = np.random.default_rng(seed)
    n, g = effect.shape
    n_batches = max(1, len(n_controls))
    shift = batch_sd * rng.standard_normal((n_batches, g)) * (n_batches > 1)
    who = np.repeat(np.arange(n), n_rows)
    where = np.arange(len(who)) % n_rows % n_batches
    if rows is not Rows.EFFECTS:
        who = np.concatenate([who, np.full(sum(n_controls), -1)])
        where = np.concatenate([where, np.repeat(np.arange(n_batches), n_controls)])
    values = np.vstack([effect, np.zeros(g)])[who] + shift[where] + level
    values = values + noise * rng.standard_normal(values.shape)
    values[rng.random(values.shape) < missing] = np.nan
    obs = pd.DataFrame(
        {"perturbation": ["control" if w < 0 else f"P{w:02d}" for w in who], "batch": [f"b{b}" for b in where]},
        index=[f"row{i}" for i in range(len(who))],
    )
    control = () if rows is Rows.EFFECTS else ("control",)
    design = Design("perturbation", control=control, batch="batch", rows=rows, readout=readout)
    return Planted(make_screen(ad.AnnData(values, obs=obs, var=pd.DataFrame(index=genes(g))), design), effect)


def reordered(screen: Screen, *, rows: np.ndarray | None = None, columns: np.ndarray | None = None) -> Screen:
    """The same screen with its rows or genes in another order."""
    adata = screen.adata
    if rows is not None:
        adata = adata[rows]
    if columns is not None:
        adata = adata[:, columns]
    adata = adata.copy()
    if sp.issparse(adata.X):
        adata.X.sort_indices()  # as a file in this order would be written
    return make_screen(adata, screen.design, name=screen.name)


MATRICES = ("delta", "delta_train", "control", "control_train", "se", "half_mean", "cross", "half_a", "half_b", "mask")
VECTORS = ("reliability", "size", "p_value", "detectable", "assessed", "stratum", "n_rows", "n_control", "matched")


def differences(a: Effects, b: Effects, columns: np.ndarray | None = None, *, atol: float = 0.0) -> list[str]:
    """Names of what differs by more than ``atol``, the genes of ``b`` brought back by ``columns``."""
    found = []
    for name in (*MATRICES, *VECTORS):
        x, y = getattr(a, name), getattr(b, name)
        if name in MATRICES and columns is not None:
            back = np.empty_like(columns)
            back[columns] = np.arange(len(columns))
            y = y[:, back]
        exact = x.dtype.kind in "bU"
        if not (np.array_equal(x, y) if exact else np.allclose(x, y, rtol=0.0, atol=atol, equal_nan=True)):
            found.append(name)
    return found
