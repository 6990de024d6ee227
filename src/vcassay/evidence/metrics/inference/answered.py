"""Answered: the scores of a model on the conditions that it answered, beside those with abstentions at chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vcassay.arrays.resample import aggregate, draw_weights, interval
from vcassay.core import Interval, Score, ScoreStatus
from vcassay.evidence.metrics.metric import METRICS, within
from vcassay.evidence.metrics.score import Scores, transformed

ANSWERED = "answered"
"""Stratum name of these scores: conditions of the deciding stratum that a model answered."""


def answered_scores(scores: Scores, models: Sequence[str], seed: int) -> list[Score]:
    """Score each model that abstained on the conditions that it answered.

    These never decide: a model that answers the easy conditions alone does well on them. They tell what its abstentions
    cost, and what a metric without chance level is where it has a value.
    """
    stratum = scores.panel.decision
    out = []
    for entry in METRICS:
        if (entry.name, stratum) not in scores.weights:
            continue
        every, weights = scores.weights[entry.name, stratum]
        for name in models:
            filled = scores.filled[name, entry.name]
            at = every[filled.defined[every] & ~filled.at_chance[every]]
            if not filled.at_chance[every].any() or not len(at):
                continue
            rng = np.random.default_rng([seed, len(at)])
            own = draw_weights(scores.panel.context[at], scores.panel.family[at], len(weights.draws), rng)
            denominator = None if filled.denominator is None else filled.denominator[at]
            value, draws, by_context = transformed(
                entry.meta["transform"], *aggregate(filled.values[at], own, denominator)
            )
            if not np.isfinite(value):
                continue
            e = interval(value, draws, by_context, own.method, families=own.families)
            some = np.isfinite(e.low) and entry.meta["level"] == "condition"
            span = Interval(*within(entry.meta, value, e.low, e.high), own.method) if some else None
            out.append(Score(entry.name, name, ANSWERED, None, value, ScoreStatus.OK, len(at), interval=span))
    return out
