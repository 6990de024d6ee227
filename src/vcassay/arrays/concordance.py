"""Statistics of all conditions together, as parts that conditions contribute, so that they can be resampled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from vcassay.arrays.agreement import Ratio

Array = NDArray[np.float64]

LEAST = 3
"""Conditions from which up a correlation is worked out."""


def agreement_parts(a: Array, b: Array, group: NDArray[np.integer]) -> Ratio:
    """Pearson correlation of two values within each group of conditions, as parts.

    With both centred and brought to the same sum of squares within a group, the correlation is
    2 sum(a b) / (sum(a^2) + sum(b^2)): a ratio of sums, of which every group has the same denominator.

    Parameters
    ----------
    a, b
        (n,) values; a condition in which either is NaN takes no part.
    group
        (n,) codes.

    Returns
    -------
    Numerators and denominators, whose sums over a group have its correlation as ratio; NaN in groups of
    fewer than three, or where either value is the same throughout.
    """
    top, below = np.full(len(a), np.nan), np.full(len(a), np.nan)
    known = np.isfinite(a) & np.isfinite(b)
    for g in np.unique(group).tolist():
        at = np.flatnonzero((group == g) & known)
        if len(at) < LEAST:
            continue
        x, y = a[at] - a[at].mean(), b[at] - b[at].mean()
        xx, yy = (x * x).sum(), (y * y).sum()
        if not (xx > 1e-24 * np.square(a[at]).sum() and yy > 1e-24 * np.square(b[at]).sum()):
            continue
        scale = np.sqrt(len(at))
        x, y = x * scale / np.sqrt(xx), y * scale / np.sqrt(yy)
        top[at], below[at] = x * y, (x * x + y * y) / 2.0
    return Ratio(top, below)


def rank_agreement(a: Array, b: Array, group: NDArray[np.integer]) -> Ratio:
    """Spearman correlation within each group, as parts; see `agreement_parts`."""
    ranks = [np.full(len(a), np.nan), np.full(len(a), np.nan)]
    known = np.isfinite(a) & np.isfinite(b)
    for g in np.unique(group).tolist():
        at = np.flatnonzero((group == g) & known)
        for rank, value in zip(ranks, (a, b), strict=True):
            rank[at] = rankdata(value[at])
    return agreement_parts(ranks[0], ranks[1], group)


def placement(score: Array, positive: NDArray[np.bool_], group: NDArray[np.integer]) -> Array:
    """Placement of each condition among those of the other kind: parts of the area under the ROC curve.

    Returns
    -------
    (n,) share of the negatives of its group that score below a positive, and of the positives that score above a
    negative, ties counted half. The mean over either kind, and over both, is the area. NaN in groups that
    lack one kind, and where the score is NaN.
    """
    out = np.full(len(score), np.nan)
    known = np.isfinite(score)
    for g in np.unique(group).tolist():
        here = (group == g) & known
        up, down = np.flatnonzero(here & positive), np.flatnonzero(here & ~positive)
        if not len(up) or not len(down):
            continue
        high, low = np.sort(score[up]), np.sort(score[down])
        below = np.searchsorted(low, score[up]) + np.searchsorted(low, score[up], side="right")
        above = 2 * len(up) - np.searchsorted(high, score[down]) - np.searchsorted(high, score[down], side="right")
        out[up], out[down] = below / (2 * len(down)), above / (2 * len(up))
    return out
