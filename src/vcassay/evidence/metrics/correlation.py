"""Correlation of effects: against the control, and against the perturbed reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import cosine, pearson
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SAME = 1e-6
"""Relative difference below which a prediction in single precision is the reference."""


@metric(
    "pearson_delta",
    title="Pearson delta",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    primary=True,
    source="Roohani et al. 2023 (GEARS) and most later work",
    fooled_by="a programme common to all perturbations; controls shared by truth and prediction; blind to scale",
)
def pearson_delta(truth: Array, pred: Array, mask: Mask) -> Array:
    """Pearson correlation over genes of predicted and measured effect against control.

    Undefined where either effect is constant over the scored genes, as for no change.
    """
    return pearson(truth, pred, mask)


@metric(
    "pearson_delta_perturbed",
    title="Pearson delta, perturbed reference",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Vinas Torne et al. 2025 (Systema)",
    fooled_by="a scaled copy of the mean, which correlates with minus the mean",
)
def pearson_delta_perturbed(truth: Array, pred: Array, mask: Mask, reference: Array) -> Array:
    """Pearson correlation of what differs from the mean training effect.

    The mean over training perturbations (of the test context, or where it has none of the training
    contexts) is taken off truth and prediction, so that a shared programme scores nothing.
    Undefined where the prediction equals that mean up to single precision, in which it may have
    been written.
    """
    apart = np.where(mask, pred - reference, 0.0)
    size = np.abs(np.where(mask, pred, 0.0)).max(axis=1, keepdims=True, initial=0.0)
    same = np.abs(apart).max(axis=1, keepdims=True, initial=0.0) <= SAME * size
    return pearson(truth - reference, np.where(same, 0.0, apart), mask)


@metric(
    "cosine_delta",
    title="Cosine delta",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Wu et al. 2024 (PerturBench)",
    fooled_by="as Pearson delta; also a constant shift of all genes",
)
def cosine_delta(truth: Array, pred: Array, mask: Mask) -> Array:
    """Cosine of predicted and measured effect: unlike Pearson it keeps a shift of all genes.

    Undefined where either effect is zero.
    """
    return cosine(truth, pred, mask)


@metric(
    "pearson_delta_targets",
    title="Pearson delta, targets kept",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="methods 10",
    fooled_by="the knock-down of the target itself, a free hit",
)
def pearson_delta_targets(truth: Array, pred: Array, full_mask: Mask) -> Array:
    """Pearson delta with the panel's target genes kept: shown beside the score without them."""
    return pearson(truth, pred, full_mask)


@metric(
    "pearson_raw",
    title="Pearson of expression",
    family="raw",
    optimum=1.0,
    chance=None,
    higher_is_better=True,
    source="Csendes 2026 (Turbine), example 1",
    fooled_by="predicting the control: it measures cell identity, not the perturbation",
)
def pearson_raw(truth: Array, pred: Array, mask: Mask, control: Array) -> Array:
    """Pearson correlation of whole profiles: kept to show why not.

    Undefined where a profile is constant.
    """
    return pearson(truth + control, pred + control, mask)
