"""The interpolated duplicate: half of a condition's rows, drawn towards the mean where they show no change (T4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.multiple import benjamini_hochberg_rows
from vcassay.arrays.resample import aggregate, interval
from vcassay.core import Interval, Score, ScoreStatus
from vcassay.evidence.metrics.ceilings.agreement import OF_HALVES, panel_at
from vcassay.evidence.metrics.filled import evaluate
from vcassay.evidence.metrics.inference.compare import primary_metrics
from vcassay.evidence.metrics.metric import METRICS, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import MAX_UNDEFINED_DRAWS, Scores, transformed

Array = NDArray[np.float64]

NAME = "interpolated_duplicate"
HALF = 0.5
"""Depth of a half."""


def interpolated(duplicate: Array, mean: Array, statistic: Array) -> Array:
    """Draw a duplicate towards the mean, gene by gene: alpha x duplicate + (1 - alpha) x mean.

    alpha is 1 less the p-value of the duplicate's own effect, two-sided and normal, adjusted within a condition
    (Benjamini and Hochberg): what is surely changed is the duplicate's, what is not the mean's (Miller et al. 2025).

    Parameters
    ----------
    duplicate, mean
        (t, g) effects.
    statistic
        (t, g) z of the duplicate's effects; NaN where a gene is not tested, which then has the mean.
    """
    p = benjamini_hochberg_rows(2.0 * ndtr(-np.abs(statistic)))
    alpha = np.where(np.isfinite(p), 1.0 - p, 0.0)
    return np.where(alpha > 0, alpha * duplicate, 0.0) + (1.0 - alpha) * mean


def duplicate_scores(scores: Scores) -> list[Score]:
    """Score the interpolated duplicate, made of one half, against the other half; never ranked.

    In the primary metrics, both at half depth. The mean is that of the training effects (the perturbed reference). The
    noise-corrected error takes off the noise of the half that it is compared with. No scores where calls, halves or
    training effects are not there.
    """
    panel = scores.panel
    if why_not(panel):
        return []
    own = panel_at(panel, panel.half_a, HALF)
    pred = interpolated(panel.half_a, np.asarray(panel.inputs["reference"]), np.asarray(own.inputs["statistic"]))
    there = panel_at(panel, panel.half_b, HALF)
    out = []
    for name in primary_metrics(panel):
        if name == "nmse":
            values: Values = _error(panel, pred)
        elif OF_HALVES & set(METRICS[name].arguments):
            continue
        else:
            values = evaluate(METRICS[name], there, pred)
        out += _aggregated(scores, name, values)
    return out


def why_not(panel: Panel) -> str:
    """Why there is no interpolated duplicate on a panel; empty where there is."""
    if panel.scalar:
        return "one value a condition has no genes to interpolate between"
    if panel.inputs.get("statistic") is None:
        return str(panel.missing.get("statistic") or "effects are not tested gene by gene")
    if not np.isfinite(np.where(panel.inputs["mask"], panel.half_a + panel.half_b, 0.0)).all(axis=1).any():
        return "split halves do not exist here"
    if not np.isfinite(panel.inputs["reference"]).any():
        return "there are no training effects"
    return ""


def _error(panel: Panel, pred: Array) -> Ratio:
    """Squared distance to the other half, less that half's noise, over the debiased true size."""
    mask = panel.inputs["mask"]
    gap = np.where(mask, (pred - panel.half_b) ** 2 - panel.se**2 / HALF, 0.0).sum(axis=1)
    return Ratio(gap, np.where(mask, panel.inputs["cross"], 0.0).sum(axis=1))


def _aggregated(scores: Scores, metric: str, values: Values) -> list[Score]:
    top, below = (values.numerator, values.denominator) if isinstance(values, Ratio) else (values, None)
    out = []
    for stratum in scores.panel.strata:
        if (metric, stratum) not in scores.weights:
            continue
        at, weights = scores.weights[metric, stratum]
        if not np.isfinite(top[at]).all() or (below is not None and not np.isfinite(below[at]).all()):
            continue
        made = transformed(
            METRICS[metric].meta["transform"], *aggregate(top[at], weights, None if below is None else below[at])
        )
        if not np.isfinite(made[0]) or np.isnan(made[1]).mean() > MAX_UNDEFINED_DRAWS.value:
            continue
        e = interval(*made, weights.method, families=weights.families)
        span = Interval(e.low, e.high, weights.method) if np.isfinite(e.low) else None
        out.append(Score(metric, NAME, stratum, None, made[0], ScoreStatus.OK, len(at), interval=span))
    return out
