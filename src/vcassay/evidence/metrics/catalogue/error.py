"""Squared error of effects, freed of the noise of the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, cross_product_error
from vcassay.arrays.sampled import sampling_credit
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


@metric(
    "nmse",
    title="Normalised error, noise-corrected",
    family="error",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    primary=True,
    source="our own (docs/methods.md, section 3)",
    fooled_by="shrinking every effect towards zero, when most effects are weak",
    undefined="for a single condition; where halves are not measurable",
)
def nmse(
    pred: Array, mask: Mask, half_mean: Array, cross: Array, pred_noise: Array, se: Array, context: Codes
) -> Ratio:
    """Squared error of the effect as a share of the squared true effect, freed of noise.

    By cross-products of split halves with disjoint cells and controls: 0 for a perfect model, 1 for
    no change, below 0 only for a model that has seen the noise. Of the mean of predicted cells the
    sampling variance is taken off, as far as it is credible (methods 3; nmse_uncorrected has it). A
    ratio of sums over conditions: undefined for a single one, and where halves are not measurable.
    """
    error = cross_product_error(pred, half_mean, cross, mask)
    return error._replace(numerator=error.numerator - sampling_excess(pred, mask, pred_noise, se, context))


@metric(
    "nmse_uncorrected",
    title="Normalised error, sampling of the prediction included",
    family="error",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="our own (docs/methods.md, section 3)",
    fooled_by="as nmse; and it punishes a model for handing in cells instead of their mean",
    undefined="for a single condition; where halves are not measurable",
)
def nmse_uncorrected(pred: Array, mask: Mask, half_mean: Array, cross: Array) -> Ratio:
    """As nmse, without taking off the sampling variance of predicted cells.

    Both are the same for a model that predicts no cells. A gain over a baseline that only nmse shows rests on what the
    submission says of its own noise.
    """
    return cross_product_error(pred, half_mean, cross, mask)


def sampling_excess(pred: Array, mask: Mask, pred_noise: Array, se: Array, context: Codes) -> Array:
    """(t,) squared length that a prediction owes to the sampling of its cells; 0 for one that was not sampled."""
    one = pred_noise[:1, :1] if not any(pred_noise.strides) else pred_noise  # one 0 for all of a model without cells
    if not one.any():
        return np.zeros(len(pred))
    limit = np.where(mask, se * se, 0.0).sum(axis=1)
    return sampling_credit(pred, pred_noise, limit, mask, context)


@metric(
    "nmse_perturbed",
    title="Error against the perturbed mean, noise-corrected",
    family="error",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    reference="perturbed mean",
    source="our own (docs/methods.md, section 3); a skill score against an explicit baseline",
    fooled_by="shrinking towards the mean effect",
    undefined="for a single condition; where halves are not measurable; where nothing differs from the mean effect",
)
def nmse_perturbed(
    pred: Array,
    mask: Mask,
    half_mean: Array,
    cross: Array,
    reference: Array,
    pred_noise: Array,
    se: Array,
    context: Codes,
) -> Ratio:
    """Squared error over that of the mean training effect, both freed of noise: 1 is the mean, below is better."""
    error = cross_product_error(pred, half_mean, cross, mask).numerator
    error -= sampling_excess(pred, mask, pred_noise, se, context)
    return Ratio(error, cross_product_error(reference, half_mean, cross, mask).numerator)
