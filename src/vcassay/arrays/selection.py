"""Selection: what choosing the best of several scores on the same data adds to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def selection_optimism(values: Array, draws: Array) -> float:
    """How much the best of several scores exceeds, by having been chosen on the same data, what it would score anew.

    Parameters
    ----------
    values
        (k,) scores, higher is better.
    draws
        (k, b) their paired bootstrap draws.

    Returns
    -------
    Mean over draws of what the best of the draw scores there more than on all data: the bootstrap estimate of the
    bias of a maximum. 0 for one score, but for the bootstrap's own bias; NaN without draws.

    Notes
    -----
    Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 17 (optimism of an apparent error).
    """
    able = np.isfinite(draws).all(axis=0)
    if not able.any():
        return float("nan")
    kept = draws[:, able]
    best = kept.argmax(axis=0)
    return float((kept[best, np.arange(kept.shape[1])] - np.asarray(values)[best]).mean())
