"""Magnitude: is the predicted effect as large as the real one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, squared_norm
from vcassay.arrays.placement import rank_contributions
from vcassay.evidence.metrics.catalogue.error import sampling_excess
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


@metric(
    "magnitude_log2",
    title="Magnitude ratio (log2)",
    family="magnitude",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    transform="log2_root",
    source="our own (docs/methods.md, section 5): the true size is debiased",
    fooled_by="vectors of the right length in a wrong direction",
    undefined="no change is predicted, or the true effects are not above noise",
)
def magnitude_log2(pred: Array, mask: Mask, cross: Array, pred_noise: Array, se: Array, context: Codes) -> Ratio:
    """Log2 of the predicted over the true effect size, root of a ratio of sums.

    The true size is debiased by split halves, the predicted one of its cells' sampling as nmse is.
    0 is right, -1 half as large, +1 twice. Undefined for a prediction of no change, and where the
    truth has no measurable effect.
    """
    size = squared_norm(pred, mask) - sampling_excess(pred, mask, pred_noise, se, context)
    return Ratio(size, np.where(mask, cross, 0.0).sum(axis=1))


@metric(
    "magnitude_spearman",
    title="Rank agreement of effect sizes",
    family="magnitude",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="ranks",
    source="effect-size correlation over perturbations, of debiased sizes",
    fooled_by="cell numbers, where effect sizes are not debiased; directions do not matter",
    undefined="halves are not measurable, or fewer than three conditions in a context",
)
def magnitude_spearman(pred: Array, mask: Mask, cross: Array, context: NDArray[np.int64]) -> Ratio:
    """Spearman correlation, over the conditions of a context, of predicted and true effect size.

    The true size is debiased by split halves. One size for all conditions has 0.
    """
    true = np.where(mask, cross, 0.0).sum(axis=1) / mask.sum(axis=1)
    return rank_contributions(true, squared_norm(pred, mask) / mask.sum(axis=1), context)
