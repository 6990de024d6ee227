"""Which metrics of a scalar readout can carry the verdict, and the best that can be reached in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import Weights, aggregate, interval
from vcassay.evidence.metrics.filled import evaluate
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.panel import Panel

Array = NDArray[np.float64]
At = NDArray[np.int64]

CORRECTED, RAW = "phenotype_error", "phenotype_error_raw"
"""The error that carries the verdict where all test conditions have replicates, and where they have not."""


class Best(NamedTuple):
    """The best in a metric: value, (b,) draws and (k,) values by context, or the reason why there is none."""

    value: float
    draws: Array
    by_context: Array
    reason: str = ""


def replicated(panel: Panel, at: At | None = None) -> NDArray[np.bool_]:
    """(n,) whether a condition's halves are measured."""
    found = np.isfinite(panel.half_a + panel.half_b)[:, 0]
    return np.asarray(found if at is None else found[at])


def passed_over(panel: Panel) -> str:
    """The error metric that does not carry the verdict of a panel."""
    some = replicated(panel)
    return RAW if len(some) and some.all() else CORRECTED


def perfect_model(panel: Panel, metric: str, at: At, weights: Weights) -> Best:
    """What a model without error scores against the measured, noisy values.

    Corrected error: 0, where the bias model's own error is above noise. Correlations, whether overall, within groups or
    partial: the root of the reliability, from one half as the prediction of the other, brought to full depth.
    """
    if METRICS[metric].meta["family"] == "error":
        if metric == RAW:
            return _none("the error holds the noise of the truth, which is known from replicates alone")
        below = _errors(panel.inputs["bias"], panel)[at]
        e = interval(*aggregate(below, weights), weights.method, families=weights.families)
        if not (e.value > 0 and not e.low <= 0):
            return _none("no measurable signal: what the bias model leaves is not above noise")
        k = int(weights.context.max()) + 1
        return Best(0.0, np.zeros(len(weights.draws)), np.zeros(k))
    half = half_against_half(panel, metric, at, weights)
    e = interval(*half[:3], weights.method, families=weights.families)
    if half.reason or not (e.value > 0 and not e.low <= 0):
        span = f" [{e.low:.2f}, {e.high:.2f}]" if np.isfinite(e.low) else ""
        return _none(half.reason or f"no measurable signal: split halves correlate at {e.value:.2f}{span}")
    best = float(_root(half.value))
    slope = 1.0 / (best * (1.0 + half.value) ** 2)  # of the root of 2 r / (1 + r)
    return Best(best, _root(half.draws), best + slope * (half.by_context - half.value))


def half_against_half(panel: Panel, metric: str, at: At, weights: Weights) -> Best:
    """One half of the rows as a prediction, scored against the other as the truth."""
    other = Panel(
        {**panel.inputs, "truth": panel.half_b}, panel.context, panel.family, panel.strata, "all", "", panel.missing
    )
    values = evaluate(METRICS[metric], other, panel.half_a)
    if not isinstance(values, Ratio):
        return _none("the metric is no ratio of sums")
    above, below = values.numerator[at], values.denominator[at]
    if not np.isfinite(above + below).all():
        return _none("a half is undefined for some conditions")
    return Best(*aggregate(above, weights, below))


def replicate(panel: Panel, metric: str, at: At, weights: Weights) -> Best:
    """What an independent measurement at full depth scores; ranking at half depth."""
    family = METRICS[metric].meta["family"]
    if not len(at) or not replicated(panel, at).all() or metric == RAW:
        return _none("replicates are missing")
    if family == "error":
        return Best(*aggregate(panel.se[at, 0] ** 2, weights, _errors(panel.inputs["bias"], panel)[at]))
    half = half_against_half(panel, metric, at, weights)
    if half.reason or family == "ranking":
        return half
    full = float(spearman_brown(half.value))
    slope = 2.0 / (1.0 + half.value) ** 2
    return Best(full, spearman_brown(half.draws), full + slope * (half.by_context - half.value))


def _errors(pred: Array, panel: Panel) -> Array:
    """(t,) squared error of values, freed of noise."""
    return np.asarray(pred * pred - 2.0 * pred * panel.inputs["half_mean"][:, 0] + panel.inputs["cross"][:, 0])


def _root(r: float | Array) -> Array:
    return np.sqrt(np.clip(spearman_brown(np.clip(r, 0.0, 1.0)), 0.0, 1.0))


def _none(reason: str) -> Best:
    return Best(np.nan, np.empty(0), np.empty(0), reason)
