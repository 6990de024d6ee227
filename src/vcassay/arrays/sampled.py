"""Predictions made of sampled cells: how uncertain their means are, and how much of their error that may excuse.

The squared error of a mean of n sampled cells exceeds that of the model's own mean by its sampling variance, and taking
this off frees the score of how many cells were handed in. But the variance is read from the submission: cells whose
scatter cancels in their mean (a copy of the controls with noise that sums to 0) would be credited with an uncertainty
that their mean does not have. The credit therefore has three caps, see `sampling_credit`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.integer]
Mask = NDArray[np.bool_]
Matrix = Array | sp.csr_matrix

BLOCK_ROWS = 4096
"""Rows that are squared at a time."""
ROUNDING = 1e-12
"""A sum of squared deviations below this share of the sum of squares is rounding, not scatter."""
MEDIAN_CHI2 = 0.45493642311957283
"""Median of the squared standard normal deviate."""


class Means(NamedTuple):
    """Means of sampled rows.

    Attributes
    ----------
    value
        (n, g) mean, or pseudobulk profile.
    variance
        (n, g) sampling variance of ``value``, from the scatter of the rows; 0 for a single row, which tells nothing of
        its own uncertainty.
    size
        (n,) rows.
    """

    value: Array
    variance: Array
    size: NDArray[np.int64]


def sampled_means(values: Matrix, code: Codes, n: int) -> Means:
    """Mean of each group's rows, and its sampling variance S^2 / n.

    Parameters
    ----------
    values
        (rows, g), dense or CSR.
    code
        (rows,) group of each row, 0..n-1.
    n
        Number of groups.
    """
    size, total, square, _ = _sums(values, code, n, None)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / size[:, None]
        scatter = _above_rounding(square - total * mean, square)
        variance = scatter / (size * (size - 1.0))[:, None]
    return Means(mean, _several(variance, size), size)


def sampled_pseudobulks(counts: Matrix, code: Codes, n: int, target_sum: float) -> Means:
    """log1p(target_sum x summed counts / total) of each group's rows, and its sampling variance.

    The variance is that of a ratio of sums whose rows are drawn together, sum of (c - r m)^2 with m the total of a row,
    carried through the logarithm by its derivative (delta method; Cochran 1977, section 6.4).

    Parameters
    ----------
    counts, code, n
        As in `sampled_means`.
    target_sum
        Depth of the profile.

    Returns
    -------
    `Means`; NaN where a group has no counts.
    """
    depth = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    size, total, square, product = _sums(counts, code, n, depth)
    both = np.bincount(code, weights=depth, minlength=n)[:, None]
    depth_square = np.bincount(code, weights=depth * depth, minlength=n)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(both > 0, total / both, np.nan)
        scatter = _above_rounding(square - 2.0 * rate * product + rate * rate * depth_square, square)
        variance = scatter / (both * both) * (size / (size - 1.0))[:, None]
        variance *= (target_sum / (1.0 + target_sum * rate)) ** 2
    return Means(np.log1p(target_sum * rate), _several(variance, size), size)


def _sums(values: Matrix, code: Codes, n: int, weight: Array | None) -> tuple[NDArray[np.int64], Array, Array, Array]:
    """Sizes, sums, sums of squares and sums weighted by row, of each group; in blocks of rows."""
    total, square, product = (np.zeros((n, values.shape[1])) for _ in range(3))
    sparse = bool(sp.issparse(values))
    for start in range(0, values.shape[0], BLOCK_ROWS):
        block: Any = values[start : start + BLOCK_ROWS]
        here = code[start : start + BLOCK_ROWS]
        groups, at = np.unique(here, return_inverse=True)
        pick = sp.csr_matrix((np.ones(len(here)), (at, np.arange(len(here)))), shape=(len(groups), len(here)))
        total[groups] += _dense(pick @ block)
        square[groups] += _dense(pick @ (block.multiply(block) if sparse else block * block))
        if weight is not None:
            pick.data = weight[start : start + BLOCK_ROWS][pick.indices]
            product[groups] += _dense(pick @ block)
    return np.bincount(code, minlength=n).astype(np.int64), total, square, product


def _dense(matrix: Any) -> Array:
    sparse = bool(sp.issparse(matrix))
    return np.asarray(matrix.toarray() if sparse else matrix, dtype=np.float64)


def _above_rounding(scatter: Array, square: Array) -> Array:
    return np.where(np.abs(scatter) <= ROUNDING * square, 0.0, scatter)


def _several(variance: Array, size: NDArray[np.int64]) -> Array:
    return np.where(size[:, None] > 1, np.maximum(variance, 0.0), np.where(size[:, None] == 1, 0.0, np.nan))


def sampling_credit(pred: Array, variance: Array, limit: Array, mask: Mask, group: Codes) -> Array:
    """Squared error that sampling may excuse, condition by condition.

    The claimed variance, summed over the mask, is capped three times, so that noise which is not there is not credited:

    - at ``limit``, the noise energy of the truth itself: no submission gains from handing in fewer cells than were
      measured;
    - in sum over a group's conditions, at the spread of the predicted means around their own mean (cell-eval2's cap):
      means without sampling noise of their own, such as a copy of the controls, have no spread to be excused;
    - at the share of the claimed variance that shows in a typical gene: the weighted median of squared deviation over
      claimed variance, over that of a normal deviate. Sampling noise moves every gene of every condition; means that
      only differ by a few large effects have next to none.

    Parameters
    ----------
    pred, variance
        (t, g) predicted means and their claimed sampling variance, 0 where a prediction was not sampled.
    limit
        (t,) noise energy of the truth over the mask; NaN counts as 0.
    mask
        (t, g) genes that count.
    group
        (t,) contexts, within which predictions are compared.

    Returns
    -------
    (t,) at least 0; 0 where a group has a single sampled prediction, whose noise cannot be told from its effect.
    """
    inside = np.where(mask & np.isfinite(variance) & np.isfinite(pred), variance, 0.0)
    claimed = np.minimum(inside.sum(axis=1), np.where(np.isfinite(limit), np.maximum(limit, 0.0), 0.0))
    credit = np.zeros(len(pred))
    for code in np.unique(group[claimed > 0]):
        at = np.flatnonzero((group == code) & (claimed > 0))
        if len(at) < 2:
            continue
        deviation = np.where(mask[at], pred[at] - pred[at].mean(axis=0), 0.0)
        squared = deviation * deviation * (len(at) / (len(at) - 1.0))
        share = min(1.0, float(squared.sum() / claimed[at].sum()), _typical_share(squared, inside[at]))
        credit[at] = share * claimed[at]
    return credit


def _typical_share(squared: Array, variance: Array) -> float:
    """Median of squared deviation over variance, weighted by variance, as a share of a normal deviate's."""
    at = variance > 0
    weight = variance[at]
    ratio = squared[at] / weight
    order = np.argsort(ratio, kind="stable")
    above = np.cumsum(weight[order])
    return float(ratio[order][np.searchsorted(above, above[-1] / 2.0)]) / MEDIAN_CHI2
