"""Orient: turn a metric so that more is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.metrics.metric import METRICS

Array = NDArray[np.float64]

CENTRED = ("magnitude", "diversity")
"""Families whose optimum, even if it is 0, lies inside the range."""


def is_centred(metric: str) -> bool:
    """Whether the optimum of a metric lies inside its range: nearer to it is better, from either side."""
    return METRICS[metric].meta["family"] in CENTRED or metric.endswith("_log2")


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
    if not is_centred(metric) and optimum == 0.0:
        return -value, -draws, -by_context
    gap, side = abs(value - optimum), 1.0 if value >= optimum else -1.0
    return -gap, -np.abs(draws - optimum), -gap - side * (by_context - value)
