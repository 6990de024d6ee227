"""Squared error of effects, noise-corrected and raw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, cross_product_error, squared_error
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
)
def nmse(pred: Array, mask: Mask, half_mean: Array, cross: Array) -> Ratio:
    """Squared error of the effect as a share of the squared true effect, freed of noise.

    By cross-products of split halves with disjoint cells and controls: 0 for a perfect model, 1 for
    no change, below 0 only for a model that has seen the noise. A ratio of sums over conditions:
    undefined for a single one, and where halves are not measurable.
    """
    return cross_product_error(pred, half_mean, cross, mask)


@metric(
    "nmse_raw",
    title="Normalised error, raw",
    family="raw",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="methods 3: the noise floor",
    fooled_by="the noise floor, which is most of it for weak effects",
)
def nmse_raw(truth: Array, pred: Array, mask: Mask) -> Ratio:
    """Squared error over squared measured effect, noise included: kept to show why not."""
    return squared_error(truth, pred, mask)
