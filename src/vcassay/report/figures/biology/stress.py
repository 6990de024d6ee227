"""Stress: skill before and after the axes of toxicity and stress are taken off, for the truth and every model."""

from __future__ import annotations

import altair as alt

from vcassay.record import AssessmentRecord
from vcassay.report.figures.biology.rows import known, rows_of, slot
from vcassay.report.figures.figure import Figure, Table, clean, finish
from vcassay.report.palette import LIGHT, series
from vcassay.report.wording import number

CHECK, KIND = "skill_beyond_stress", "axis"
HEIGHT = 230
BEFORE, AFTER = "skill_before", "skill_after"
TRUTH = "measured (half against half)"


def stress_figure(record: AssessmentRecord) -> list[Figure]:
    """Skill with each axis taken off alone, and with all, from before on the left; none where nothing was measured."""
    rows = rows_of(record, CHECK, KIND)
    if not rows:
        return []
    table: Table = []
    order = ["before"]
    for model, own in rows.items():
        tone, shape = (LIGHT["ink"], "circle") if model is None else series(slot(record, model))
        of = TRUTH if model is None else model
        whole = next((r for r in own if r.get("axis") == "all"), own[0])
        before, after = (f"{'truth_' if model is None else ''}{key}" for key in (BEFORE, AFTER))
        if known(whole.get(before)):
            table.append({"of": of, "step": "before", "value": float(whole[before]), "tone": tone, "shape": shape})
        for row in own:
            step = "all" if row.get("axis") == "all" else str(row.get("axis", ""))
            if known(row.get(after)):
                table.append({"of": of, "step": step, "value": float(row[after]), "tone": tone, "shape": shape})
                if step not in order and step != "all":
                    order.append(step)
    if not table:
        return []
    order.append("all")
    for line in table:
        line["order"], line["text"] = order.index(line["step"]), number(line["value"], 2)
    x = alt.X("step:N", sort=order, axis=alt.Axis(title="taken off", grid=False, labelAngle=-35, labelLimit=120))
    y = alt.Y("value:Q", axis=alt.Axis(title="Pearson correlation with the truth", tickCount=5))
    tips = [alt.Tooltip("of:N"), alt.Tooltip("step:N", title="taken off"), alt.Tooltip("text:N", title="skill")]
    data = alt.Chart(alt.NamedData("stress")).encode(x=x, y=y, tooltip=tips)
    fill = alt.Fill("tone:N", scale=None)
    layers = (
        data.mark_line(strokeWidth=1.5).encode(stroke=alt.Stroke("tone:N", scale=None), detail="of:N", order="order:Q"),
        data.mark_point(filled=True, size=52, strokeWidth=0, opacity=1).encode(
            fill=fill, shape=alt.Shape("shape:N", scale=None)
        ),
    )
    return [
        Figure(
            name="stress",
            title="Skill with stress taken off",
            alt=f"Skill before and after each stress axis is taken off, of {len(rows)} answers.",
            spec=finish(alt.layer(*layers), height=HEIGHT),
            tables={"stress": clean(table)},
            caption="Left: whole effects. Then without one axis alone; right: without all of them. "
            "A model whose line ends near 0 while the truth's stays up knows stress and nothing else.",
            height=HEIGHT,
        )
    ]
