"""Many tests at once: Benjamini-Hochberg and Holm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def benjamini_hochberg(p: Array) -> Array:
    """Adjust p-values to control the false discovery rate (Benjamini and Hochberg 1995).

    Parameters
    ----------
    p
        (n,) p-values; NaN takes no part.

    Returns
    -------
    (n,) adjusted p-values, NaN where p is.
    """
    out = np.full(len(p), np.nan)
    at = np.flatnonzero(np.isfinite(p))
    if len(at):
        order = at[np.argsort(p[at], kind="stable")]
        scaled = p[order] * len(at) / np.arange(1, len(at) + 1)
        out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out


def holm(p: Array) -> Array:
    """Adjust p-values to control the family-wise error rate (Holm 1979); NaN takes no part."""
    out = np.full(len(p), np.nan)
    at = np.flatnonzero(np.isfinite(p))
    if len(at):
        order = at[np.argsort(p[at], kind="stable")]
        scaled = p[order] * np.arange(len(at), 0, -1)
        out[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return out
