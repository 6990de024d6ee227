"""Bands: items of like size, among which labels may trade places."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def even_bands(values: Array, parts: int) -> Codes:
    """(n,) band of each value, 0 the lowest, of ``parts`` bands of equal size as far as ties, kept together, allow.

    Values that are NaN are a band of their own, numbered ``parts``.
    """
    out = np.full(len(values), parts, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(values))
    if len(known):
        rank = scipy.stats.rankdata(np.round(values[known], 12))
        out[known] = ((rank - 0.5) * parts / len(known)).astype(np.int64)
    return out


def bands_by_kind(size: Array, kind: NDArray[np.integer], least: int, most: int) -> Codes:
    """Bands of items of one kind and similar size.

    Parameters
    ----------
    size
        (n,) finite.
    kind
        (n,) codes.
    least, most
        Items a band has, ties aside, and bands a kind is cut into at most. A kind of fewer items is one band.

    Returns
    -------
    (n,) codes.
    """
    out = np.zeros(len(size), dtype=np.int64)
    n_bands = 0
    for own in np.unique(kind):
        at = np.flatnonzero(kind == own)
        parts = max(1, min(most, len(at) // least))
        out[at] = n_bands + even_bands(size[at], parts)
        n_bands += parts
    return out
