"""Matched sets: random sets of genes that are alike in level and variability, and a set's activity beside them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import join
from vcassay.arrays.permutations import permute_within

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

MOST_BANDS = 5
"""Bands of each property; fewer where bins would hold too few genes."""
GENES_A_BIN = 20


def matched_bins(properties: Array, use: NDArray[np.bool_]) -> Codes:
    """Bins of genes that are alike in every property, by quantiles.

    Parameters
    ----------
    properties
        (p, g) such as level and variability; finite where ``use``. Quantiles of the second are taken within a band of
        the first, and so on, so that bins are of like size.
    use
        (g,) genes that take part.

    Returns
    -------
    (g,) codes from 0, -1 for genes that take no part.
    """
    at = np.flatnonzero(use)
    p = len(properties)
    bands = int(np.clip((len(at) / GENES_A_BIN) ** (1.0 / max(p, 1)), 1, MOST_BANDS))
    code = np.zeros(len(at), dtype=np.int64)
    for row in properties[:, at]:
        band = np.zeros(len(at), dtype=np.int64)
        for own in range(int(code.max(initial=-1)) + 1):
            here = np.flatnonzero(code == own)
            order = here[np.lexsort((here, row[here]))]
            band[order] = np.arange(len(order)) * bands // max(len(order), 1)
        code = join(code, band)
    out = np.full(len(use), -1, dtype=np.int64)
    out[at] = code
    return out


def matched_scores(values: Array, weights: Array, bins: Codes) -> Array:
    """How many standard deviations a set's weighted sum lies above that of matched random sets, in closed form.

    A matched random set has the same weights, dealt anew among the genes of each bin. With m_b and s_b^2 the mean and
    the population variance of an effect over the n_b genes of a bin, and W_b and Q_b the sums of the set's weights and
    of their squares there, the sum over a random set has the mean sum_b W_b m_b and the variance
    sum_b s_b^2 n_b / (n_b - 1) (Q_b - W_b^2 / n_b): sampling without replacement.

    Parameters
    ----------
    values
        (n, g) effects.
    weights
        (g, k) 0 for genes that are not in a set.
    bins
        (g,) from `matched_bins`; genes of -1 count for nothing.

    Returns
    -------
    (n, k); the normal quantile of the share of matched sets below it, exact in its first two moments. NaN for an
    effect with NaN, and where all matched sets are equal.
    """
    at = np.flatnonzero(bins >= 0)
    b = int(bins.max(initial=-1)) + 1
    one = np.zeros((len(at), b))
    one[np.arange(len(at)), bins[at]] = 1.0
    size = one.sum(axis=0)
    v, w = values[:, at], weights[at]
    mean = (v @ one) / size
    variance = np.maximum((v * v) @ one / size - mean**2, 0.0)
    total, square = one.T @ w, one.T @ (w * w)
    spread = np.where(size[:, None] > 1, (square - total**2 / size[:, None]), 0.0)
    spread *= (size / np.maximum(size - 1, 1))[:, None]
    deviation = np.sqrt(np.maximum(variance @ spread, 0.0))
    above = v @ w - mean @ total
    scale = np.sqrt((v * v).sum(axis=1))[:, None] * np.sqrt((w * w).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(deviation > 1e-9 * scale, above / deviation, np.nan))


def draw_matched(weights: Array, bins: Codes, draws: int, rng: np.random.Generator) -> Array:
    """(g, draws) a set's weights dealt anew among the genes of each bin."""
    out = np.zeros((len(bins), draws))
    for own in range(int(bins.max(initial=-1)) + 1):
        at = np.flatnonzero(bins == own)
        if np.any(weights[at]):
            order = permute_within(np.zeros(len(at), dtype=np.int64), draws, rng)
            out[at] = weights[at][order].T
    return out


def draw_sets(members: Codes, allowed: NDArray[np.bool_], bin_of: Codes, draws: int, rng: np.random.Generator) -> Codes:
    """Draw sets of allowed genes, as many in each bin as the members have.

    Parameters
    ----------
    members
        (k,) positions of the set that is matched.
    allowed
        (g,) genes that may be drawn; members take no part. A bin with too few gives all that it has, and the
        nearest bins the rest.
    bin_of
        (g,) codes, near codes being alike.

    Returns
    -------
    (draws, k) positions, without repetition within a draw; fewer columns if fewer genes are allowed.
    """
    free = allowed.copy()
    free[members] = False
    pools = {int(b): np.flatnonzero(free & (bin_of == b)) for b in np.unique(bin_of[free])}
    wanted = dict.fromkeys(pools, 0)
    for b in bin_of[members].tolist():
        near = sorted((abs(c - b), c) for c in pools if wanted[c] < len(pools[c]))
        if near:
            wanted[near[0][1]] += 1
    parts = []
    for b in sorted(pools):
        order = permute_within(np.zeros(len(pools[b]), dtype=np.int64), draws, rng)
        parts.append(pools[b][order[:, : wanted[b]]])
    return np.concatenate(parts, axis=1) if parts else np.empty((draws, 0), dtype=np.int64)
