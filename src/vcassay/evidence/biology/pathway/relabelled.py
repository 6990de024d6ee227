"""Relabelled: what a statistic would be if another agent stood for one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def stand_ins(values: Array, plus: Mask, minus: Mask) -> Array:
    """What the statistic of an agent would be if another stood for it.

    Parameters
    ----------
    values
        (p, c) of every agent in every context, NaN where not measured; 1 - value is the same asked the other way round
        for ranks, see ``minus``.
    plus, minus
        (i, c) contexts that are asked of each of i agents, and those asked the other way round.

    Returns
    -------
    (i, p) mean of the values of each agent over the contexts asked; NaN where it was measured in none of them.
    """
    known = np.isfinite(values)
    filled, have = np.where(known, values, 0.0), known.astype(np.float64)
    total = plus.astype(np.float64) @ filled.T + minus.astype(np.float64) @ (have - filled).T
    count = (plus | minus).astype(np.float64) @ have.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))
