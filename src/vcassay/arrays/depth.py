"""Depth curves: agreement of replicates at full depth, from what shards of the rows show at less.

For correlations Spearman and Brown's formula is exact. For retrieval, overlaps and calls there is none:
their agreement is measured between disjoint parts of the rows at several depths and continued to full depth.
Depths are shares of the rows, full depth is 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

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
STILL = 1e-13
"""Changes of level and slope below which a fit has ended."""


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
    middle = np.clip(u.mean(axis=1), 1e-3, 1 - 1e-3)
    level = np.log(middle / (1 - middle)) - SLOPE * x.mean()
    slope, error = np.full(len(u), SLOPE), np.empty(len(u))
    in_threads(_fit, len(u), u, x, (AGREEMENT_ERROR / SLOPE_SPREAD) ** 2, level, slope, error)
    full = chance + (optimum - chance) * _expit(level)
    return _where_known(known, full, slope, abs(optimum - chance) * error)


@numba.njit(cache=True, nogil=True)
def _fit(first: int, last: int, u: Array, x: Array, prior: float, level: Array, slope: Array, error: Array) -> None:
    """Gauss-Newton with the two by two system written out, each row until it moves no more."""
    for i in range(first, last):
        at, by = level[i], slope[i]
        for _ in range(STEPS):
            a, b, c, p, q = 1e-9, 0.0, prior, 0.0, prior * (SLOPE - by)
            for j in range(len(x)):
                f = 1.0 / (1.0 + np.exp(-(at + by * x[j])))
                weight, off = f * (1.0 - f), u[i, j] - f
                gx = weight * x[j]
                a += weight * weight
                b += weight * gx
                c += gx * gx
                p += weight * off
                q += gx * off
            det = a * c - b * b
            before, was = at, by
            at = min(max(at + min(max((c * p - b * q) / det, -1.0), 1.0), -12.0), 12.0)
            by = min(max(by + min(max((a * q - b * p) / det, -0.25), 0.25), SLOPES[0]), SLOPES[1])
            if abs(at - before) < STILL and abs(by - was) < STILL:
                break
        level[i], slope[i] = at, by
        total = 0.0
        for j in range(len(x)):
            total += (u[i, j] - 1.0 / (1.0 + np.exp(-(at + by * x[j])))) ** 2
        error[i] = np.sqrt(total / len(x))


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
