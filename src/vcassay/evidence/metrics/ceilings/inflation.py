"""Inflation: what sharing the controls between truth and prediction would add to a score."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import aggregate, interval
from vcassay.evidence.metrics.filled import fill
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores
from vcassay.record.evidence import InflationRecord

Array = NDArray[np.float64]

SHOWN = ("pearson_delta", "cosine_delta")
"""Metrics that are scored both ways."""


def inflation(scores: Scores, truth: Array, answers: Collection[str]) -> list[InflationRecord]:
    """Score answers against the controls that they stand on, and say by how much that is more.

    One sample of controls in both effects makes their noise agree: where nothing happens the mean of
    training effects correlates with the "truth", at .71 with as many controls as perturbed rows. Both
    truths have the same number of controls, so that all of the difference comes from sharing them: it is 0
    for a model whose effects do not stand on the controls of the scored contexts.

    Parameters
    ----------
    truth
        (t, g) effects against the controls left to training.
    answers
        Which answers are scored.
    """
    panel, stratum = scores.panel, scores.panel.decision
    shared = replace(panel, inputs={**panel.inputs, "truth": truth})
    rows = []
    for metric in SHOWN:
        if (metric, stratum) not in scores.weights:
            continue
        at, weights = scores.weights[metric, stratum]
        for name in answers:
            mine = scores.draws.get((name, metric, stratum))
            if mine is None:
                continue
            filled = fill(METRICS[metric], shared, scores.predicted[name])
            if filled.impossible or not filled.defined[at].all():
                continue
            value, draws, by_context = aggregate(filled.values[at], weights)
            e = interval(
                value - mine[0], draws - mine[1], by_context - mine[2], weights.method, families=weights.families
            )
            rows.append(
                InflationRecord(
                    model=name,
                    metric=metric,
                    stratum=stratum,
                    naive=value,
                    disjoint=mine[0],
                    difference=e.value,
                    low=e.low,
                    high=e.high,
                )
            )
    return rows
