"""Calibration: every metric by how far and how often it puts a replicate above the mean effect."""

from __future__ import annotations

import altair as alt

from vcassay.record import AssessmentRecord
from vcassay.report.figures.figure import Figure, Row, Table, clean, finish
from vcassay.report.palette import LIGHT
from vcassay.report.wording import estimate, percent

HEIGHT = 270
NAME = "calibration"
EVEN = 0.5
"""No better than tossing a coin."""


def calibration_rows(record: AssessmentRecord) -> Table:
    """One row a metric that has both numbers; those that can carry the verdict last, to lie on top."""
    metrics = {m.name: m for m in record.metrics}
    rows = []
    for row in record.calibration:
        metric = metrics.get(row.metric)
        if metric is None or row.drf is None or row.bds is None:
            continue
        tone = "bad" if metric.demoted else "model" if metric.primary else "tier-2"
        rows.append(
            {
                "metric": metric.title,
                "drf": min(1.1, max(-0.6, row.drf)),
                "bds": row.bds,
                "tone": LIGHT[tone],
                "shape": "cross" if metric.demoted else "circle",
                "label": metric.title if metric.primary else "",
                "size": 80 if metric.primary else 34,
                "told": "demoted" if metric.demoted else "carries the verdict" if metric.primary else "conforms",
                "drf_text": estimate(row.drf, row.drf_low, row.drf_high),
                "bds_text": percent(row.bds),
            }
        )
    return clean(sorted(rows, key=lambda r: (r["tone"] != LIGHT["tier-2"], r["tone"] == LIGHT["model"])))


def calibration_figure(record: AssessmentRecord) -> Figure | None:
    """Dots of the metrics; ``None`` where fewer than three have both numbers."""
    rows = calibration_rows(record)
    if len(rows) < 3:
        return None
    floor = min(0.4, *(r["bds"] for r in rows))
    x_scale = alt.Scale(domain=[min(0.0, *(r["drf"] for r in rows)) - 0.05, 1.1], nice=False)
    y_scale = alt.Scale(domain=[floor - 0.12, 1.04], nice=False, zero=False)
    axis_x = alt.Axis(title="how much better: share of the way from the mean effect to the optimum (DRF)", tickCount=6)
    axis_y = alt.Axis(title="how often better (BDS)", format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    x, y = alt.X("drf:Q", scale=x_scale, axis=axis_x), alt.Y("bds:Q", scale=y_scale, axis=axis_y)
    tips = [
        alt.Tooltip("metric:N"),
        alt.Tooltip("drf_text:N", title="DRF"),
        alt.Tooltip("bds_text:N", title="BDS"),
        alt.Tooltip("told:N", title="on this screen"),
    ]
    data, edge = alt.Chart(alt.NamedData(NAME)), alt.Chart(alt.NamedData(f"{NAME}-even"))
    text: Row = {"dy": 14, "fill": LIGHT["ink"]}
    rule: Row = {"stroke": LIGHT["ink-3"], "strokeDash": [4, 3], "aria": False}
    chart = alt.layer(
        edge.mark_rule(**rule).encode(y=alt.Y("bds:Q", scale=y_scale, axis=axis_y)),
        edge.mark_rule(**rule).encode(x=alt.X("drf:Q", scale=x_scale, axis=axis_x)),
        data.mark_point(filled=True, opacity=0.85, strokeWidth=0).encode(
            x=x,
            y=y,
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("tone:N", scale=None),
            size=alt.Size("size:Q", scale=None),
            tooltip=tips,
        ),
        data.transform_filter("datum.drf <= 0.5")
        .mark_text(align="left", dx=6, **text)
        .encode(x=x, y=y, text="label:N"),
        data.transform_filter("datum.drf > 0.5").mark_text(align="right", **text).encode(x=x, y=y, text="label:N"),
    )
    return Figure(
        name=NAME,
        title="A replicate against the mean effect, by metric",
        alt=f"{len(rows)} metrics by how far and how often they put a replicate above the mean training effect.",
        spec=finish(chart, height=HEIGHT),
        tables={NAME: rows, f"{NAME}-even": [{"drf": 0, "bds": EVEN}]},
        caption="Blue disc: carries the verdict. Red cross: demoted. Below or left of the dashes: it prefers the mean.",
        height=HEIGHT,
    )
