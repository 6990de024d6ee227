"""Error weighted by how strongly genes respond, weights and scored truth from different halves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.weighted import response_weights, weighted_errors
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _both_ways(half_a: Array, half_b: Array, se: Array, mask: Mask, pred: Array) -> list[tuple[Array, Array]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = [response_weights(np.where(se > 0, np.abs(half) / se, 0.0), mask) for half in (half_a, half_b)]
    return [weighted_errors(truth, pred, w) for truth, w in zip((half_b, half_a), weights, strict=True)]


@metric(
    "wmse",
    title="Weighted squared error",
    family="error",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    source="Mejia et al. 2025 (Diversity by Design); weights from the other half of the rows",
    fooled_by="genes off the response cost nothing; one outlier gene sets the weights; noise of the half inside",
    undefined="halves are not measurable",
)
def wmse(pred: Array, mask: Mask, half_a: Array, half_b: Array, se: Array) -> Array:
    """Squared error with weights from t statistics, taken from one half and scored on the other, both ways.

    Weights are squares of |t| scaled to between 0 and 1. The noise of a half remains inside: a
    perfect model does not reach 0.
    """
    return np.asarray(np.mean([error for error, _ in _both_ways(half_a, half_b, se, mask, pred)], axis=0))


@metric(
    "wr2",
    title="Weighted R2 against the perturbed mean",
    family="error",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    reference="perturbed mean",
    source="Mejia et al. 2025 (Diversity by Design); weights from the other half of the rows",
    fooled_by="as the weighted error; no change, where effects are weaker than the mean; unbounded below for weak ones",
    undefined="halves are not measurable, or there is no mean training effect",
)
def wr2(pred: Array, mask: Mask, half_a: Array, half_b: Array, se: Array, reference: Array) -> Array:
    """1 - weighted error over the weighted variance of effects minus the mean training effect, both ways."""
    found = _both_ways(half_a - reference, half_b - reference, se, mask, pred - reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.mean([np.where(s > 0, 1.0 - e / s, np.nan) for e, s in found], axis=0))
