"""Shares: what the variance of effects is due to, in the truth and in every model."""

from __future__ import annotations

import altair as alt

from vcassay.record import AssessmentRecord
from vcassay.report.figures.biology.rows import known, rows_of
from vcassay.report.figures.figure import Figure, Table, clean, finish
from vcassay.report.palette import LIGHT
from vcassay.report.wording import percent

CHECK, KIND = "variance_shares", "share"
ROW = 30
TONES = ("test", "mixed", "weak", "tier-1", "tier-0")
"""Of the sources in their order: what the perturbation does comes first."""
WORDS = ("(dark blue)", "(light blue)", "(ochre)", "(grey)", "(light grey)")
"""The same for the caption."""


def share_figure(record: AssessmentRecord) -> list[Figure]:
    """Stacked bars, the truth first; none where nothing was decomposed."""
    rows = rows_of(record, CHECK, KIND)
    if not rows:
        return []
    first = next(iter(rows.values()))
    bars: dict[str, dict[str, float]] = {"measured": {str(r["source"]): r.get("truth", 0.0) for r in first}}
    for model, own in rows.items():
        if model is not None:
            bars[model] = {str(r["source"]): r.get("model", 0.0) for r in own}
    sources = list(dict.fromkeys(s for own in bars.values() for s in own))
    table: Table = [
        {"of": of, "source": s, "order": i, "value": max(0.0, float(own[s])), "text": percent(float(own[s])),
         "tone": LIGHT[TONES[i % len(TONES)]]}
        for of, own in bars.items() for i, s in enumerate(sources) if known(own.get(s))
    ]  # fmt: skip
    if not table:
        return []
    limit = alt.ExprRef("containerSize()[0] ? min(220, 0.4 * containerSize()[0]) : 220")
    y = alt.Y("of:N", sort=list(bars), axis=alt.Axis(title=None, grid=False, labelLimit=limit))
    x = alt.X("value:Q", stack="zero", axis=alt.Axis(title="share of the variance of effects", format=".0%"))
    tips = [alt.Tooltip("of:N"), alt.Tooltip("source:N"), alt.Tooltip("text:N", title="share")]
    data = alt.Chart(alt.NamedData("shares"))
    bar = data.mark_bar(height=16, stroke=LIGHT["card"], strokeWidth=1.5).encode(
        y=y, x=x, order="order:Q", fill=alt.Fill("tone:N", scale=None), tooltip=tips
    )
    height = ROW * len(bars) + 10
    key = ", ".join(f"{s} {word}" for s, word in zip(sources, WORDS, strict=False))
    return [
        Figure(
            name="shares",
            title="What effects depend on",
            alt=f"Shares of variance by {', '.join(sources)} of the truth and {len(bars) - 1} models.",
            spec=finish(bar, height=height),
            tables={"shares": clean(table)},
            caption=f"From left to right: {key}.",
            height=height,
        )
    ]
