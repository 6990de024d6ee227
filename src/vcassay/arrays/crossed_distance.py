"""Crossed distance: how far two profiles are apart, free of noise, from cross-products of disjoint shards.

The difference of two profiles is measured once in each shard. Products of different shards have the squared distance
as their expectation, whatever the noise, and its standard error follows from the half diallel of these products.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FEWEST_SHARDS = 4
"""Below it a half diallel leaves no degree of freedom for the products' own noise."""
CHUNK_VALUES = 1 << 22
"""Differences that are held at a time."""

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


class Crossed(NamedTuple):
    """Squared distances of pairs of profiles.

    Attributes
    ----------
    distance
        (m,) unbiased mean over genes of the squared difference of the true profiles; may be negative.
    se, df
        (m,) its standard error, and the degrees of freedom of that: those of the shards, n - 1, and where no difference
        between shards is left beside the products' own noise those of the noise, n (n - 3) / 2.
    """

    distance: Array
    se: Array
    df: Array


def crossed_distance(profiles: Array, left: Codes, right: Codes) -> Crossed:
    """Squared distance of pairs of profiles.

    Parameters
    ----------
    profiles
        (c, n, g) of c contexts in n >= 4 disjoint shards.
    left, right
        (m,) the contexts of each pair.

    Returns
    -------
    NaN for a pair with a value that is not finite.

    Notes
    -----
    With u_s the difference in shard s, G_st = <u_s, u_t> / g for s != t is mu + a_s + a_t + r_st: a half diallel
    without parents (Griffing 1956, Aust J Biol Sci 9:463-493, method 4). The estimate is the mean of G; its variance,
    4 var(a) / n + 2 var(r) / (n (n - 1)), holds both far from 0, where a dominates, and at 0, where there is none.
    """
    _, n, g = profiles.shape
    if n < FEWEST_SHARDS:
        raise ValueError(f"{n} shards, where {FEWEST_SHARDS} are needed")
    distance, se, df = (np.full(len(left), np.nan) for _ in range(3))
    step = max(1, CHUNK_VALUES // (n * g))
    off = ~np.eye(n, dtype=np.bool_)
    for start in range(0, len(left), step):
        part = slice(start, start + step)
        u = profiles[left[part]] - profiles[right[part]]
        gram = u @ u.transpose(0, 2, 1) / g
        row = np.where(off, gram, 0.0).sum(axis=2)
        mean = row.sum(axis=1) / (n * (n - 1))
        of_shard = (n - 1) / (n - 2) * (row / (n - 1) - mean[:, None])
        rest = np.where(off, gram - mean[:, None, None] - of_shard[:, :, None] - of_shard[:, None, :], 0.0)
        noise = (rest**2).sum(axis=(1, 2)) / (n * (n - 3))
        between = np.maximum((of_shard**2).sum(axis=1) / (n - 1) - noise / (n - 2), 0.0)
        distance[part] = mean
        se[part] = np.sqrt(4 * between / n + 2 * noise / (n * (n - 1)))
        df[part] = np.where(between > 0, n - 1, n * (n - 3) / 2)
    known = np.isfinite(distance)
    return Crossed(distance, np.where(known, se, np.nan), np.where(known, df, np.nan))


def crossed_variance(profiles: Array) -> Array:
    """(c,) variance over genes of true profiles, free of noise: products of different shards; may be negative."""
    _, n, g = profiles.shape
    centred = profiles - profiles.mean(axis=2, keepdims=True)
    total = centred.sum(axis=1)
    return np.asarray(((total**2).sum(axis=1) - (centred**2).sum(axis=(1, 2))) / (n * (n - 1) * g))


def crossed_correlation(profiles: Array, left: Codes, right: Codes) -> Array:
    """(m,) correlation over genes of pairs of true profiles, free of noise; NaN where a variance is not positive.

    Covariances and variances are means of products of different shards; the correlation may exceed 1.
    """
    _, n, g = profiles.shape
    own = crossed_variance(profiles)
    centred = profiles - profiles.mean(axis=2, keepdims=True)
    total = centred.sum(axis=1)
    out = np.empty(len(left))
    step = max(1, CHUNK_VALUES // (n * g))
    for start in range(0, len(left), step):
        i, j = left[start : start + step], right[start : start + step]
        same = (centred[i] * centred[j]).sum(axis=(1, 2))
        out[start : start + step] = ((total[i] * total[j]).sum(axis=1) - same) / (n * (n - 1) * g)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where((own[left] > 0) & (own[right] > 0), out / np.sqrt(own[left] * own[right]), np.nan))
