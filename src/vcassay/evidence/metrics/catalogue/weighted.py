"""Error weighted by how strongly genes respond, weights and scored truth from different halves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.weighted import weighted_errors
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]


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
def wmse(pred: Array, half_a: Array, half_b: Array, weights_a: Array, weights_b: Array) -> Array:
    """Squared error with weights from t statistics, taken from one half and scored on the other, both ways.

    Weights are squares of |t| scaled to between 0 and 1. The noise of a half remains inside: a
    perfect model does not reach 0.
    """
    first, second = weighted_errors(half_b, pred, weights_a)[0], weighted_errors(half_a, pred, weights_b)[0]
    return (first + second) / 2.0


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
def wr2(
    pred: Array, half_a: Array, half_b: Array, reference: Array, weights_a_perturbed: Array, weights_b_perturbed: Array
) -> Array:
    """1 - weighted error over the weighted variance of effects minus the mean training effect, both ways."""
    apart = pred - reference
    found = [
        weighted_errors(half - reference, apart, weights)
        for half, weights in ((half_b, weights_a_perturbed), (half_a, weights_b_perturbed))
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.mean([np.where(s > 0, 1.0 - e / s, np.nan) for e, s in found], axis=0))
