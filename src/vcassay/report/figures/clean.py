"""Scores with and without affected conditions, and along the degree to which they are touched."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from vcassay.record.clean import CleanRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.cost import bin_words, trend_words
from vcassay.report.figures.figure import Figure, Row, Table, clean, finish
from vcassay.report.palette import LIGHT
from vcassay.report.wording import number

ROW = 44
MAX_CHECKS = 12
"""Checks drawn; the table has all."""
HEIGHT = 200
KEY = "Ring: all scored conditions. Disc: without those that the check touches, whose number is in brackets."


def clean_figure(rows: Sequence[CleanRecord], model: str, index: int, metric: MetricRecord) -> Figure | None:
    """Draw the model and its baseline on all (ring) and on clean conditions (disc), one line each a check."""
    shown = [r for r in rows if r.own is not None][:MAX_CHECKS]
    if not shown:
        return None
    name = f"clean-{index}"
    table: Table = []
    for i, row in enumerate(shown):
        for part, of, tone in ((row.own, model, "model"), (row.baseline, "best baseline", "ink-3")):
            if part is not None:
                table.append(
                    {
                        "label": f"{row.title} ({row.n_affected:,})",
                        "order": i,
                        "of": of,
                        "score": part.score,
                        "clean": part.clean,
                        "tone": LIGHT[tone],
                        "text": f"{number(part.score, 3)} on all, {number(part.clean, 3)} on the clean ones",
                    }
                )
    rest = len([r for r in rows if r.own is not None]) - len(shown)
    height, side = ROW * len(shown) + 10, "Right" if metric.higher_is_better else "Left"
    return Figure(
        name=name,
        title="All conditions and the clean ones",
        alt=f"{metric.title} of {model} and its best baseline on all and on clean conditions, by {len(shown)} checks.",
        spec=_dumbbell(name, metric, model, height),
        tables={name: clean(table)},
        caption=f"{KEY} Blue: {model}; grey: the legal baseline that is best on all. {side} is better.",
        note=f"{rest} further checks are in the table." if rest > 0 else "",
        model=model,
        height=height,
    )


def _dumbbell(name: str, metric: MetricRecord, model: str, height: int) -> Row:
    limit = alt.ExprRef("containerSize()[0] ? min(230, 0.4 * containerSize()[0]) : 230")
    y = alt.Y(
        "label:N",
        sort=alt.EncodingSortField("order", op="min"),
        axis=alt.Axis(title=None, grid=False, labelLimit=limit),
    )
    across = alt.YOffset("of:N", sort=[model, "best baseline"], scale=alt.Scale(paddingOuter=0.6))
    scale = alt.Scale(zero=False, nice=True, padding=8)
    axis = alt.Axis(title=metric.title, tickCount=5)
    tips = [alt.Tooltip("of:N", title="answer"), alt.Tooltip("label:N", title="check"), alt.Tooltip("text:N")]
    data = alt.Chart(alt.NamedData(name)).encode(y=y, yOffset=across, tooltip=tips)
    stroke, fill = alt.Stroke("tone:N", scale=None), alt.Fill("tone:N", scale=None)
    x = alt.X("score:Q", scale=scale, axis=axis)
    return finish(
        alt.layer(
            data.mark_rule(strokeWidth=2).encode(x=x, x2="clean:Q", stroke=stroke),
            data.mark_point(shape="circle", filled=True, fill=LIGHT["paper"], size=58, strokeWidth=2, opacity=1).encode(
                x=x, stroke=stroke
            ),
            data.mark_point(shape="circle", filled=True, size=64, strokeWidth=0, opacity=1).encode(
                x=alt.X("clean:Q", scale=scale, axis=axis), fill=fill
            ),
        ),
        height=height,
    )


def degree_figure(row: CleanRecord, model: str, index: int, metric: MetricRecord) -> Figure | None:
    """Draw the model and its baseline over ranges of the degree; ``None`` where there are fewer than two."""
    if len(row.bins) < 2:
        return None
    name = f"degree-{row.check.lower()}-{index}"
    table: Table = []
    for i, b in enumerate(row.bins):
        label = f"{bin_words(b.low, b.high)}; n = {b.n:,}"
        for value, of, tone in ((b.score, model, "model"), (b.baseline, "best baseline", "ink-3")):
            if value is not None:
                table.append({"label": label, "order": i, "of": of, "value": value, "tone": LIGHT[tone]})
    x = alt.X(
        "label:N",
        sort=alt.EncodingSortField("order", op="min"),
        axis=alt.Axis(title=None, grid=False, labelAngle=0, labelLimit=120, labelExpr="split(datum.label, '; ')"),
    )
    y = alt.Y("value:Q", scale=alt.Scale(zero=False, padding=8), axis=alt.Axis(title=metric.title, tickCount=4))
    tips = [alt.Tooltip("of:N", title="answer"), alt.Tooltip("label:N", title="degree"), alt.Tooltip("value:Q")]
    data = alt.Chart(alt.NamedData(name)).encode(x=x, y=y, tooltip=tips)
    of = f"{row.check}, conditions {row.what}."
    spec = finish(
        alt.layer(
            data.mark_line(strokeWidth=2).encode(stroke=alt.Stroke("tone:N", scale=None), detail="of:N"),
            data.mark_point(shape="circle", filled=True, size=64, strokeWidth=0, opacity=1).encode(
                fill=alt.Fill("tone:N", scale=None)
            ),
        ),
        height=HEIGHT,
    )
    return Figure(
        name=name,
        title=f"{row.title}: along the degree",
        alt=f"{metric.title} of {model} and its best baseline over {len(row.bins)} ranges of the degree.",
        spec=spec,
        tables={name: clean(table)},
        caption=" ".join(x for x in (f"Blue: {model}; grey: the best legal baseline.", of, trend_words(row)) if x),
        model=model,
        height=HEIGHT,
    )
