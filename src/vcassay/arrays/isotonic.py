"""Isotonic regression of short dose series, and the dose of half the response."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def isotonic(response: Array) -> Array:
    """Nearest series that never falls, by least squares with equal weights.

    The value at dose j is the largest over a <= j of the smallest over b >= j of the mean over doses a to b
    (Robertson, Wright & Dykstra 1988).

    Parameters
    ----------
    response
        (series, doses), doses ascending; a series with a NaN is NaN.

    Returns
    -------
    (series, doses).
    """
    m, k = response.shape
    total = np.concatenate([np.zeros((m, 1)), np.cumsum(response, axis=1)], axis=1)
    out = np.full((m, k), -np.inf)
    for a in range(k):
        lowest = np.full(m, np.inf)
        for b in range(k - 1, a - 1, -1):
            lowest = np.minimum(lowest, (total[:, b + 1] - total[:, a]) / (b + 1 - a))
            out[:, b] = np.maximum(out[:, b], lowest)
    return np.where(np.isfinite(response).all(axis=1, keepdims=True), out, np.nan)


def half_response(fit: Array, log_dose: Array) -> Array:
    """Log dose at which a series that never falls reaches half of its top, on straight lines between doses.

    The range counts from 0, the response without a dose: three doses cannot tell a lower plateau from it, and
    nothing but the range is estimated, no slope.

    Parameters
    ----------
    fit
        (series, doses) from `isotonic`.
    log_dose
        (series, doses), ascending.

    Returns
    -------
    (series,), the lowest dose where that already reaches half; NaN where the top is not above 0.
    """
    fit = np.maximum(fit, 0.0)
    top = fit[:, -1]
    half = top / 2
    with np.errstate(invalid="ignore"):
        at = np.argmax(fit >= half[:, None], axis=1)
    i, before = np.arange(len(fit)), np.maximum(at - 1, 0)
    low, high = fit[i, before], fit[i, at]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(at > 0, (half - low) / (high - low), 0.0)
        value = log_dose[i, before] + share * (log_dose[i, at] - log_dose[i, before])
        return np.where(top > 0, value, np.nan)
