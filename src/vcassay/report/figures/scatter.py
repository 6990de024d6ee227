"""Score against effect size: one point a condition, the ceiling behind, what is undefined as a rug."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import anchor_of, ladder, strongest
from vcassay.report.figures import effect_axis as ax
from vcassay.report.figures.figure import MAX_POINTS, Figure, Row, Table, finish, renamed
from vcassay.report.figures.points import (
    Frame,
    cell_rows,
    level_rows,
    point_rows,
    rug_rows,
    value_range,
)
from vcassay.report.palette import LIGHT, STRATA
from vcassay.report.tables import Stored

HEIGHT = 290


def scatter_figures(stored: Stored, metric: MetricRecord, limit: int) -> list[Figure]:
    """Draw the per-condition scores of the first models, on the same axes; models without any are left out."""
    found: list[tuple[int, str, pd.DataFrame]] = []
    for i, model in enumerate(stored.record.models[:limit]):
        rows = stored.values(model.name, metric.name)
        if rows is not None and rows["value"].notna().any() and np.isfinite(rows["effect"].astype("float64")).any():
            found.append((i, model.name, rows))
    if not found:
        return []
    record = stored.record
    constant = ax.linear_until(record.screen.strata)
    effects = np.concatenate([rows["effect"].to_numpy(dtype=np.float64) for _, _, rows in found])
    low, high = ax.domain(effects, constant)
    levels = {name: level_rows(record, name, metric, rows, low, high) for _, name, rows in found}
    floor, top = value_range([rows["value"] for _, _, rows in found], levels.values(), anchor_of(record, metric, "all"))
    frame = (low, high, constant, floor, top)
    specs: dict[bool, Row] = {}
    return [_figure(record, name, i, metric, rows, levels[name], frame, specs) for i, name, rows in found]


def _figure(
    record: AssessmentRecord,
    model: str,
    index: int,
    metric: MetricRecord,
    rows: pd.DataFrame,
    levels: Table,
    frame: Frame,
    specs: dict[bool, Row],
) -> Figure:
    placed = rows[np.isfinite(rows["effect"].astype("float64"))]
    drawn, undefined = placed[placed["value"].notna()], placed[placed["value"].isna()]
    many = len(drawn) > MAX_POINTS
    if many not in specs:
        specs[many] = _spec(metric, frame, many=many)
    name = f"scatter-{index}"
    names = {part: f"{name}-{part}" for part in ("strata", "undefined", "picked")} | {"points": name}
    points = cell_rows(drawn, frame, record) if many else point_rows(drawn)
    return Figure(
        name=name,
        title=model,
        alt=f"{metric.title} of {len(drawn):,} test conditions of {model} against effect size, with the ceiling.",
        spec=renamed(specs[many], names),
        tables={
            name: points,
            f"{name}-strata": levels,
            f"{name}-undefined": [] if many else rug_rows(undefined),
            f"{name}-picked": [],  # the condition that a reader looks at
        },
        caption=_caption(record, model, metric, len(drawn), len(undefined), many=many),
        note=_note(len(rows) - len(placed), len(drawn), len(points) if many else 0),
        model=model,
        height=HEIGHT,
    )


def _spec(metric: MetricRecord, frame: Frame, *, many: bool) -> Row:
    low, high, constant, floor, top = frame
    scale, axis = ax.axis_x(low, high, constant)
    y_scale = alt.Scale(domain=[floor, top], nice=False, zero=False, clamp=True)
    x = alt.X("effect:Q", scale=scale, axis=axis)
    y = alt.Y("value:Q", scale=y_scale, axis=alt.Axis(title=metric.title, tickCount=6))
    behind = alt.Chart(alt.NamedData("strata"))
    band = behind.mark_rect(fill=LIGHT["band"], aria=False).encode(
        x=alt.X("left:Q", scale=scale), x2="right:Q", y=alt.Y("ceiling_low:Q", scale=y_scale), y2="ceiling_high:Q"
    )
    best = behind.mark_rule(stroke=LIGHT["ceiling"], strokeWidth=1.5, aria=False).encode(
        x=alt.X("left:Q", scale=scale), x2="right:Q", y=alt.Y("ceiling:Q", scale=y_scale)
    )
    colour = alt.Fill("stratum:N", scale=ax.strata_scale(list(STRATA)), legend=None)
    source = alt.Chart(alt.NamedData("points"))
    marks = _heat(source, scale, y_scale, axis, metric, colour) if many else _dots(source, x, y, metric, colour)
    means = [
        _mean(behind, "model_mean", [1, 0], scale, y_scale),
        _mean(behind, "baseline_mean", [4, 3], scale, y_scale),
    ]
    rug = (
        alt.Chart(alt.NamedData("undefined"))
        .mark_tick(orient="vertical", thickness=1.2, size=9, fill=LIGHT["ink-3"])
        .encode(
            x=alt.X("effect:Q", scale=scale),
            y=alt.value(HEIGHT - 5),
            tooltip=[alt.Tooltip(c) for c in ("perturbation:N", "context:N", "reason:N")],
        )
    )
    picked = (
        alt.Chart(alt.NamedData("picked"))
        .mark_point(shape="circle", filled=False, size=190, strokeWidth=2.5, stroke=LIGHT["ink"], aria=False)
        .encode(x=alt.X("effect:Q", scale=scale), y=alt.Y("value:Q", scale=y_scale))
    )
    chart = alt.layer(band, marks, best, *means, rug, picked)
    if not many:
        chart = chart.add_params(alt.param(name="query", value=""))
    return finish(chart, height=HEIGHT)


def _mean(behind: Any, field: str, dash: list[int], scale: alt.Scale, y_scale: alt.Scale) -> Any:
    return behind.mark_rule(stroke=LIGHT["ink"], strokeWidth=2, strokeDash=dash).encode(
        x=alt.X("left:Q", scale=scale),
        x2="right:Q",
        y=alt.Y(f"{field}:Q", scale=y_scale),
        tooltip=[
            alt.Tooltip("stratum:N"),
            alt.Tooltip("n:Q"),
            alt.Tooltip("model_mean:Q", format=".2f", title="model"),
            alt.Tooltip("baseline_mean:Q", format=".2f", title="best legal baseline"),
            alt.Tooltip("ceiling:Q", format=".2f"),
        ],
    )


def _dots(source: Any, x: alt.X, y: alt.Y, metric: MetricRecord, colour: alt.Fill) -> Any:
    found = "query && indexof(lower(datum.perturbation + ' ' + datum.context), lower(query)) >= 0"
    opacity = {"condition": {"test": found, "value": 1}, "value": alt.ExprRef("query ? 0.12 : 0.72")}
    return source.mark_point(shape="circle", stroke=None).encode(
        x=x,
        y=y,
        fill=colour,
        opacity=opacity,
        size={"condition": {"test": found, "value": 70}, "value": 24},
        tooltip=[
            alt.Tooltip("perturbation:N"),
            alt.Tooltip("context:N"),
            alt.Tooltip("dose:Q"),
            alt.Tooltip("value:Q", title=metric.title, format=".3f"),
            alt.Tooltip("effect:Q", format=".3~g", title="effect size"),
            alt.Tooltip("cells:Q"),
            alt.Tooltip("stratum:N"),
        ],
    )


def _heat(
    source: Any, scale: alt.Scale, y_scale: alt.Scale, axis: alt.Axis, metric: MetricRecord, colour: alt.Fill
) -> Any:
    return source.mark_rect().encode(
        x=alt.X("left:Q", scale=scale, axis=axis),
        x2="right:Q",
        y=alt.Y("bottom:Q", scale=y_scale, axis=alt.Axis(title=metric.title, tickCount=6)),
        y2="top:Q",
        fill=colour,
        opacity=alt.Opacity("count:Q", scale=alt.Scale(type="log", range=[0.15, 1]), legend=None),
        tooltip=[alt.Tooltip("count:Q", title="conditions"), alt.Tooltip("stratum:N")],
    )


def _caption(record: AssessmentRecord, model: str, metric: MetricRecord, n: int, undefined: int, *, many: bool) -> str:
    rung = ladder(record).get(strongest(record, model, metric.name))
    where = "" if many else " (ticks at the foot)"
    lost = f"; {undefined:,} undefined{where}" if undefined else ""
    other = f" Dashed: {rung.title}." if rung else ""
    return f"n = {n:,}{lost}.{other}"


def _note(unplaced: int, n: int, bins: int) -> str:
    parts = []
    if bins:
        drawn = f"{n:,} conditions are more than {MAX_POINTS:,}: drawn as {bins:,} bins, darker is more"
        parts.append(f"{drawn}; the finder still finds each.")
    if unplaced:
        parts.append(f"{unplaced:,} more without an effect size are not drawn.")
    return " ".join(parts)
