"""Tails: which pairs are among the most alike, or the most unlike, of all pairs."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

EDGE = 1e-12
"""A place on the edge is inside, however it is rounded."""


def pair_percentiles(likeness: Array) -> Array:
    """(n, n) place of each pair among all pairs, from 0 to 1; ties share the middle of their places.

    Parameters
    ----------
    likeness
        (n, n) symmetric; NaN for pairs that take no part. The diagonal never does.

    Returns
    -------
    (rank - 1/2) / pairs, symmetric; NaN where ``likeness`` is and on the diagonal.
    """
    n = len(likeness)
    i, j = np.triu_indices(n, 1)
    value = likeness[i, j]
    # likeness comes from sums whose order must not decide ties
    known = np.isfinite(value)
    out = np.full((n, n), np.nan)
    if known.any():
        place = (scipy.stats.rankdata(np.round(value[known], 12)) - 0.5) / int(known.sum())
        out[i[known], j[known]] = place
        out[j[known], i[known]] = place
    return out


def in_tails(percentile: Array, share: float, sign: int = 0) -> NDArray[np.uint8]:
    """Whether a pair is in the outer ``share`` of all pairs: half of it on either side, or all of it on one.

    Parameters
    ----------
    percentile
        From `pair_percentiles`.
    share
        Expected by chance.
    sign
        0 for both sides, 1 for the most alike, -1 for the most unlike.
    """
    with np.errstate(invalid="ignore"):
        if sign == 0:
            inside = np.abs(percentile - 0.5) >= 0.5 - share / 2 - EDGE
        else:
            inside = percentile >= 1 - share - EDGE if sign > 0 else percentile <= share + EDGE
    return np.asarray(inside, dtype=np.uint8)
