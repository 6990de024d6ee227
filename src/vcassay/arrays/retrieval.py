"""Retrieval: whether a prediction is nearest to its own truth among the panel's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def cosine_distances(a: Array, b: Array) -> Array:
    """Pairwise 1 - cosine.

    Returns
    -------
    (n, m); a row of length zero is at distance 1 from all (methods 8), a row with NaN at NaN.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        na = np.sqrt((a * a).sum(axis=1, keepdims=True))
        nb = np.sqrt((b * b).sum(axis=1, keepdims=True))
        unit_a = np.where(na > 0, a / na, np.where(np.isnan(na), np.nan, 0.0))
        unit_b = np.where(nb > 0, b / nb, np.where(np.isnan(nb), np.nan, 0.0))
    return np.asarray(1.0 - unit_a @ unit_b.T)


def discrimination(distance: Array, tolerance: float = 1e-12) -> Array:
    """Perturbation discrimination score of each row.

    Row i of ``distance`` holds the distances of prediction i to the truths of all candidates, its
    own in column i. With k candidates strictly nearer and t others tied with its own truth,
    PDS = 1 - (k + t / 2) / (m - 1).

    Parameters
    ----------
    distance
        (m, m). Distances that differ by less than ``tolerance`` are tied: mid-rank.

    Returns
    -------
    (m,) in [0, 1], .5 by chance; NaN where the row is NaN or m < 2. Candidates whose truth is
    undefined (a NaN column) are not counted.
    """
    m = len(distance)
    if m < 2:
        return np.full(m, np.nan)
    own = np.diagonal(distance)[:, None]
    gap = distance - own
    valid = np.isfinite(gap)
    np.fill_diagonal(valid, val=False)
    nearer = (valid & (gap < -tolerance)).sum(axis=1)
    tied = (valid & (np.abs(gap) <= tolerance)).sum(axis=1)
    rivals = valid.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(rivals > 0, 1.0 - (nearer + tied / 2.0) / rivals, np.nan)
