"""Retrieval: whether a prediction is nearest to its own truth among the panel's."""

from __future__ import annotations

import numba
import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads
from vcassay.arrays.tiles import product

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
    return np.asarray(1.0 - product(unit_a, unit_b.T))


def squared_distances(a: Array, b: Array) -> Array:
    """(n, m) squared Euclidean distances; a row with NaN at NaN."""
    aa, bb = (a * a).sum(axis=1)[:, None], (b * b).sum(axis=1)[None]
    return np.asarray(np.maximum(aa + bb - 2.0 * product(a, b.T), 0.0))


@numba.njit(cache=True, nogil=True)
def _absolute(first: int, last: int, a: Array, b: Array, out: Array) -> None:
    for i in range(first, last):
        for k in range(len(b)):
            total = 0.0
            for start in range(0, a.shape[1], 256):
                s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
                end = min(start + 256, a.shape[1])
                j = start
                while j + 4 <= end:
                    s0 += abs(a[i, j] - b[k, j])
                    s1 += abs(a[i, j + 1] - b[k, j + 1])
                    s2 += abs(a[i, j + 2] - b[k, j + 2])
                    s3 += abs(a[i, j + 3] - b[k, j + 3])
                    j += 4
                while j < end:
                    s0 += abs(a[i, j] - b[k, j])
                    j += 1
                total += (s0 + s1) + (s2 + s3)
            out[i, k] = total


def absolute_distances(a: Array, b: Array) -> Array:
    """(n, m) sums of absolute differences; a row with NaN at NaN."""
    out = np.empty((len(a), len(b)))
    dense = [np.ascontiguousarray(m, dtype=np.float64) for m in (a, b)]
    in_threads(_absolute, len(a), *dense, out)
    return out


def gaussian_distances(pred: Array, mean: Array, variance: Array) -> Array:
    """Minus the log-likelihood of mean profiles under classes of a common diagonal covariance.

    The log-probability that a linear discriminant gives to a cell is linear in the cell, so that its
    average over a population is what it gives to the population's mean.

    Parameters
    ----------
    pred
        (n, g) mean profiles.
    mean
        (m, g) class means.
    variance
        (g,) within-class variances; a gene whose variance is not above 0 takes no part.

    Returns
    -------
    Squared Mahalanobis distances; NaN where no gene takes part.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.sqrt(np.where(variance > 0, 1.0 / variance, 0.0))
    if not weight.any():
        return np.full((len(pred), len(mean)), np.nan)
    return squared_distances(pred * weight, mean * weight)


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
    nearer, tied, rivals = place(distance, tolerance=tolerance)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(rivals > 0, 1.0 - (nearer + tied / 2.0) / rivals, np.nan)


def place(
    distance: Array, kin: NDArray[np.integer] | None = None, tolerance: float = 1e-12
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where each row's own candidate stands.

    Parameters
    ----------
    distance
        (m, m), the own candidate of row i in column i.
    kin
        (m,) codes: candidates of the same code are no rivals.

    Returns
    -------
    Rivals that are nearer, that are tied, and in all, (m,) each; none where the own distance is NaN.
    """
    own = np.diagonal(distance)[:, None]
    gap = distance - own
    valid = np.isfinite(gap)
    if kin is not None:
        valid &= kin[:, None] != kin[None]
    np.fill_diagonal(valid, val=False)
    nearer = (valid & (gap < -tolerance)).sum(axis=1)
    tied = (valid & (np.abs(gap) <= tolerance)).sum(axis=1)
    return nearer, tied, valid.sum(axis=1)


def top_hits(distance: Array, k: int, tolerance: float = 1e-12) -> Array:
    """Whether a row's own candidate is among the k nearest, freed of chance.

    Returns
    -------
    (m,) 1 for a hit and 0 for a miss, of which (k / m) is taken off and the rest scaled to 1; a tie counts as
    the share of its orders that are hits. NaN with fewer than two candidates, or no more than k.
    """
    nearer, tied, rivals = place(distance, tolerance=tolerance)
    hit = np.clip((k - nearer) / (tied + 1.0), 0.0, 1.0)
    chance = k / (rivals + 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((rivals > 0) & (k <= rivals), (hit - chance) / (1.0 - chance), np.nan)


def reciprocal_rank(distance: Array, tolerance: float = 1e-12) -> Array:
    """1 / rank of the own candidate, freed of chance: 0 for a random order, 1 for the first.

    Returns
    -------
    (m,), of ties the mean over their orders, so that a row without preference has 0; NaN with fewer than two
    candidates.
    """
    nearer, tied, rivals = place(distance, tolerance=tolerance)
    harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, distance.shape[1] + 2))])
    chance = harmonic[rivals + 1] / (rivals + 1)
    own = (harmonic[nearer + tied + 1] - harmonic[nearer]) / (tied + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rivals > 0, (own - chance) / (1.0 - chance), np.nan)


def matching(distance: Array) -> Array:
    """Whether the assignment of predictions to truths with the least total distance gives each its own.

    Returns
    -------
    (m,) 1 or 0, of which chance (1 / m) is taken off and the rest scaled to 1; NaN for a row with a NaN, and with
    fewer than two rows. Of assignments with the same total, one that misses counts.
    """
    m = len(distance)
    out = np.full(m, np.nan)
    rows = np.flatnonzero(np.isfinite(distance).all(axis=1))
    if m < 2 or not len(rows):
        return out
    if np.ptp(distance[rows]) <= 1e-12:  # nothing to choose by
        out[rows] = 0.0
        return out
    cost = distance[rows].copy()
    cost[np.arange(len(rows)), rows] += 1e-9 * np.ptp(cost)
    chosen = scipy.optimize.linear_sum_assignment(cost)[1]
    out[rows] = ((chosen == rows) - 1.0 / m) / (1.0 - 1.0 / m)
    return out
