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


def benjamini_hochberg_rows(p: Array) -> Array:
    """Adjust each row on its own, as `benjamini_hochberg` does.

    Parameters
    ----------
    p
        (families, n) p-values; NaN takes no part.

    Returns
    -------
    (families, n) adjusted p-values, NaN where p is.
    """
    order = np.argsort(p, axis=1)  # NaN last; equal p-values come out alike in any order
    scaled = np.take_along_axis(p, order, axis=1)
    gaps = np.isnan(scaled)
    scaled *= (~gaps).sum(axis=1, keepdims=True) / np.arange(1, p.shape[1] + 1)
    scaled[gaps] = np.inf
    backwards = scaled[:, ::-1]
    np.minimum.accumulate(backwards, axis=1, out=backwards)
    np.minimum(scaled, 1.0, out=scaled)
    scaled[gaps] = np.nan
    out = np.empty_like(scaled)
    np.put_along_axis(out, order, scaled, axis=1)
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
