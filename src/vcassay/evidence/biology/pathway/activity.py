"""Activity: how far effects move gene sets, by decoupler where it is installed, else by a plain enrichment."""

from __future__ import annotations

import importlib
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.arrays import enrichment

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ULM = "univariate linear models (decoupler)"
PLAIN = "mean of the set against the other genes (decoupler is not installed: `pip install vcassay[biology]`)"
"""How activities are measured, in words."""


def decoupler() -> ModuleType | None:
    """decoupler, version 2 or later, if it is installed; the one place where it is imported."""
    try:
        module = importlib.import_module("decoupler")
    except ImportError:
        return None
    return module if hasattr(module, "mt") else None


def activities(values: Array, weights: Array, scored: Mask, *, use_decoupler: bool | None = None) -> tuple[Array, str]:
    """Activity of every gene set in every effect.

    By decoupler's univariate linear model the t value of the slope of an effect on a set's weights; plainly, its
    projection on the centred unit weights (`vcassay.arrays.enrichment.activities`). Within an effect both order sets
    alike and give them one sign: t = r sqrt((m - 2) / (1 - r^2)) over m genes, r being the projection over the length
    of the centred effect. So no rank of a set among random sets depends on which it was.

    Parameters
    ----------
    values
        (n, g) effects, finite on scored genes.
    weights
        (g, k) weights of genes in sets.
    scored
        (g,) genes that count.
    use_decoupler
        ``False`` does without; ``None`` uses it where it is installed.

    Returns
    -------
    (n, k), NaN for a set of equal weights on all scored genes and for an effect that is the same on all genes; and
    how it was measured.
    """
    package = None if use_decoupler is False else decoupler()
    if package is None or not len(values) or not weights.shape[1]:
        return enrichment.activities(values, weights, scored), PLAIN
    at = np.flatnonzero(scored)
    names = np.char.add("g", at.astype(str))
    frame = pd.DataFrame(values[:, at], index=[f"e{i}" for i in range(len(values))], columns=names)
    gene, column = np.nonzero(weights[at])
    net = pd.DataFrame(
        {"source": np.char.add("s", column.astype(str)), "target": names[gene], "weight": weights[at][gene, column]}
    )
    out = np.full((len(values), weights.shape[1]), np.nan)
    alive = np.ptp(values[:, at], axis=1) > 0
    varied = np.ptp(weights[at], axis=0) > 0
    if not alive.any() or not varied.any():
        return out, ULM
    net = net[np.isin(column, np.flatnonzero(varied))]
    score, _ = package.mt.ulm(frame[alive], net, tmin=1)
    keys = np.asarray([int(name[1:]) for name in score.columns], dtype=np.int64)
    out[np.ix_(np.flatnonzero(alive), keys)] = score.to_numpy(dtype=np.float64)
    return out, ULM
