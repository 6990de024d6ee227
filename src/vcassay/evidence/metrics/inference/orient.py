"""Orient: turn a metric so that more is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.metrics.metric import METRICS

Array = NDArray[np.float64]


def orient(metric: str, value: float, draws: Array, by_context: Array) -> tuple[float, Array, Array]:
    """Turn an aggregate so that more is better; what has its optimum inside the range counts the distance to it.

    Parameters
    ----------
    metric
        Name.
    value, draws, by_context
        As of `vcassay.arrays.resample.aggregate`; the values by context are linearised about the value.
    """
    meta = METRICS[metric].meta
    if meta["higher_is_better"]:
        return value, draws, by_context
    optimum = float(meta["optimum"])
    if not meta["centred"] and optimum == 0.0:
        return -value, -draws, -by_context
    gap, side = abs(value - optimum), 1.0 if value >= optimum else -1.0
    return -gap, -np.abs(draws - optimum), -gap - side * (by_context - value)
