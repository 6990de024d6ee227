"""Selection: what choosing the best of several scores on the same data adds to it."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]


def selection_optimism(draws: Array) -> float:
    """How much the best of several scores exceeds, by having been chosen on the same data, what it would score anew.

    Parameters
    ----------
    draws
        (k, b) paired bootstrap draws of k scores, higher is better.

    Returns
    -------
    Mean over draws of what the best of the draw scores there more than it does on average: the bootstrap estimate of
    the bias of a maximum, never below 0. 0 for one score; NaN without draws.

    Notes
    -----
    Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 17 (optimism of an apparent error). Each score
    is compared with the mean of its own draws, so that the bias of resampled ratios does not enter.
    """
    able = np.isfinite(draws).all(axis=0)
    if not able.any():
        return float("nan")
    kept = draws[:, able]
    best = kept.argmax(axis=0)
    return float((kept[best, np.arange(kept.shape[1])] - kept.mean(axis=1)[best]).mean())


def expected_maximum(k: int) -> float:
    """Expected largest of ``k`` independent standard normal values.

    By how many standard errors the best of ``k`` equally good models exceeds, on the data it was chosen on, what it
    would score anew; less if the models' scores are correlated. 0 for one value.

    Notes
    -----
    Integral of ``1 - F^k`` over positive and of ``-F^k`` over negative values, F the normal distribution function
    (David and Nagaraja 2003, Order Statistics, 3.1.10).

    Raises
    ------
    ValueError
        If ``k`` is below 1.
    """
    if k < 1:
        raise ValueError(f"the largest of {k} values is not defined")
    top, _ = scipy.integrate.quad(lambda x: -np.expm1(k * scipy.special.log_ndtr(x)), 0.0, 12.0, limit=200)
    low, _ = scipy.integrate.quad(lambda x: np.exp(k * scipy.special.log_ndtr(x)), -12.0, 0.0, limit=200)
    return float(top - low)
