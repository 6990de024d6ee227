"""Ceilings: the best that can be reached in a metric and stratum, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import Estimate, Weights, aggregate, interval
from vcassay.evidence.metrics.filled import evaluate
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import Scores

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

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
    by_context
        (k,) its value by context, for the interval on few contexts.
    """

    metric: str
    stratum: str
    kind: str
    value: float
    low: float
    high: float
    draws: Array
    reason: str = ""
    by_context: Array = field(default_factory=lambda: np.empty(0))


def find_ceilings(scores: Scores) -> dict[tuple[str, str], Ceiling]:
    """Find the ceiling of every metric and stratum.

    Correlations: average split-half correlation with negatives kept, brought to full depth by
    Spearman-Brown, then the root (methods 4), in each effect-size stratum; ``all`` and
    ``detectable`` have the mean over their strata, since the root of a mean over weak and strong
    effects lies far above the mean of the roots; conditions without a detectable effect count 0.
    Noise-corrected errors and magnitudes: their optimum. Retrieval: one half scored against the
    other. There is none without detectable effects, or where the lower end of the interval of the
    halves' agreement, or of the true effects' size, is not above 0.
    """
    out = {}
    for entry in METRICS:
        for stratum in scores.panel.strata:
            out[entry.name, stratum] = _find(scores, entry.name, stratum)
    return out


def _find(scores: Scores, metric: str, stratum: str) -> Ceiling:
    panel = scores.panel
    if (metric, stratum) not in scores.weights:
        some = bool(_halved(panel).any())
        why = "the metric is not defined by the truth here" if some else "no condition has split halves"
        return _none(metric, stratum, PERFECT, why)
    at, weights = scores.weights[metric, stratum]
    halves = _halved(panel)[at]
    if not halves.all() or not len(at):
        return _none(metric, stratum, PERFECT, f"split halves exist for {int(halves.sum())} of {len(at)} conditions")
    family = METRICS[metric].meta["family"]
    if family == "raw":
        return _none(metric, stratum, PERFECT, "a raw metric: it does not measure the perturbation")
    if family != "null" and (panel.no_signal or stratum == "null"):
        why = panel.no_signal or "no effect of this stratum is above its pseudo-perturbations"
        return _none(metric, stratum, PERFECT, why)
    if metric in ("nmse", "nmse_uncorrected", "magnitude_log2", "null_effect"):
        energy = np.where(panel.inputs["mask"], panel.inputs["cross"], 0.0).sum(axis=1)[at]
        if metric != "null_effect" and not _above_0(interval(*aggregate(energy, weights), weights.method)):
            return _none(metric, stratum, PERFECT, "no measurable signal: the true effects are not above noise")
        best = float(METRICS[metric].meta["optimum"])
        draws, by_context = np.full(len(weights.draws), best), np.full(int(weights.context.max()) + 1, best)
        return Ceiling(metric, stratum, PERFECT, best, best, best, draws, by_context=by_context)
    half = panel.reliability[at] if metric == "pearson_delta" else _half_against_half(scores, metric)[at]
    if family == "correlation":
        null = panel.strata.get("null", np.zeros(len(panel.context), dtype=bool))[at]
        half = np.where(null | ~np.isfinite(half), 0.0, half)
        e = interval(*aggregate(half, weights), weights.method)
        if not _above_0(e):
            span = f" [{e.low:.2f}, {e.high:.2f}]" if np.isfinite(e.low) else ""
            why = f"no measurable signal: split halves correlate at {e.value:.2f}{span}"
            return _none(metric, stratum, PERFECT, why)
        value, draws, by_context = by_strata(half, weights, parts_of(panel, at), root_ceiling)
        e = interval(value, draws, by_context, weights.method)
        return Ceiling(metric, stratum, PERFECT, e.value, e.low, min(e.high, 1.0), draws, by_context=by_context)
    if not np.isfinite(half).all():
        return _none(metric, stratum, REPLICATE, "a half is undefined for some conditions")
    value, draws, by_context = aggregate(half, weights)
    e = interval(value, draws, by_context, weights.method)
    return Ceiling(metric, stratum, REPLICATE, e.value, e.low, e.high, draws, by_context=by_context)


def _halved(panel: Panel) -> Mask:
    """(t,) whether both halves are measured on all scored genes."""
    return np.asarray(np.isfinite(np.where(panel.inputs["mask"], panel.half_a + panel.half_b, 0.0)).all(axis=1))


def _above_0(e: Estimate) -> bool:
    return bool(e.value > 0 and not e.low <= 0)


def parts_of(panel: Panel, at: NDArray[np.int64]) -> list[Mask]:
    """Effect-size strata among the conditions ``at``, (n,) each; what is in none of them comes last."""
    parts = [panel.strata[name][at] for name in ("null", "weak", "medium", "strong") if name in panel.strata]
    rest = ~np.any(parts, axis=0) if parts else np.ones(len(at), dtype=bool)
    return [part for part in (*parts, rest) if part.any()]


def by_strata(
    half: Array, weights: Weights, parts: Sequence[Mask], transform: Callable[[Array], Array]
) -> tuple[float, Array, Array]:
    """Mean over strata of a function of each stratum's mean split-half correlation.

    Parameters
    ----------
    half
        (n,) split-half correlations, no NaN.
    parts
        From `parts_of`.
    transform
        Of mean correlations, such as `root_ceiling`.

    Returns
    -------
    value, (b,) draws and (k,) values by context, as of `vcassay.arrays.resample.aggregate`.
    """

    def mean(w: Array) -> Array:
        total = np.zeros(len(w))
        for part in parts:
            share = w[:, part].sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                r = np.where(share > 0, w[:, part] @ half[part] / share, 0.0)
            total += share * transform(r)
        return total

    of_context = np.arange(int(weights.context.max()) + 1)[:, None] == weights.context
    here = of_context / of_context.sum(axis=1, keepdims=True)
    return float(mean(weights.base[None])[0]), mean(weights.draws), mean(here)


def _half_against_half(scores: Scores, metric: str) -> Array:
    """(t,) score of one half of the rows, as a prediction, against the other half as the truth."""
    panel = scores.panel
    other_half = replace(panel, inputs={**panel.inputs, "truth": panel.half_b})
    return np.asarray(evaluate(METRICS[metric], other_half, panel.half_a))


def root_ceiling(r: Array) -> Array:
    """Ceiling of a perfect model from split-half correlations; 0 where they are not above 0."""
    return np.sqrt(np.clip(spearman_brown(np.clip(r, 0.0, 1.0)), 0.0, 1.0))


def _none(metric: str, stratum: str, kind: str, reason: str) -> Ceiling:
    nan = float("nan")
    return Ceiling(metric, stratum, kind, nan, nan, nan, np.empty(0), reason)
