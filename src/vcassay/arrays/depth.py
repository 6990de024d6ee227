"""Depth curves: agreement of replicates at full depth, from what shards of the rows show at less.

For correlations Spearman and Brown's formula is exact. For retrieval, overlaps and calls there is none:
their agreement is measured between disjoint parts of the rows at several depths and continued to full depth.
Depths are shares of the rows, full depth is 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SLOPE, SLOPE_SPREAD = 1.0, 0.35
"""Slope of Spearman and Brown's formula on the logit scale, and how far from it slopes are expected."""
SLOPES = (0.2, 4.0)
"""Bounds of the slope."""
AGREEMENT_ERROR = 0.02
"""Standard error of a measured agreement, as a share of the range from chance to optimum, against which the
expected slope is weighed."""
EXPONENTS = np.round(np.arange(0.05, 2.001, 0.05), 2)
"""Exponents b of m_inf - a / n^b."""
STEPS = 30


class DepthFit(NamedTuple):
    """Curves continued to full depth.

    Attributes
    ----------
    full
        (k,) value at depth 1; NaN where a value is not finite.
    shape
        (k,) slope of the logistic curve, or exponent of the power curve.
    residual
        (k,) root mean square distance from the values.
    """

    full: Array
    shape: Array
    residual: Array


def logistic_depth(values: Array, depths: Array, chance: float, optimum: float) -> DepthFit:
    """Fit a generalised Spearman-Brown curve: logit of the share from chance to optimum, linear in log depth.

    A replicate is at chance without any rows and at the optimum with endless ones. With slope 1 the curve
    is Spearman and Brown's. Least squares on the scale of the values, the slope held to `SLOPES` and drawn
    to 1 as far as the values leave it open.

    Parameters
    ----------
    values
        (k, d) agreement of k statistics at d depths, two at least.
    depths
        (d,) shares of the rows, above 0.
    chance, optimum
        Values at no and at endless depth.
    """
    share = (np.asarray(values, dtype=np.float64) - chance) / (optimum - chance)
    x = np.log(np.asarray(depths, dtype=np.float64))
    known = np.asarray(np.isfinite(share).all(axis=1), dtype=np.bool_)
    u = np.where(known[:, None], share, 0.5)
    slope = np.full(len(u), SLOPE)
    middle = np.clip(u.mean(axis=1), 1e-3, 1 - 1e-3)
    level = np.log(middle / (1 - middle)) - slope * x.mean()
    prior = (AGREEMENT_ERROR / SLOPE_SPREAD) ** 2
    for _ in range(STEPS):  # Gauss-Newton with the two by two system written out
        f = _expit(level[:, None] + slope[:, None] * x)
        weight = f * (1 - f)
        error, gx = u - f, weight * x
        a, b, c = (weight * weight).sum(axis=1) + 1e-9, (weight * gx).sum(axis=1), (gx * gx).sum(axis=1) + prior
        p, q = (weight * error).sum(axis=1), (gx * error).sum(axis=1) + prior * (SLOPE - slope)
        det = a * c - b * b
        level = np.clip(level + np.clip((c * p - b * q) / det, -1.0, 1.0), -12.0, 12.0)
        slope = np.clip(slope + np.clip((a * q - b * p) / det, -0.25, 0.25), *SLOPES)
    f = _expit(level[:, None] + slope[:, None] * x)
    full = chance + (optimum - chance) * _expit(level)
    residual = abs(optimum - chance) * np.sqrt(((u - f) ** 2).mean(axis=1))
    return _where_known(known, full, slope, residual)


def power_depth(values: Array, depths: Array) -> DepthFit:
    """Fit m(n) = m_inf - a / n^b with b among `EXPONENTS` by least squares, for statistics without known limits.

    Parameters
    ----------
    values
        (k, d) agreement of k statistics at d depths, three at least.
    depths
        (d,) shares of the rows, above 0.
    """
    m = np.asarray(values, dtype=np.float64)
    known = np.asarray(np.isfinite(m).all(axis=1), dtype=np.bool_)
    m = np.where(known[:, None], m, 0.0)
    best, full, shape = np.full(len(m), np.inf), np.full(len(m), np.nan), np.full(len(m), np.nan)
    for b in EXPONENTS.tolist():
        design = np.column_stack([np.ones(len(depths)), -(np.asarray(depths, dtype=np.float64) ** -b)])
        fitted = m @ np.linalg.pinv(design).T
        error = ((m - fitted @ design.T) ** 2).mean(axis=1)
        better = error < best
        best[better], shape[better] = error[better], b
        full[better] = (fitted[:, 0] - fitted[:, 1])[better]
    return _where_known(known, full, shape, np.sqrt(best))


def _where_known(known: NDArray[np.bool_], full: Array, shape: Array, residual: Array) -> DepthFit:
    return DepthFit(*(np.where(known, value, np.nan) for value in (full, shape, residual)))


def _expit(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))
