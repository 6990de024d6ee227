"""Dose response: truth with the range over its halves, and what each model predicts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt

from vcassay.core.finding import Status
from vcassay.record import AssessmentRecord
from vcassay.report.figures.biology.rows import known
from vcassay.report.figures.figure import Figure, Row, Table, clean, finish, renamed
from vcassay.report.palette import LIGHT, series

CHECK = "dose_response"
MAX_PANELS = 12
HEIGHT = 130


def dose_figures(record: AssessmentRecord) -> tuple[list[Figure], str]:
    """One small drawing a (perturbation, context), all models in it.

    Returns
    -------
    The drawings, and a note when some were left out; no drawing where no finding stores curves.
    """
    panels: dict[tuple[str, str], dict[str, Any]] = {}
    position = {m.name: i for i, m in enumerate(record.models)}
    for finding in record.findings:
        if finding.check != CHECK or finding.status == Status.ERROR:
            continue
        for row in finding.evidence:
            at = (str(row.get("perturbation", "")), str(row.get("context", "")))
            if not at[0] or not _positive(row.get("dose")):
                continue
            panel = panels.setdefault(at, {"truth": {}, "models": []})
            dose = float(row["dose"])
            if known(row.get("truth")):
                panel["truth"][dose] = _truth(row, dose)
            if finding.model in position and known(row.get("model")):
                panel["models"].append(_predicted(row, dose, position[finding.model], finding.model))
    full = {at: panel for at, panel in panels.items() if len(panel["truth"]) > 1}
    names = list(full)[:MAX_PANELS]
    top = max((v for at in names for v in _values(full[at])), default=1.0)
    floor = min([0.0, *(v for at in names for v in _values(full[at]))])
    drawn = [_panel(i, at, full[at], floor, top) for i, at in enumerate(names)]
    note = f"{len(full):,} curves are stored; the first {MAX_PANELS} are drawn." if len(full) > MAX_PANELS else ""
    return drawn, note


def _positive(value: object) -> bool:
    return known(value) and value > 0


def _truth(row: Mapping[str, Any], dose: float) -> Row:
    low, high = row.get("low"), row.get("high")
    value = float(row["truth"])
    return {"dose": dose, "value": value, "low": low if known(low) else value, "high": high if known(high) else value}


def _predicted(row: Mapping[str, Any], dose: float, index: int, model: str) -> Row:
    color, shape = series(index)
    return {"dose": dose, "value": float(row["model"]), "model": model, "tone": color, "shape": shape}


def _values(panel: dict[str, Any]) -> list[float]:
    return [v for row in panel["truth"].values() for v in (row["low"], row["high"])] + [
        row["value"] for row in panel["models"]
    ]


def _panel(index: int, at: tuple[str, str], panel: dict[str, Any], floor: float, top: float) -> Figure:
    name = f"dose-{index}"
    truth: Table = sorted(panel["truth"].values(), key=lambda row: row["dose"])
    models: Table = sorted(panel["models"], key=lambda row: (row["model"], row["dose"]))
    doses = tuple(sorted({float(row["dose"]) for row in truth}))
    return Figure(
        name=name,
        title=f"{at[0]}, {at[1]}",
        alt=f"Dose response of {at[0]} in {at[1]}: truth over {len(doses)} doses and the models' predictions.",
        spec=renamed(_spec(doses, floor, top), {"truth": f"{name}-truth", "models": f"{name}-models"}),
        tables={f"{name}-truth": clean(truth), f"{name}-models": clean(models)},
        height=HEIGHT,
    )


@cache
def _spec(doses: tuple[float, ...], floor: float, top: float) -> Row:
    scale = alt.Scale(domain=[floor, top * 1.05], nice=False)
    x_scale = alt.Scale(type="log", domain=[doses[0], doses[-1]], nice=False, padding=8)
    x = alt.X("dose:Q", scale=x_scale, axis=alt.Axis(title=None, values=list(doses), format="~g", grid=False))
    axis = alt.Axis(title=None, tickCount=3)
    y = alt.Y("value:Q", scale=scale, axis=axis)
    source, answers = alt.Chart(alt.NamedData("truth")), alt.Chart(alt.NamedData("models"))
    band = source.mark_area(fill=LIGHT["rule-strong"], opacity=0.55).encode(
        x=x, y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"
    )
    line = source.mark_line(stroke=LIGHT["ink"], strokeWidth=2).encode(x=x, y=y)
    tips = [alt.Tooltip("model:N"), alt.Tooltip("dose:Q"), alt.Tooltip("value:Q", format=".3~g", title="predicted")]
    paths = answers.mark_line(strokeWidth=1.5).encode(
        x=x, y=y, stroke=alt.Stroke("tone:N", scale=None), detail="model:N"
    )
    dots = answers.mark_point(filled=True, size=34, strokeWidth=0, opacity=1).encode(
        x=x, y=y, fill=alt.Fill("tone:N", scale=None), shape=alt.Shape("shape:N", scale=None), tooltip=tips
    )
    return finish(alt.layer(band, line, paths, dots), height=HEIGHT)
