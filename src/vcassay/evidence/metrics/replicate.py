"""The replicate reference: what an independent measurement of the same conditions scores (T4)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import aggregate, interval
from vcassay.core import Interval, Score, ScoreStatus
from vcassay.evidence.metrics.ceilings import FULL, REPLICATE, Ceiling, by_strata, find_ceilings, parts_of
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.scalar import replicate
from vcassay.evidence.metrics.score import MAX_UNDEFINED_DRAWS, Scores

NAME = "replicate"
NO_SIGNAL = "the true effects it is divided by are not above noise"


def replicate_scores(scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling] | None = None) -> list[Score]:
    """Score a replicate in every metric and stratum; never ranked.

    Correlation against control: full-depth reliability R, by Spearman-Brown from the split halves.
    Noise-corrected error: the noise of a full-depth measurement over the true effect. All others:
    its agreement at lesser depths continued to full depth; else one half against the other.

    Parameters
    ----------
    ceilings
        Found before; found here otherwise.
    """
    out = []
    ceilings = find_ceilings(scores) if ceilings is None else ceilings
    for entry in METRICS:
        for stratum in scores.panel.strata:
            if (entry.name, stratum) not in scores.weights:
                continue
            at, weights = scores.weights[entry.name, stratum]
            if scores.panel.scalar:
                made = replicate(scores.panel, entry.name, at, weights)
                if not made.reason:
                    e = interval(made.value, made.draws, made.by_context, weights.method)
                    span = Interval(e.low, e.high, weights.method)
                    out.append(Score(entry.name, NAME, stratum, None, e.value, ScoreStatus.OK, len(at), interval=span))
                continue
            ceiling = ceilings[entry.name, stratum]
            parts = _values(scores, entry.name, at)
            if parts is not None:
                if entry.name == "pearson_delta":
                    strata = parts_of(scores.panel, at)
                    value, draws, by_context = by_strata(parts[0], weights, strata, spearman_brown)
                else:
                    value, draws, by_context = aggregate(parts[0], weights, parts[1])
                if not np.isfinite(value) or np.isnan(draws).mean() > MAX_UNDEFINED_DRAWS.value:
                    out.append(
                        Score(entry.name, NAME, stratum, None, None, ScoreStatus.UNDEFINED, len(at), reason=NO_SIGNAL)
                    )
                    continue
                e = interval(value, draws, by_context, weights.method, families=weights.families)
                span = Interval(e.low, e.high, weights.method)
                out.append(Score(entry.name, NAME, stratum, None, value, ScoreStatus.OK, len(at), interval=span))
            elif ceiling.kind in (REPLICATE, FULL) and not ceiling.reason:
                span = Interval(ceiling.low, ceiling.high, weights.method)
                row = Score(entry.name, NAME, stratum, None, ceiling.value, ScoreStatus.OK, len(at), interval=span)
                out.append(row)
    return out


def _values(
    scores: Scores, metric: str, at: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None] | None:
    """Per-condition values (and denominators) of a replicate; ``None`` where halves do not exist."""
    panel = scores.panel
    mask = panel.inputs["mask"][at]
    if metric == "pearson_delta":
        half = panel.reliability[at]
        return (half, None) if np.isfinite(half).all() else None
    if metric == "nmse":
        noise = np.where(mask, panel.se[at] ** 2, 0.0).sum(axis=1)
        signal = np.where(mask, panel.inputs["cross"][at], 0.0).sum(axis=1)
        return (noise, signal) if np.isfinite(noise + signal).all() else None
    return None
