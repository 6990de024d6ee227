"""Ceilings: the best that can be reached in a metric and stratum, and what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import aggregate, interval
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores, evaluate

Array = NDArray[np.float64]

PERFECT = "perfect model"
REPLICATE = "replicate at half depth"


@dataclass(frozen=True, slots=True, eq=False)
class Ceiling:
    """The best in one metric and stratum.

    Attributes
    ----------
    value, low, high
        NaN where it is not measurable.
    kind
        `PERFECT` (a noise-free model against the observed truth) or `REPLICATE` (an independent
        measurement of half the depth against the other half).
    draws
        (b,) on the same resampling weights as the scores.
    reason
        Why there is none; empty otherwise.
    """

    metric: str
    stratum: str
    kind: str
    value: float
    low: float
    high: float
    draws: Array
    reason: str = ""


def find_ceilings(scores: Scores) -> dict[tuple[str, str], Ceiling]:
    """Find the ceiling of every metric and stratum.

    Correlations: average split-half correlation with negatives kept, brought to full depth by
    Spearman-Brown, then the root (DECISIONS 4). Noise-corrected errors and magnitudes: their
    optimum. Retrieval: one half scored against the other.
    """
    out = {}
    for entry in METRICS:
        for stratum in scores.panel.strata:
            out[entry.name, stratum] = _find(scores, entry.name, stratum)
    return out


def _find(scores: Scores, metric: str, stratum: str) -> Ceiling:
    panel = scores.panel
    if (metric, stratum) not in scores.weights:
        some = bool(np.isfinite(panel.half_a).all(axis=1).any())
        why = "the metric is not defined by the truth here" if some else "no condition has split halves"
        return _none(metric, stratum, PERFECT, why)
    at, weights = scores.weights[metric, stratum]
    n_draws = len(weights.draws)
    halves = np.isfinite(panel.half_a[at]).all(axis=1) & np.isfinite(panel.half_b[at]).all(axis=1)
    if not halves.all() or not len(at):
        return _none(metric, stratum, PERFECT, f"split halves exist for {int(halves.sum())} of {len(at)} conditions")
    if metric in ("nmse", "magnitude_log2", "null_effect"):
        optimum = float(METRICS[metric].meta["optimum"])
        return Ceiling(metric, stratum, PERFECT, optimum, optimum, optimum, np.full(n_draws, optimum))
    if METRICS[metric].meta["family"] == "raw":
        return _none(metric, stratum, PERFECT, "a raw metric: it does not measure the perturbation")
    half = panel.reliability[at] if metric == "pearson_delta" else _half_against_half(scores, metric)[at]
    if METRICS[metric].meta["family"] == "correlation":
        value, draws, by_context = aggregate(np.where(np.isfinite(half), half, 0.0), weights)
        if value <= 0:
            return _none(metric, stratum, PERFECT, f"no measurable signal: split halves correlate at {value:.2f}")
        ceiling = _root(np.array([value]))[0]
        e = interval(float(ceiling), _root(draws), _root(by_context), weights.method)
        return Ceiling(metric, stratum, PERFECT, e.value, e.low, min(e.high, 1.0), _root(draws))
    if not np.isfinite(half).all():
        return _none(metric, stratum, REPLICATE, "a half is undefined for some conditions")
    value, draws, by_context = aggregate(half, weights)
    e = interval(value, draws, by_context, weights.method)
    return Ceiling(metric, stratum, REPLICATE, e.value, e.low, e.high, draws)


def _half_against_half(scores: Scores, metric: str) -> Array:
    """(t,) score of one half of the rows, as a prediction, against the other half as the truth."""
    panel = scores.panel
    other_half = replace(panel, inputs={**panel.inputs, "truth": panel.half_b})
    return np.asarray(evaluate(METRICS[metric], other_half, panel.half_a))


def _root(r: Array) -> Array:
    """Ceiling of a perfect model from split-half correlations; 0 where they are not above 0."""
    return np.sqrt(np.clip(spearman_brown(np.clip(r, 0.0, 1.0)), 0.0, 1.0))


def _none(metric: str, stratum: str, kind: str, reason: str) -> Ceiling:
    nan = float("nan")
    return Ceiling(metric, stratum, kind, nan, nan, nan, np.empty(0), reason)
