"""References for cells: what an independent replicate scores in the metrics that compare cells."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.resample import aggregate, interval
from vcassay.core import Interval, Score, ScoreStatus
from vcassay.core.registry import call
from vcassay.evidence.metrics.ceilings.replicate import NAME
from vcassay.evidence.metrics.metric import METRICS, Values
from vcassay.evidence.metrics.score import Scores, transformed


def perfect_cells(compared: Mapping[str, Values]) -> dict[str, Values]:
    """What a perfect model's cells would score, from any comparison: NaN where the truth does not say.

    Parameters
    ----------
    compared
        Ratios, whose denominators belong to the truth, and values that are 0 for a perfect model, of cells that every
        condition has.
    """
    out: dict[str, Values] = {}
    for name, values in compared.items():
        if isinstance(values, Ratio):
            out[name] = Ratio(values.denominator, values.denominator)
        else:
            out[name] = np.where(np.isfinite(values), 0.0, np.nan)
    return out


def cell_replicate_scores(scores: Scores, compared: Mapping[str, Values]) -> list[Score]:
    """Score one half of the measured cells against the other half, in every metric of cells and stratum; never ranked.

    At half the number of cells, which moves no metric on average: their floors are taken off.
    """
    out = []
    for entry in METRICS:
        if "cells" not in entry.arguments or len(entry.arguments) > 1:
            continue
        values: Values = call(entry, {"cells": compared})
        top = values.numerator if isinstance(values, Ratio) else values
        for stratum in scores.panel.strata:
            if (entry.name, stratum) not in scores.weights:
                continue
            at, weights = scores.weights[entry.name, stratum]
            below = values.denominator[at] if isinstance(values, Ratio) else None
            if not np.isfinite(top[at]).all() or (below is not None and not np.isfinite(below).all()):
                continue
            value, draws, by_context = transformed(entry.meta["transform"], *aggregate(top[at], weights, below))
            if not np.isfinite(value):
                continue
            e = interval(value, draws, by_context, weights.method, families=weights.families)
            span = Interval(e.low, e.high, weights.method) if np.isfinite(e.low) else None
            out.append(Score(entry.name, NAME, stratum, None, value, ScoreStatus.OK, len(at), interval=span))
    return out
