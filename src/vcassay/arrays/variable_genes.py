"""Scores by which genes are usually chosen: dispersion and standardised variance, from moments of cells.

Each takes the mean and the variance of g genes over some cells and returns one score a gene: the highest are chosen,
-inf never is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

BINS = 20
"""Bins of mean expression in which dispersions are standardised (scanpy's default)."""
SPAN = 0.3
"""Share of the genes in each local fit of the trend of variance (Seurat v3's default)."""
KNOTS = 60
"""Points at which the trend is fitted; it is linear in between."""


def dispersion_score(mean: Array, variance: Array) -> Array:
    """Normalised dispersion of Seurat v1 (scanpy's flavour ``seurat``).

    The log of variance over mean, standardised among genes of similar log mean: equal-width bins; a gene alone in its
    bin has 1.

    Parameters
    ----------
    mean, variance
        (g,) of normalised values that are not logged; the variance with n - 1 below.

    Notes
    -----
    Satija et al. 2015, doi:10.1038/nbt.3192.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(np.where(variance > 0, variance / np.maximum(mean, 1e-12), np.nan))
    x = np.log1p(np.maximum(mean, 1e-12))
    low, high = float(x.min(initial=np.inf)), float(x.max(initial=-np.inf))
    width = (high - low) / BINS if high > low else 1.0
    place = np.clip(np.ceil((x - low) / width).astype(np.int64) - 1, 0, BINS - 1)  # closed on the right, as pandas cuts
    known = np.isfinite(log)
    count = np.bincount(place[known], minlength=BINS)
    centre = np.bincount(place[known], weights=log[known], minlength=BINS) / np.maximum(count, 1)
    square = np.bincount(place[known], weights=(log[known] - centre[place[known]]) ** 2, minlength=BINS)
    spread = np.sqrt(square / np.maximum(count - 1, 1))
    alone = count[place] == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(alone, 1.0, (log - centre[place]) / spread[place])
    return np.asarray(np.where(known & np.isfinite(score), score, -np.inf))


def percentile_dispersion_score(mean: Array, variance: Array) -> Array:
    """Normalised dispersion of Cell Ranger (scanpy's flavour ``cell_ranger``).

    Variance over mean, minus the median and divided by the median absolute deviation of genes of similar mean: bins
    between the percentiles 10, 15, ... of the mean.

    Notes
    -----
    Zheng et al. 2017, doi:10.1038/ncomms14049.
    """
    value = np.where(variance > 0, variance / np.maximum(mean, 1e-12), np.nan)
    edges = np.percentile(mean, np.arange(10, 105, 5)) if len(mean) else np.zeros(1)
    place = np.searchsorted(edges, mean, side="left")
    score = np.full(len(mean), -np.inf)
    for b in np.unique(place):
        at = np.flatnonzero((place == b) & np.isfinite(value))
        if not len(at):
            continue
        middle = np.median(value[at])
        deviation = np.median(np.abs(value[at] - middle))
        if deviation > 0:
            score[at] = (value[at] - middle) / deviation
    return score


def standardised_variance(mean: Array, variance: Array) -> Array:
    """Variance of counts over what its trend expects (``vst`` of Seurat v3, scanpy's ``seurat_v3``).

    The trend is a local quadratic of log10 variance on log10 mean. Standardised counts are not clipped here, which
    takes a second pass over the cells; genes with a few very high counts rank higher for it.

    Parameters
    ----------
    mean, variance
        (g,) of counts; the variance with n - 1 below.

    Notes
    -----
    Stuart et al. 2019, doi:10.1016/j.cell.2019.05.031.
    """
    known = (mean > 0) & (variance > 0)
    score = np.full(len(mean), -np.inf)
    if known.sum() < 4:
        score[known] = variance[known]
        return score
    x, y = np.log10(mean[known]), np.log10(variance[known])
    score[known] = y - local_quadratic(x, y)
    return score


def local_quadratic(x: Array, y: Array, span: float = SPAN, knots: int = KNOTS) -> Array:
    """Local regression of degree 2 with tricube weights (Cleveland & Devlin 1988, doi:10.2307/2289282).

    Parameters
    ----------
    x, y
        (n,).
    span
        Share of the points in each fit.
    knots
        Fits, at quantiles of ``x``; between them the curve is linear.

    Returns
    -------
    (n,) fitted values.
    """
    order = np.argsort(x, kind="stable")
    own, k = x[order], max(4, int(np.ceil(span * len(x))))
    at = np.unique(np.quantile(x, np.linspace(0, 1, min(knots, len(x)))))
    fit = np.empty(len(at))
    for i, centre in enumerate(at.tolist()):
        first = int(np.clip(np.searchsorted(own, centre) - k // 2, 0, len(own) - k))
        while first > 0 and centre - own[first - 1] < own[first + k - 1] - centre:
            first -= 1
        while first + k < len(own) and own[first + k] - centre < centre - own[first]:
            first += 1
        near = order[first : first + k]
        distance = np.abs(x[near] - centre)
        weight = np.sqrt(np.clip(1.0 - (distance / max(float(distance.max()), 1e-12)) ** 3, 0.0, None) ** 3)
        terms = np.vander(x[near] - centre, 3, increasing=True)
        fit[i] = np.linalg.lstsq(terms * weight[:, None], y[near] * weight, rcond=None)[0][0]
    return np.asarray(np.interp(x, at, fit))


def top(score: Array, k: int) -> Mask:
    """(g,) the k genes of the highest score, ties by position; fewer where fewer have one."""
    order = np.argsort(-score, kind="stable")[:k]
    chosen = np.zeros(len(score), dtype=bool)
    chosen[order[np.isfinite(score[order])]] = True
    return chosen


def jaccard(a: Mask, b: Mask) -> float:
    """Genes in both lists over genes in either; NaN where both are empty."""
    either = int((a | b).sum())
    return float((a & b).sum()) / either if either else float("nan")
