"""Both tails' percentiles of draws, as `numpy.quantile` gives them, without what it checks of every call."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def tail_percentiles(draws: Array, tail: float) -> tuple[Array, Array]:
    """Quantiles ``tail`` and ``1 - tail`` along the last axis, by linear interpolation.

    The same numbers as ``numpy.quantile(draws, [tail, 1 - tail], axis=-1)``, but for the sign of a zero, in an eighth
    of the time for a few hundred draws, of which an assessment asks ten thousand times.

    Parameters
    ----------
    draws
        (..., b) draws without NaN, b at least 1.
    tail
        Between 0 and 0.5.

    Returns
    -------
    (...) lower and upper quantile.
    """
    last = draws.shape[-1] - 1
    at = [last * tail, last * (1 - tail)]
    lower = [min(int(x), last) for x in at]
    upper = [min(i + 1, last) for i in lower]
    ordered = np.partition(draws, sorted({0, last, *lower, *upper}), axis=-1)
    low, high = (_between(ordered[..., i], ordered[..., j], x - i) for i, j, x in zip(lower, upper, at, strict=True))
    return low, high


def _between(a: Array, b: Array, weight: float) -> Array:
    """From whichever end is nearer, as numpy does, so that the end itself is met exactly."""
    return np.asarray(b - (b - a) * (1 - weight) if weight >= 0.5 else a + (b - a) * weight)
