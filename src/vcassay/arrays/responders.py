"""Share of cells that respond to a perturbation (after Mixscape, Papalexi et al. 2021).

A cell responds if it lies beyond the controls' 95th percentile along the effect, the line from the mean of controls to
the mean of perturbed cells. The line is drawn through one half of the measured cells and of the controls; the other
halves give the measured share and the percentile, so that no cell is judged along a line that it helped to draw.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

BEYOND = 0.95
"""Quantile of the controls beyond which a cell responds."""


def responder_error(
    pred: Array,
    pred_code: Codes,
    truth: Array,
    truth_code: Codes,
    truth_half: Codes,
    control: Array,
    control_half: Codes,
    control_pool: Codes,
    pool: Codes,
) -> Ratio:
    """Squared error of the responding share over the squared share itself, both freed of sampling noise.

    Shares are excess shares, less the 5 % of controls. The square of a share k / m is estimated by
    k (k - 1) / (m (m - 1)), which sampling does not bias. Both halves take their turn.

    Parameters
    ----------
    pred, truth, control
        (cells, d) in a common space.
    pred_code, truth_code
        (cells,) condition of each cell, 0..n-1.
    truth_half, control_half
        (cells,) 0 or 1.
    control_pool, pool
        (cells,) pool of each control cell, and (n,) pool of each condition.

    Returns
    -------
    (n,) numerators and denominators: as a ratio of sums over conditions 0 for a perfect model and 1 if no cell is
    predicted to respond. The denominator is NaN where a half of the truth or its controls has fewer than two cells, the
    numerator also where the prediction has.
    """
    n = len(pool)
    numerator, denominator = np.zeros(n), np.zeros(n)
    p_rows, t_rows, c_rows = (
        _rows(code, n) for code, n in ((pred_code, n), (truth_code, n), (control_pool, _last(pool)))
    )
    for i in range(n):
        p, t, c = pred[p_rows[i]], truth[t_rows[i]], control[c_rows[pool[i]]]
        t_half, c_half = truth_half[t_rows[i]], control_half[c_rows[pool[i]]]
        for drawn in (0, 1):
            line, judged = t[t_half == drawn], t[t_half != drawn]
            origin, null = c[c_half == drawn], c[c_half != drawn]
            if min(len(line), len(judged), len(origin), len(null)) < 2:
                numerator[i] = denominator[i] = np.nan
                break
            axis = line.mean(axis=0) - origin.mean(axis=0)
            limit = np.quantile(_along(null, axis), BEYOND)
            share, square = _share(_along(judged, axis) > limit)
            predicted, predicted_square = _share(_along(p, axis) > limit)
            null_share = 1.0 - BEYOND
            numerator[i] += (predicted_square - 2.0 * predicted * share + square) / 2.0
            denominator[i] += (square - 2.0 * null_share * share + null_share**2) / 2.0
    return Ratio(numerator, denominator)


def _along(cells: Array, axis: Array) -> Array:
    return np.asarray((cells * axis).sum(axis=1))


def _share(beyond: NDArray[np.bool_]) -> tuple[float, float]:
    """A share and the unbiased estimate of its square; NaN below two cells."""
    m, k = len(beyond), int(beyond.sum())
    return (k / m, k * (k - 1) / (m * (m - 1))) if m > 1 else (np.nan, np.nan)


def _last(pool: Codes) -> int:
    return int(pool.max(initial=-1)) + 1


def _rows(code: Codes, n: int) -> list[Codes]:
    """Row numbers of each code 0..n-1."""
    order = np.argsort(code, kind="stable")
    bounds = np.searchsorted(code[order], np.arange(n + 1))
    return [order[bounds[i] : bounds[i + 1]] for i in range(n)]
