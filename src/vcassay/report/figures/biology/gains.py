"""Gains: what genetic evidence adds to predictions of compounds, for baselines and models."""

from __future__ import annotations

import altair as alt

from vcassay.record import AssessmentRecord
from vcassay.report.figures.biology.rows import known, rows_of
from vcassay.report.figures.figure import Figure, Table, clean, finish
from vcassay.report.palette import LIGHT
from vcassay.report.wording import estimate

CHECK, KIND = "genetic_evidence", "arm"
ROW = 26
MAX_ROWS = 14


def gain_figure(record: AssessmentRecord) -> list[Figure]:
    """Differences with intervals, one line a family; models first, none where nothing was learnt twice."""
    rows = rows_of(record, CHECK, KIND)
    models = {m.name for m in record.models}
    seen: dict[str, Table] = {}
    for own in rows.values():
        for row in own:
            name = str(row.get("family", ""))
            if row.get("stratum") != "all" or not known(row.get("gain")) or name in seen:
                continue
            low, high = row.get("low"), row.get("high")
            value = float(row["gain"])
            sure = known(low) and known(high)
            seen[name] = [
                {
                    "line": name,
                    "value": value,
                    "low": low if sure else value,
                    "high": high if sure else value,
                    "text": estimate(value, low if sure else None, high if sure else None, sign=True),
                    "tone": LIGHT["model" if name in models else "ink-3"],
                }
            ]
    names = sorted(seen, key=lambda n: (n not in models, -seen[n][0]["value"]))[:MAX_ROWS]
    if not names:
        return []
    table = [row for n in names for row in seen[n]]
    height = ROW * len(names) + 10
    limit = alt.ExprRef("containerSize()[0] ? min(240, 0.42 * containerSize()[0]) : 240")
    y = alt.Y("line:N", sort=names, axis=alt.Axis(title=None, grid=True, labelLimit=limit))
    axis = alt.Axis(title="Pearson delta gained with genetic evidence", tickCount=5)
    data = alt.Chart(alt.NamedData("gains")).encode(y=y, tooltip=[alt.Tooltip("line:N"), alt.Tooltip("text:N")])
    layers = (
        data.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", axis=axis), x2="high:Q", stroke=alt.Stroke("tone:N", scale=None)
        ),
        data.mark_point(shape="circle", filled=True, size=52, strokeWidth=0, opacity=1).encode(
            x=alt.X("value:Q", axis=axis), fill=alt.Fill("tone:N", scale=None)
        ),
    )
    return [
        Figure(
            name="gains",
            title="With genetic evidence and without",
            alt=f"Gain of {len(names)} families on test compounds when genetic perturbations are in training.",
            spec=finish(alt.layer(*layers), height=height),
            tables={"gains": clean(table)},
            caption="Blue: models; grey: baselines, learnt twice on the same split. Bars: 95 % intervals.",
            height=height,
        )
    ]
