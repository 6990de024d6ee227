"""Null perturbations: is no effect predicted where there is none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import squared_norm
from vcassay.arrays.placement import placements
from vcassay.evidence.metrics.catalogue.error import sampling_excess
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


@metric(
    "null_effect",
    title="Effect predicted where there is none",
    family="null",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="our own (docs/methods.md, section 5)",
    fooled_by="predicting no change everywhere",
    undefined="on detectable conditions, and where detectability was not assessed",
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
    perturbation is predicted to act like a typical real one. What the sampling of predicted cells
    adds is taken off as in nmse. Undefined on detectable conditions and where detectability was not
    assessed.
    """
    excess = sampling_excess(pred, mask, pred_noise, se, context)
    size = (squared_norm(pred, mask) - excess) / mask.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = size / typical
    return np.where(detectable | ~(typical > 0), np.nan, value)


@metric(
    "null_calls",
    title="Genes called where there is no effect",
    family="null",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    space="calls",
    source="our own (docs/methods.md, sections 5 and 17)",
    fooled_by="predicting no change everywhere",
    undefined="on detectable conditions, where detectability was not assessed, and without standard errors",
)
def null_calls(pred_called: Mask, mask: Mask, detectable: NDArray[np.bool_], typical: Array) -> Array:
    """Share of the scored genes that the prediction would call, on conditions without a detectable effect.

    A gene is called where the predicted effect would be significant at the truth's precision.
    """
    share = (pred_called & mask).sum(axis=1) / mask.sum(axis=1)
    return np.where(detectable | ~np.isfinite(typical), np.nan, share)


@metric(
    "null_auroc",
    title="Real effects told from none by predicted size",
    family="null",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="ranks",
    source="our own (docs/methods.md, section 5); area under the ROC curve (Mann and Whitney 1947)",
    fooled_by="cell numbers, if the model knows them: small conditions are seldom detectable",
    undefined="a context has no detectable condition, or none without; detectability was not assessed",
)
def null_auroc(pred: Array, mask: Mask, detectable: NDArray[np.bool_], typical: Array, context: Codes) -> Array:
    """Area under the ROC curve of the predicted size, for detectable against undetectable conditions.

    Each condition has its placement among those of the other kind in its context; their mean is the area.
    """
    size = squared_norm(pred, mask) / mask.sum(axis=1)
    return placements(np.where(np.isfinite(typical), size, np.nan), detectable, context)
