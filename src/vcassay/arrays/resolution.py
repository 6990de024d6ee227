"""Resolution: the smallest difference between two models that a test set can show."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.resample import NONE, aggregate, draw_weights, interval

POWER = 0.8
LEVEL = 0.05


def resolvable_difference(
    difference: NDArray[np.float64],
    context: NDArray[np.integer],
    family: NDArray[np.integer],
    draws: int,
    rng: np.random.Generator,
) -> float:
    """Smallest mean paired difference that is found at the 5 % level with 80 % power.

    Parameters
    ----------
    difference
        (n,) differences between two predictors, condition by condition; no NaN. Only their spread counts.
    context, family
        (n,) codes: contexts, and what is resampled together (`vcassay.arrays.resample.draw_weights`).

    Returns
    -------
    (z at 97.5 % + z at 80 %) standard errors of the mean difference; NaN where no interval can be computed.
    """
    if len(difference) < 2:
        return float("nan")
    weights = draw_weights(context, family, draws, rng)
    if weights.method == NONE:
        return float("nan")
    value, drawn, by_context = aggregate(difference, weights)
    se = interval(value, drawn, by_context, weights.method, families=weights.families).se
    return detectable_difference(se)


def detectable_difference(se: float) -> float:
    """Smallest difference that a paired comparison of this standard error finds at the 5 % level with 80 % power.

    Returns
    -------
    (z at 97.5 % + z at 80 %) = 2.80 standard errors; NaN if the error is.
    """
    return float((scipy.stats.norm.ppf(1 - LEVEL / 2) + scipy.stats.norm.ppf(POWER)) * se)
