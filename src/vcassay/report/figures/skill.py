"""Skill: every model between the best legal baseline (0) and the ceiling (1), one drawing a metric."""

from __future__ import annotations

import altair as alt

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.figures.figure import Figure, Table, clean, finish
from vcassay.report.palette import LIGHT
from vcassay.report.wording import estimate

ROW = 30


def skill_figure(record: AssessmentRecord, metric: MetricRecord) -> Figure | None:
    """Draw the skill of the models that have one; ``None`` where every one is refused."""
    rows: Table = []
    anchors: set[str] = set()
    for model in record.models:
        for row in record.skills:
            if (row.model, row.metric) != (model.name, metric.name) or row.skill is None:
                continue
            anchors.add(row.ceiling_kind)
            tone = "model" if row.low is not None and row.low > 0 else "ink-3"
            rows.append(
                {
                    "label": model.name,
                    "order": len(rows),
                    "value": row.skill,
                    "low": row.low,
                    "high": row.high,
                    "text": estimate(row.skill, row.low, row.high),
                    "tone": LIGHT[tone],
                }
            )
    if not rows:
        return None
    name = f"skill-{metric.name}"
    ends = [row[k] for row in rows for k in ("value", "low", "high") if row[k] is not None]
    scale = alt.Scale(domain=[min(-0.06, min(ends) - 0.04), max(1.06, max(ends) + 0.04)], nice=False)
    y = alt.Y(
        "label:N", sort=alt.EncodingSortField("order", op="min"), axis=alt.Axis(title=None, grid=False, labelLimit=130)
    )
    axis = alt.Axis(title="best legal baseline = 0, ceiling = 1", values=[0, 0.25, 0.5, 0.75, 1], format=".2~f")
    marks = alt.Chart(alt.NamedData("skill-anchors")).encode(
        x=alt.X("at:Q", scale=scale, axis=axis), stroke=alt.Stroke("tone:N", scale=None)
    )
    data = alt.Chart(alt.NamedData(name)).encode(y=y)
    tips = [alt.Tooltip("label:N", title="model"), alt.Tooltip("text:N", title="skill")]
    chart = alt.layer(
        marks.mark_rule(strokeWidth=1.5, aria=False),
        data.mark_rule(strokeWidth=2).encode(
            x="low:Q", x2="high:Q", stroke=alt.Stroke("tone:N", scale=None), tooltip=tips
        ),
        data.mark_point(shape="circle", filled=True, size=70, strokeWidth=0, opacity=1).encode(
            x=alt.X("value:Q", scale=scale, axis=axis), fill=alt.Fill("tone:N", scale=None), tooltip=tips
        ),
    )
    height = ROW * len(rows) + 10
    return Figure(
        name=name,
        title=metric.title,
        alt=f"Skill of {len(rows)} models in {metric.title}, with 95 % intervals.",
        spec=finish(chart, height=height),
        tables={
            name: clean(rows),
            "skill-anchors": [{"at": 0, "tone": LIGHT["ink-3"]}, {"at": 1, "tone": LIGHT["ceiling"]}],
        },
        caption=f"Ceiling: {', '.join(sorted(anchors))}.",
        height=height,
    )
