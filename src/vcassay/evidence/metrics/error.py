"""Squared error of effects, freed of the noise of the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, cross_product_error
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@metric(
    "nmse",
    title="Normalised error, noise-corrected",
    family="error",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    primary=True,
    source="methods 3",
    fooled_by="shrinking every effect towards zero, when most effects are weak",
    undefined="for a single condition; where halves are not measurable",
)
def nmse(pred: Array, mask: Mask, half_mean: Array, cross: Array) -> Ratio:
    """Squared error of the effect as a share of the squared true effect, freed of noise.

    By cross-products of split halves with disjoint cells and controls: 0 for a perfect model, 1 for
    no change, below 0 only for a model that has seen the noise. A ratio of sums over conditions:
    undefined for a single one, and where halves are not measurable.
    """
    return cross_product_error(pred, half_mean, cross, mask)


@metric(
    "nmse_perturbed",
    title="Error against the perturbed mean, noise-corrected",
    family="error",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    reference="perturbed mean",
    source="methods 3; a skill score against an explicit baseline",
    fooled_by="shrinking towards the mean effect",
    undefined="for a single condition; where halves are not measurable; where nothing differs from the mean effect",
)
def nmse_perturbed(pred: Array, mask: Mask, half_mean: Array, cross: Array, reference: Array) -> Ratio:
    """Squared error over that of the mean training effect, both freed of noise: 1 is the mean, below is better."""
    error = cross_product_error(pred, half_mean, cross, mask).numerator
    return Ratio(error, cross_product_error(reference, half_mean, cross, mask).numerator)
