"""Magnitude: is the predicted effect as large as the real one, and absent where there is none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, squared_norm
from vcassay.evidence.metrics.error import sampling_excess
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
    source="methods 4: the true size is debiased",
    fooled_by="vectors of the right length in a wrong direction",
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
    "null_effect",
    title="Effect predicted where there is none",
    family="null",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="methods 5",
    fooled_by="predicting no change everywhere",
)
def null_effect(
    pred: Array,
    mask: Mask,
    detectable: NDArray[np.bool_],
    typical: Array,
    pred_noise: Array,
    se: Array,
    context: Codes,
) -> Array:
    """Squared predicted effect on conditions without a detectable one, over a typical real effect.

    The unit is the median debiased squared effect of detectable conditions: 1 means that a null
    perturbation is predicted to act like a typical real one. The sampling variance of predicted cells
    is taken off, as far as it is credible. Undefined on detectable conditions and
    where detectability was not assessed.
    """
    excess = sampling_excess(pred, mask, pred_noise, se, context)
    size = (squared_norm(pred, mask) - excess) / mask.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = size / typical
    return np.where(detectable | ~(typical > 0), np.nan, value)
