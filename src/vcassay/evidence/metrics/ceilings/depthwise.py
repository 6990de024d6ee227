"""Depthwise: the agreement of replicates, aggregated at each depth and continued to full depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.depth import logistic_depth, power_depth
from vcassay.arrays.resample import Weights, aggregate_many, interval
from vcassay.core import Threshold
from vcassay.evidence.metrics.ceilings.agreement import Depthwise
from vcassay.evidence.metrics.metric import METRICS

Array = NDArray[np.float64]

MAX_DEPTH_RESIDUAL = Threshold(
    "max_depth_residual",
    0.03,
    "share of the range from chance to optimum; curves of simulated replicates: .003 to .013",
)


def continued(metric: str, rows: Array, depths: Array, part: Weights) -> Array | str:
    """Values at full depth of (k, d) statistics, the first of which is the whole and the next its draws; or why not."""
    meta, draws = METRICS[metric].meta, len(part.times)
    chance, optimum = meta["chance"], float(meta["optimum"])
    half = interval(rows[0, -1], rows[1 : draws + 1, -1], rows[draws + 1 :, -1], part.method, families=part.families)
    if chance is not None and np.isfinite(optimum) and chance != optimum:
        sign = np.sign(optimum - chance)
        low = sign * ((half.low if sign > 0 else half.high) - chance)
        if not low > 0 and not np.isnan(low):
            return "replicates of half the depth do not agree above chance: nothing to continue"
        fit = logistic_depth(rows, depths, float(chance), optimum)
        reach = abs(optimum - chance)
    elif len(depths) > 2:
        fit = power_depth(rows, depths)
        reach = float(np.abs(rows[0]).max())
        if abs(fit.full[0] - rows[0, -1]) > abs(rows[0, -1] - rows[0, 0]):
            return "the agreement still changes too fast with depth to be continued"
    else:
        return "too few depths for a curve without known limits"
    drawn = rows[1 : draws + 1, -1]
    drawn = drawn[np.isfinite(drawn)]
    noise = float(drawn.std()) if len(drawn) else 0.0
    if not fit.residual[0] <= max(MAX_DEPTH_RESIDUAL.value * reach, noise):
        return "the agreement at lesser depths lies on no curve"
    return fit.full


def by_depth(found: Depthwise, index: NDArray[np.int64], weights: Weights) -> Array:
    """(1 + b + k, d) aggregate at each depth: of the whole, of every draw, and of every context."""
    values, depths = found.values[index], found.values.shape[1]
    below = [None if found.below is None else found.below[index, d] for d in range(depths)]
    made = aggregate_many(values, weights, below)
    return np.stack([np.concatenate([[value], draws, by_context]) for value, draws, by_context in made], axis=1)
