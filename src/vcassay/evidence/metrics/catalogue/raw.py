"""Raw metrics: in expression space, or with the noise inside; kept to show why not, beside no change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, distances, masked_sum, pearson, squared_error, squared_norm
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NOT_BIOLOGY = "does not measure perturbation biology: no change scores nearly the optimum"


@metric(
    "pearson_raw",
    title="Pearson of expression",
    family="raw",
    optimum=1.0,
    chance=None,
    higher_is_better=True,
    space="expression",
    reference="none",
    source="Csendes 2026 (Turbine), example 1",
    fooled_by=f"predicting the control: it {NOT_BIOLOGY}",
    undefined="a profile is constant",
)
def pearson_raw(truth: Array, pred: Array, mask: Mask, control: Array) -> Array:
    """Pearson correlation of whole profiles: kept to show why not.

    Undefined where a profile is constant.
    """
    return pearson(truth + control, pred + control, mask)


@metric(
    "r2_raw",
    title="R2 of expression",
    family="raw",
    optimum=1.0,
    chance=None,
    higher_is_better=True,
    space="expression",
    reference="none",
    source="scGen, CPA and later work",
    fooled_by=f"predicting the control: it {NOT_BIOLOGY}",
    undefined="the measured profile is constant",
)
def r2_raw(truth: Array, pred: Array, mask: Mask, control: Array) -> Array:
    """1 - squared error over the variance of the measured profile: genes differ, perturbed or not."""
    return _determination(truth + control, distances(truth, pred, mask)[0], mask)


@metric(
    "mse",
    title="Mean squared error",
    family="raw",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    space="expression",
    source="most published models; a gene's square, over scored genes",
    fooled_by="shrinking towards no change; mostly the noise of the truth",
    undefined="never, where truth and prediction are known",
)
def mse(truth: Array, pred: Array, mask: Mask) -> Array:
    """Squared error a scored gene: the same in expression and in effects, since the control is shared."""
    return np.asarray(distances(truth, pred, mask)[0] / mask.sum(axis=1))


@metric(
    "rmse",
    title="Root mean squared error",
    family="raw",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    space="expression",
    source="most published models; over scored genes",
    fooled_by="as the mean squared error",
    undefined="never, where truth and prediction are known",
)
def rmse(truth: Array, pred: Array, mask: Mask) -> Array:
    """Root of the squared error a scored gene, condition by condition."""
    return np.sqrt(mse(truth, pred, mask))


@metric(
    "mae",
    title="Mean absolute error",
    family="raw",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    space="expression",
    source="Virtual Cell Challenge 2025; over scored genes",
    fooled_by="no change wins where most genes do not respond",
    undefined="never, where truth and prediction are known",
)
def mae(truth: Array, pred: Array, mask: Mask) -> Array:
    """Absolute error a scored gene."""
    return np.asarray(distances(truth, pred, mask)[1] / mask.sum(axis=1))


@metric(
    "nmse_raw",
    title="Normalised error, raw",
    family="raw",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="our own (docs/methods.md, section 3): the noise floor",
    fooled_by="the noise floor, which is most of it for weak effects",
    undefined="for a single condition: a ratio of sums",
)
def nmse_raw(truth: Array, pred: Array, mask: Mask) -> Ratio:
    """Squared error over squared measured effect, noise included: kept to show why not."""
    return squared_error(truth, pred, mask)


@metric(
    "r2_delta",
    title="R2 of effects",
    family="raw",
    optimum=1.0,
    chance=None,
    higher_is_better=True,
    source="Wu et al. 2024 (PerturBench), TxPert: truth first, other orders differ",
    fooled_by="minus infinity for weak effects, of whose variance noise is most",
    undefined="the measured effect is constant over the scored genes",
)
def r2_delta(truth: Array, pred: Array, mask: Mask) -> Array:
    """1 - squared error over the variance of the measured effect over genes; not clipped."""
    return _determination(truth, distances(truth, pred, mask)[0], mask)


@metric(
    "r2_delta_clipped",
    title="R2 of effects, clipped at 0",
    family="raw",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="as R2 of effects",
    fooled_by="clipping hides how wrong a prediction is: worse than no change looks like no change",
    undefined="as R2 of effects",
)
def r2_delta_clipped(truth: Array, pred: Array, mask: Mask) -> Array:
    """R2 of effects, with 0 for what is below 0."""
    return np.maximum(r2_delta(truth, pred, mask), 0.0)


def _determination(values: Array, error: Array, mask: Mask) -> Array:
    n = mask.sum(axis=1)
    spread = squared_norm(values, mask) - masked_sum(values, mask) ** 2 / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 1e-12 * squared_norm(values, mask), 1.0 - error / spread, np.nan)
