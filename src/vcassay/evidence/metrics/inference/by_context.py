"""By context: the scores of every answer in each context, in the metrics that can carry the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vcassay.arrays.resample import aggregate_many, interval, take_weights
from vcassay.core import Interval, Score, ScoreStatus
from vcassay.evidence.metrics.inference.compare import primary_metrics
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import MAX_UNDEFINED_DRAWS, Scores, transformed


def context_scores(scores: Scores, names: Mapping[int, str], metrics: Sequence[str] | None = None) -> list[Score]:
    """Score each answer in each context, on the conditions that decide; intervals resample families within it.

    None where there is one context: its scores are those of all. A ratio of sums is that of the context's own sums.

    Parameters
    ----------
    names
        Code of a context to its name.
    metrics
        Names; those that can carry the verdict if ``None``.
    """
    panel, stratum = scores.panel, scores.panel.decision
    contexts = np.unique(panel.context).tolist()
    out: list[Score] = []
    wanted = primary_metrics(panel) if metrics is None else metrics
    for metric in wanted if len(contexts) > 1 else ():
        if (metric, stratum) not in scores.weights:
            continue
        at, weights = scores.weights[metric, stratum]
        known = [n for n, m in scores.filled if m == metric and (n, metric, stratum) in scores.draws]
        filled = [scores.filled[n, metric] for n in known]
        for c in contexts if known else ():
            here = panel.context[at] == c
            if not here.any():
                continue
            part, rows = take_weights(weights, here, panel.family[at]), at[here]
            values = np.stack([f.values[rows] for f in filled], axis=1)
            made = aggregate_many(
                values, part, [None if f.denominator is None else f.denominator[rows] for f in filled]
            )
            for name, f, found in zip(known, filled, made, strict=True):
                value, draws, by = transformed(METRICS[metric].meta["transform"], *found)
                lost = np.isnan(draws).mean() > MAX_UNDEFINED_DRAWS.value and part.method != "none"
                chance = int(f.at_chance[rows].sum())
                if lost or not np.isfinite(value):
                    why = "the true effects it is divided by are not above noise"
                    none = ScoreStatus.UNDEFINED
                    out.append(Score(metric, name, stratum, names[c], None, none, len(rows), 0, chance, why))
                    continue
                e = interval(value, draws, by, part.method, families=part.families)
                span = Interval(e.low, e.high, part.method) if np.isfinite(e.low) else None
                ok = ScoreStatus.OK
                out.append(Score(metric, name, stratum, names[c], value, ok, len(rows), 0, chance, "", span))
    return out
