"""Matched ranks: areas under ROC curves of many sets in many rankings, comparing like with like."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def centred_ranks(scores: Array, stratum: Codes) -> Array:
    """Mid-ranks of each row's scores within strata of columns, less their mean.

    Parameters
    ----------
    scores
        (d, m); one that is NaN ties with all others.
    stratum
        (m,) codes.

    Returns
    -------
    (d, m), half the number of scores of the stratum that are smaller, less half of those that are larger.
    """
    out = np.zeros(scores.shape)
    rounded = np.round(scores, 12)  # sums in another order must not decide ties
    for code in np.unique(stratum):
        at = np.flatnonzero(stratum == code)
        block = rounded[:, at]
        known = np.isfinite(block)
        rank = scipy.stats.rankdata(
            np.where(known, block, np.inf), axis=1
        )  # those that are missing come last, and change no rank
        out[:, at] = np.where(known, rank - (known.sum(axis=1, keepdims=True) + 1) / 2.0, 0.0)
    return out


def matched_auroc(ranks: Array, member: Array, stratum: Codes) -> Array:
    """Area under the ROC curve of every set in every ranking, over pairs of a member and a non-member of one stratum.

    Parameters
    ----------
    ranks
        (d, m) from `centred_ranks`.
    member
        (s, m) 1 for members of each set that should rank high, -1 for members that should rank low, else 0.
    stratum
        (m,) codes: only items of one stratum are compared (a stratified Mann-Whitney statistic). A high member and a
        low one are compared as well, as a pair of double weight.

    Returns
    -------
    (d, s) from 0 to 1, 0.5 by chance; NaN for a set without such a pair.
    """
    _, code = np.unique(stratum, return_inverse=True)
    one_hot = np.eye(int(code.max(initial=-1)) + 1)[code]
    high, low = (member > 0).astype(np.float64) @ one_hot, (member < 0).astype(np.float64) @ one_hot
    outside = one_hot.sum(axis=0) - high - low
    pairs = ((high + low) * outside + 2.0 * high * low).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(pairs > 0, 0.5 + (ranks @ np.sign(member).T) / pairs, np.nan))
