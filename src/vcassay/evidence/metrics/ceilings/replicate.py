"""The replicate reference: what an independent measurement of the same conditions scores (T4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import Weights, aggregate, interval
from vcassay.core import Interval, Score, ScoreStatus
from vcassay.evidence.metrics.ceilings.agreement import has_closed_form, panel_at
from vcassay.evidence.metrics.ceilings.ceiling import FULL, REPLICATE, Ceiling, by_strata, find_ceilings, parts_of
from vcassay.evidence.metrics.ceilings.scalar import replicate
from vcassay.evidence.metrics.filled import evaluate
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import MAX_UNDEFINED_DRAWS, Scores

Array = NDArray[np.float64]

NAME = "replicate"
FULL_DEPTH = "full_depth"
"""Name of the same where it is known at full depth: by a closed form, or by the curve of lesser depths."""
NO_SIGNAL = "the true effects it is divided by are not above noise"

AT_FULL_DEPTH = "replicate at full depth"


class Replicate(NamedTuple):
    """A replicate's score in one metric and stratum: value, (b,) draws, (k,) values by context, and its depth."""

    value: float
    draws: Array
    by_context: Array
    kind: str


class Replicates:
    """Scores of a replicate; halves are compared once a metric.

    Correlations over genes that the truth did not choose: full-depth reliability R, by Spearman-Brown from the split
    halves, stratum by stratum. Noise-corrected error: the noise of a full-depth measurement over the true effect. All
    others: its agreement at lesser depths continued to full depth; else one half against the other.
    """

    def __init__(self, scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling]) -> None:
        self.scores, self.ceilings = scores, ceilings
        self._halves: dict[str, Array | None] = {}

    def of(self, metric: str, stratum: str) -> Replicate | None:
        """Score of a replicate; ``None`` where it is not measurable."""
        if (metric, stratum) not in self.scores.weights:
            return None
        at, weights = self.scores.weights[metric, stratum]
        panel = self.scores.panel
        if panel.scalar:
            made = replicate(panel, metric, at, weights)
            kind = REPLICATE if METRICS[metric].meta["family"] == "ranking" else AT_FULL_DEPTH
            return None if made.reason else Replicate(made.value, made.draws, made.by_context, kind)
        if metric == "nmse":
            return _error(panel, at, weights)
        half = self._half(metric)
        if half is not None:
            own = half[at]
            if not np.isfinite(own).all():
                return None
            return Replicate(*by_strata(own, weights, parts_of(panel, at), spearman_brown), AT_FULL_DEPTH)
        c = self.ceilings[metric, stratum]
        return (
            Replicate(c.value, c.draws, c.by_context, c.kind) if c.kind in (REPLICATE, FULL) and not c.reason else None
        )

    def _half(self, metric: str) -> Array | None:
        """(t,) correlation of the halves; ``None`` for what has no closed form."""
        if metric not in self._halves:
            value: Array | Ratio | None = None
            panel = self.scores.panel
            if metric == "pearson_delta":
                value = panel.reliability
            elif has_closed_form(METRICS[metric]):
                value = evaluate(METRICS[metric], panel_at(panel, panel.half_b, 0.5), panel.half_a)
            self._halves[metric] = None if isinstance(value, Ratio) else value
        return self._halves[metric]


def replicate_scores(scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling] | None = None) -> list[Score]:
    """Score a replicate in every metric and stratum (`Replicates`); never ranked.

    Parameters
    ----------
    ceilings
        Found before; found here otherwise.
    """
    out = []
    found = Replicates(scores, find_ceilings(scores) if ceilings is None else ceilings)
    for entry in METRICS:
        for stratum in scores.panel.strata:
            made = found.of(entry.name, stratum)
            if made is None:
                continue
            at, weights = scores.weights[entry.name, stratum]
            if not np.isfinite(made.value) or np.isnan(made.draws).mean() > MAX_UNDEFINED_DRAWS.value:
                out.append(
                    Score(entry.name, NAME, stratum, None, None, ScoreStatus.UNDEFINED, len(at), reason=NO_SIGNAL)
                )
                continue
            e = interval(made.value, made.draws, made.by_context, weights.method, families=weights.families)
            span = Interval(e.low, e.high, weights.method)
            out.append(Score(entry.name, NAME, stratum, None, made.value, ScoreStatus.OK, len(at), interval=span))
    return out


def full_depth_scores(
    scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling], references: Sequence[Score]
) -> list[Score]:
    """The scores of a replicate that hold at full depth, under a name of their own; never ranked.

    Nothing is worked out again: a replicate's score is of full depth unless its ceiling is one of half the depth. There
    it is undefined, with the reason why it could not be continued.

    Parameters
    ----------
    references
        From `replicate_scores`.
    """
    out = []
    for s in references:
        c = ceilings.get((s.metric, s.stratum))
        half = c is not None and c.kind == REPLICATE and not _closed(scores.panel, s.metric)
        if half and s.value is not None:
            why = c.note if c is not None and c.note else "replicates are known at half depth alone"
            out.append(
                replace(s, model=FULL_DEPTH, value=None, status=ScoreStatus.UNDEFINED, reason=why, interval=None)
            )
        else:
            out.append(replace(s, model=FULL_DEPTH))
    return out


def _closed(panel: Panel, metric: str) -> bool:
    """Whether a replicate's score follows from the halves without a curve."""
    if panel.scalar:
        return bool(METRICS[metric].meta["family"] != "ranking")
    return metric in ("nmse", "pearson_delta") or has_closed_form(METRICS[metric])


def _error(panel: Panel, at: NDArray[np.int64], weights: Weights) -> Replicate | None:
    mask = panel.inputs["mask"][at]
    noise = np.where(mask, panel.se[at] ** 2, 0.0).sum(axis=1)
    signal = np.where(mask, panel.inputs["cross"][at], 0.0).sum(axis=1)
    if not np.isfinite(noise + signal).all():
        return None
    return Replicate(*aggregate(noise, weights, signal), AT_FULL_DEPTH)
