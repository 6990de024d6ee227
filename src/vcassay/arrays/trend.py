"""Monotone trends over a handful of doses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def kendall_to_dose(response: Array) -> Array:
    """Kendall's tau-a between response and dose rank, one value a series.

    Parameters
    ----------
    response
        (series, doses), doses ascending; NaN where a dose was not measured.

    Returns
    -------
    (series,) in [-1, 1]; NaN with fewer than two measured doses. Ties count 0.
    """
    total = np.zeros(len(response))
    pairs = np.zeros(len(response))
    for i in range(response.shape[1]):
        for j in range(i + 1, response.shape[1]):
            d = response[:, j] - response[:, i]
            ok = np.isfinite(d)
            total += np.where(ok, np.sign(np.where(ok, d, 0.0)), 0.0)
            pairs += ok
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(pairs > 0, total / pairs, np.nan)


def violation(response: Array) -> Array:
    """Share of a series' range that is lost on the way up: sum of falls / (max - min).

    Returns
    -------
    (series,), 0 for a monotone rise; NaN with fewer than two measured doses or no range.
    """
    out = np.full(len(response), np.nan)
    for i, row in enumerate(response):
        s = row[np.isfinite(row)]
        if len(s) > 1 and np.ptp(s) > 0:
            out[i] = float(np.maximum(0.0, -np.diff(s)).sum() / np.ptp(s))
    return out
