"""Calls: the genes of each row that differ from the control, Benjamini-Hochberg within the row.

Of m tested genes, Benjamini and Hochberg call those with p <= level x R / m, where R is the largest k such that k
genes have p <= level x k / m. That p-value, or level / m where nothing is called, is also the bar that an effect of
the same standard error has to take: it makes thresholds on effects out of a test. Critical t values are interpolated
from a table (relative error below 1e-4), so that millions of p-values need not be computed.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MIN_DF = 1.0
"""Fewer degrees of freedom count as this many: no effect is ever large enough there."""
SMALLEST_P = 1e-9
"""Smallest critical p-value in the table: level .05 over fifty million genes."""
P_POINTS, DF_POINTS = 192, 512


class RowCalls(NamedTuple):
    """What was called.

    Attributes
    ----------
    called
        (n, g) genes called.
    threshold
        (n, g) smallest absolute effect that would be called at the row's bar; NaN where not tested.
    n_tested, n_called
        (n,) genes tested and called.
    """

    called: Mask
    threshold: Array
    n_tested: NDArray[np.int64]
    n_called: NDArray[np.int64]


@cache
def _table(level: float) -> tuple[Array, float, float]:
    """Logarithm of critical t by log p (rows) and root of 1 / df (columns); first log p, and its step."""
    log_p = np.linspace(np.log(SMALLEST_P), np.log(level), P_POINTS)
    p = np.exp(log_p)
    u = np.linspace(0.0, 1.0, DF_POINTS) ** 2 / MIN_DF
    t = np.empty((P_POINTS, DF_POINTS))
    t[:, 0] = -ndtri(p / 2)
    t[:, 1:] = -stdtrit(1.0 / u[None, 1:], p[:, None] / 2)
    return np.log(t), float(log_p[0]), float(log_p[1] - log_p[0])


@numba.njit(cache=True, nogil=True)
def _critical(p: float, table: Array, start: float, step: float, out: Array) -> None:
    """Critical t at p for every df of the table."""
    at = min(max((np.log(p) - start) / step, 0.0), table.shape[0] - 1.0)
    low = min(int(at), table.shape[0] - 2)
    share = at - low
    for k in range(table.shape[1]):
        out[k] = np.exp(table[low, k] * (1.0 - share) + table[low + 1, k] * share)


@numba.njit(cache=True, nogil=True)
def _call(
    first: int,
    last: int,
    effect: Array,
    se: Array,
    df: Array,
    tested: Mask,
    level: float,
    least: float,
    table: Array,
    start: float,
    step: float,
    called: Mask,
    threshold: Array,
    counts: NDArray[np.int64],
) -> None:
    g, points = effect.shape[1], table.shape[1]
    critical, at, left = np.empty(points), np.empty(g), np.empty(g, dtype=np.int64)
    for i in range(first, last):
        m, n = 0, 0
        for j in range(g):
            if tested[i, j]:
                at[j] = np.sqrt(least / max(df[i, j], least)) * (points - 1)
                left[m] = j
                m += 1
        n, k = m, m
        while k > 0:  # from above: fewer genes pass a lower bar, until as many pass as it is meant for
            _critical(level * k / m, table, start, step, critical)
            kept = 0
            for a in range(n):
                j = left[a]
                low = min(int(at[j]), points - 2)
                share = at[j] - low
                bar = (critical[low] * (1.0 - share) + critical[low + 1] * share) * se[i, j]
                if abs(effect[i, j]) >= bar:
                    left[kept] = j
                    kept += 1
            n = kept
            if kept >= k:
                break
            k = kept
        counts[i, 0], counts[i, 1] = m, k
        if m > 0:
            _critical(level * max(k, 1) / m, table, start, step, critical)
        for j in range(g):
            called[i, j], threshold[i, j] = False, np.nan
            if tested[i, j]:
                low = min(int(at[j]), points - 2)
                share = at[j] - low
                threshold[i, j] = (critical[low] * (1.0 - share) + critical[low + 1] * share) * se[i, j]
                called[i, j] = k > 0 and abs(effect[i, j]) >= threshold[i, j]


def call_rows(effect: Array, se: Array, df: Array, tested: Mask, level: float = 0.05) -> RowCalls:
    """Call genes by t = effect / se with Benjamini-Hochberg in each row.

    Parameters
    ----------
    effect, se, df
        (n, g) effects, standard errors and degrees of freedom (infinite: normal).
    tested
        (n, g) genes that take part; those with a NaN or a standard error of 0 do not.
    level
        False discovery rate within a row.
    """
    with np.errstate(invalid="ignore"):
        usable = np.asarray(tested & np.isfinite(effect) & (se > 0) & (df > 0))
    called, threshold = np.empty(effect.shape, dtype=np.bool_), np.empty(effect.shape)
    counts = np.zeros((len(effect), 2), dtype=np.int64)
    table = _table(level)
    effect, se, df = (np.ascontiguousarray(x, dtype=np.float64) for x in (effect, se, df))  # one form to compile for
    in_threads(_call, len(effect), effect, se, df, usable, level, MIN_DF, *table, called, threshold, counts)
    return RowCalls(called, threshold, counts[:, 0], counts[:, 1])


def predicted_calls(pred: Array, threshold: Array, mask: Mask) -> Mask:
    """Genes that a prediction would call at the truth's precision: |pred| >= threshold on the mask."""
    with np.errstate(invalid="ignore"):
        return np.asarray(mask & (np.abs(pred) >= threshold))
