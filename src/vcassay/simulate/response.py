"""How much of a full effect a dose and a time bring about."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

TIME_CONSTANT = 12.0
"""Hours after which an effect has reached 1 - 1/e of its end."""


def hill(dose: ArrayLike, ec50: ArrayLike, slope: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Hill response, 0 to 1: dose^slope / (dose^slope + ec50^slope).

    Parameters
    ----------
    dose, ec50
        In one unit, positive; they broadcast. Where any of them is NaN (a guide), the response is 1.
    """
    d, e, n = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (dose, ec50, slope)))
    with np.errstate(invalid="ignore"):
        response = 1 / (1 + (e / d) ** n)
    return np.where(np.isnan(response), 1.0, response)


def onset(time: ArrayLike) -> NDArray[np.float64]:
    """Share of the effect reached after ``time`` hours, 1 - exp(-t / 12 h); 1 where time is NaN."""
    t = np.asarray(time, dtype=np.float64)
    return np.where(np.isnan(t), 1.0, 1 - np.exp(-np.where(np.isnan(t), 0.0, t) / TIME_CONSTANT))
