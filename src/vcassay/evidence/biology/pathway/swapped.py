"""Swapped: differences between contexts of two kinds within an agent, and what they are with the kinds permuted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def differences(values: Array, kind: Array) -> Array:
    """Mean of each agent over contexts of one kind less that over the other, for every pattern of kinds.

    Parameters
    ----------
    values
        (p, c) of agents in contexts, NaN where not measured.
    kind
        (h, c) 1, 0, or NaN for a context that is of neither kind, in each pattern.

    Returns
    -------
    (p, h); NaN where an agent was not measured in both kinds.
    """
    known = np.isfinite(values)
    filled, have = np.where(known, values, 0.0), known.astype(np.float64)
    one, none = (kind == 1).astype(np.float64), (kind == 0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        high = (filled @ one.T) / (have @ one.T)
        low = (filled @ none.T) / (have @ none.T)
    return np.asarray(high - low)


def permuted_contexts(kind: Array, keys: Array) -> Array:
    """Permute the kinds of contexts among those that have one.

    Parameters
    ----------
    kind
        (c,) 1, 0 or NaN.
    keys
        (draws, c) random keys: several patterns permuted by the same keys stay together.

    Returns
    -------
    (draws, c).
    """
    at = np.flatnonzero(np.isfinite(kind))
    out = np.full(keys.shape, np.nan)
    out[:, at] = kind[at][np.argsort(keys[:, at], axis=1)]
    return out
