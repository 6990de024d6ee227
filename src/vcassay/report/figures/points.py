"""What the scatter draws: points, counts in cells, undefined scores and the means of the strata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import ceiling_of, strongest
from vcassay.report.figures import effect_axis as ax
from vcassay.report.figures.figure import MAX_POINTS, Table, clean
from vcassay.report.palette import STRATA

GRID_Y = 28
"""Cells up the score axis."""

DIGITS = 4
"""Digits of a point's coordinates: a thousandth of the width of a drawing is more than can be seen."""

EDGE = 0.002
"""Share of the values at either end that may lie beyond the axis; they are drawn on its edge."""

Frame = tuple[float, float, float, float, float]
"""Effect axis from, to, linear until; score axis from, to."""


def point_rows(rows: pd.DataFrame) -> Table:
    """One row a condition."""
    return clean(
        [
            {
                "id": r.id,
                "perturbation": str(r.perturbation),
                "context": str(r.context),
                "dose": r.dose,
                "effect": r.effect,
                "value": r.value,
                "cells": r.n_cells,
                "stratum": known_stratum(r.stratum),
            }
            for r in rows.itertuples()
        ],
        DIGITS,
    )


def known_stratum(stratum: object) -> str:
    """Name of the stratum if it has a colour of its own."""
    return str(stratum) if str(stratum) in STRATA else "unassessed"


def rug_rows(rows: pd.DataFrame) -> Table:
    """One row a condition whose score is undefined, with the reason."""
    shown = rows[["id", "perturbation", "context", "effect", "reason"]].head(MAX_POINTS)
    return clean(
        [
            {"id": i, "perturbation": str(p), "context": str(c), "effect": effect, "reason": str(reason)}
            for i, p, c, effect, reason in shown.itertuples(index=False)
        ]
    )


def cell_rows(rows: pd.DataFrame, frame: Frame, record: AssessmentRecord) -> Table:
    """Counts of conditions in cells, for more conditions than can be drawn one by one; no cell spans two strata."""
    low, high, constant, floor, top = frame
    x_cuts = np.asarray(ax.edges(low, high, constant, ax.bounds_of(record.screen.strata)))
    y_cuts = np.linspace(floor, top, GRID_Y + 1)
    column = np.clip(np.searchsorted(x_cuts, rows["effect"], side="right") - 1, 0, len(x_cuts) - 2)
    line = np.clip(np.searchsorted(y_cuts, rows["value"], side="right") - 1, 0, GRID_Y - 1)
    tally = Counter(zip(column.tolist(), line.tolist(), rows["stratum"].map(known_stratum), strict=True))
    return clean(
        [
            {
                "left": x_cuts[c],
                "right": x_cuts[c + 1],
                "bottom": y_cuts[j],
                "top": y_cuts[j + 1],
                "stratum": stratum,
                "count": n,
            }
            for (c, j, stratum), n in sorted(tally.items())
        ]
    )


def level_rows(
    record: AssessmentRecord, model: str, metric: MetricRecord, rows: pd.DataFrame, low: float, high: float
) -> Table:
    """One row a stratum: where it lies, its ceiling, and the means of the model and of the best legal baseline."""
    base = strongest(record, model, metric.name)
    defined = rows[rows["value"].notna()]
    found: Table = []
    for name, (left, right) in ax.spans(record.screen.strata, low, high).items():
        ceiling = ceiling_of(record, metric.name, name)
        mine, other = record.score(model, metric.name, name), record.score(base, metric.name, name)
        found.append(
            {
                "stratum": name,
                "left": left,
                "right": right,
                "n": int((defined["stratum"] == name).sum()),
                "ceiling": ceiling.value,
                "ceiling_low": ceiling.low,
                "ceiling_high": ceiling.high,
                "model_mean": None if mine is None else mine.value,
                "baseline_mean": None if other is None else other.value,
            }
        )
    return clean(found)


def value_range(values: list[pd.Series], levels: Iterable[Table], anchor: float | None) -> tuple[float, float]:
    """Range of the score axis: all but the outermost values, every ceiling and every mean."""
    fields = ("ceiling_high", "model_mean", "baseline_mean")
    marks = [row[k] for table in levels for row in table for k in fields if row[k] is not None]
    if anchor is not None:
        marks.append(anchor)
    every = pd.concat(values)
    low = min([float(every.quantile(EDGE)), *marks])
    high = max([float(every.quantile(1 - EDGE)), *marks])
    room = 0.06 * (high - low or 1.0)
    return low - 1.6 * room, high + room
