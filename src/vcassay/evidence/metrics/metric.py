"""The metric registry: matrix in, one value a condition out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.core import Registry

Array = NDArray[np.float64]
Values = Array | Ratio
MetricFunction = Callable[..., Values]

ARGUMENTS = {
    "truth": "(t, g) measured effects",
    "pred": "(t, g) predicted effects",
    "pred_noise": "(t, g) sampling variance of a predicted mean; 0 for a deterministic prediction",
    "present": "(t,) conditions that the answer has; the others are 0 in pred",
    "pred_order": "(t, g) genes by falling size of the predicted effect, unscored genes last",
    "pred_called": "(t, g) genes that the prediction would call, at the truth's precision",
    "pathway_activities": "activities of gene sets, predicted and measured",
    "pathway_calls": "gene sets called in the truth, and in the prediction at its precision",
    "fields": "conditions that compete in retrieval, with the distances of predictions and truths",
    "spectra": "spectra of the effects of each context, predicted and measured",
    "pred_specific": "(t, g) predicted effects less what their context, and their perturbation, share in the panel",
    "truth_specific": "(t, g) the same of the measured effects",
    "truth_ranks": "(t, g) ranks of the measured effects over genes",
    "weights_a": "(t, g) weights of genes by their response in one half",
    "weights_b": "(t, g) weights of genes by their response in the other half",
    "weights_a_perturbed": "(t, g) weights by what differs from the mean training effect in one half",
    "weights_b_perturbed": "(t, g) weights by what differs from the mean training effect in the other half",
    "cells": "name to (t,) comparison of predicted with measured cells",
    "mask": "(t, g) scored genes",
    "full_mask": "(t, g) scored genes with the panel's targets kept",
    "reference": "(t, g) mean training effect: the perturbed reference",
    "template": "(t, g) effect expected from training alone: of the context and of the perturbation elsewhere",
    "half_a": "(t, g) effect from one half of the rows and controls",
    "half_b": "(t, g) effect from the other half",
    "half_mean": "(t, g) mean of the split halves",
    "cross": "(t, g) product of the split halves, unbiased for the squared true effect",
    "se": "(t, g) standard error of the measured effects",
    "statistic": "(t, g) moderated t of the measured effects",
    "called": "(t, g) genes whose measured effect is called significant",
    "threshold": "(t, g) smallest effect that would be called at the truth's precision",
    "control": "(t, g) matched control profile",
    "context": "(t,) context codes",
    "dose_time": "(t,) codes of conditions that compete in retrieval within a context",
    "family": "(t,) codes of what is one perturbation at all doses, times and contexts",
    "perturbation": "(t,) codes of one perturbation, dose and time in all contexts",
    "detectable": "(t,) whether a condition has a detectable effect",
    "typical": "(t,) median debiased squared effect of detectable conditions, a gene",
    "reliability": "(t,) split-half correlations",
    "bias": "(t,) value expected from the training means of context and perturbation, of a scalar readout",
    "pathways": "(g, k) gene sets, weighted",
    "signature": "(g,) direction that is wanted",
}
"""What a metric may ask for by argument name; what a study cannot provide is ``None``, and the metric undefined."""

OF_THE_ANSWER = (
    "pred",
    "pred_noise",
    "present",
    "pred_order",
    "pred_called",
    "fields",
    "spectra",
    "pathway_activities",
    "pathway_calls",
    "cells",
)
"""Arguments that differ from answer to answer; the others belong to the panel."""

CENTRED = ("magnitude", "diversity")
"""Families whose optimum lies inside the range of the metrics that are better when lower."""

METRICS: Registry[MetricFunction] = Registry("metric", ARGUMENTS)

AUROC_CHANCE = 0.5
"""Chance of a share of pairs in the right order, which lies between 0 and 1."""

Space = Literal["delta", "expression", "ranks", "calls", "cells", "pathways", "scalar"]
Reference = Literal["control", "perturbed mean", "template", "none"]
Readout = Literal["vector", "scalar", "any"]


BOUNDED = ("calls", "retrieval", "correlation", "interaction", "magnitude", "ranking", "null", "pathway", "raw")
"""Families whose metrics with the optimum 1 cannot exceed it; distances on cells and others freed of noise can."""


def limits(meta: Mapping[str, Any]) -> tuple[float, float]:
    """Lowest and highest value of a metric, for its intervals; infinite where it is not known."""
    if meta["optimum"] != 1.0 or meta["family"] not in BOUNDED:
        return -np.inf, np.inf
    if meta["chance"] == AUROC_CHANCE:
        return 0.0, 1.0
    return (-1.0 if meta["family"] == "correlation" else -np.inf), 1.0


def within(meta: Mapping[str, Any], value: float, low: float, high: float) -> tuple[float, float]:
    """Keep an interval, which is widened over few families, within the limits of its metric and about its value."""
    least, most = limits(meta)
    return min(max(low, least), value), max(min(high, most), value)


def metric(
    name: str,
    *,
    title: str,
    family: str,
    optimum: float,
    chance: float | None,
    higher_is_better: bool,
    source: str,
    primary: bool = False,
    transform: str = "",
    fooled_by: str = "",
    space: Space = "delta",
    reference: Reference = "control",
    undefined: str = "",
    level: Literal["condition", "panel"] = "condition",
    readout: Readout = "vector",
    faults: tuple[str, ...] = (),
) -> Callable[[MetricFunction], MetricFunction]:
    """Register a metric.

    Parameters
    ----------
    name, title
        Name in tables, and in words.
    family
        error, correlation, retrieval, calls, magnitude, null, interaction, distribution, pathway,
        utility, diversity or raw. A primary metric's family decides together with the other families.
    optimum, chance
        Best value, and the value of a prediction without information; ``None`` if there is none.
    higher_is_better
        Direction. Where neither, because the optimum lies inside the range (log2 of a ratio, and the families of
        `CENTRED`), nearer to it is better: ``meta["centred"]`` says so.
    source
        Where it comes from.
    primary
        Whether it can carry the verdict.
    transform
        ``log2_root`` for metrics shown as log2 of the root of a ratio of sums.
    fooled_by
        Known ways to fool it.
    space
        What is compared. ``expression`` does not measure perturbation biology and is shown beside no change.
    reference
        What effects are differences from.
    undefined
        When it has no value.
    level
        ``panel`` for a statistic of all conditions together that is no mean of theirs: without an interval.
    readout
        Whether it takes many features, one (``scalar``), or any number.
    faults
        Rules of conformance that it is known and meant to break; such a metric never carries the verdict.
    """

    def decorate(function: MetricFunction) -> MetricFunction:
        meta: dict[str, Any] = {
            "title": title,
            "family": family,
            "optimum": optimum,
            "chance": chance,
            "higher_is_better": higher_is_better,
            "primary": primary,
            "transform": transform,
            "fooled_by": fooled_by,
            "space": space,
            "reference": reference,
            "undefined": undefined,
            "level": level,
            "readout": readout,
            "faults": faults,
            "centred": not higher_is_better and (family in CENTRED or name.endswith("_log2")),
        }
        return METRICS.register(name, function, source=source, **meta)

    return decorate
