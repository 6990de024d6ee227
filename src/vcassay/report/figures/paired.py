"""Paired differences: what a model gains over legal baselines on the same conditions."""

from __future__ import annotations

from collections import Counter
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import STRATUM_ORDER, comparisons_of, ladder, strongest
from vcassay.report.figures.figure import Figure, Row, Table, clean, finish, renamed
from vcassay.report.palette import LIGHT
from vcassay.report.tables import Stored
from vcassay.report.wording import estimate, listing, probability

ROW = 26
MAX_CONTEXTS = 24
"""More contexts are cut to those where the model does worst and best, and the figure says so."""

MAX_BASELINES = 9
"""Legal baselines drawn beside a model: those that it beats by least, or is beaten by most."""

MIN_N = 3
"""Fewer conditions give a point without an interval."""

Span = tuple[float, float]


def comparison_rows(record: AssessmentRecord, model: str, metric: MetricRecord) -> Table:
    """Stored differences to every legal baseline, the strongest first."""
    names = ladder(record)
    return [
        {
            "label": names[row.baseline].title if row.baseline in names else row.baseline,
            "value": row.difference,
            "low": row.low,
            "high": row.high,
            "n": row.n,
            "text": estimate(row.difference, row.low, row.high, sign=True),
            "p": probability(row.p_value),
            "tone": _tone(better=row.better, worse=row.worse),
        }
        for row in comparisons_of(record, model, metric.name)
        if row.difference is not None
    ]


def breakdown_rows(stored: Stored, model: str, metric: MetricRecord) -> tuple[Table, str]:
    """Mean gain over the strongest legal baseline by stratum and by context, and what was left out."""
    base = strongest(stored.record, model, metric.name)
    gains = stored.gains(model, base, metric) if base else None
    if gains is None or gains.empty:
        return [], ""
    present = [s for s in STRATUM_ORDER if (gains["stratum"] == s).any()]
    strata = [_mean(f"{s} effects", gains.loc[gains["stratum"] == s, "gain"]) for s in present]
    contexts = [_mean(str(c), part["gain"]) for c, part in gains.groupby("context", observed=True)]
    contexts.sort(key=lambda row: row["value"])
    if len(contexts) <= MAX_CONTEXTS:
        return strata + contexts, ""
    half = MAX_CONTEXTS // 2
    note = f"{len(contexts)} contexts: the {half} lowest and the {half} highest are drawn."
    return strata + contexts[:half] + contexts[-half:], note


def span(tables: list[Table]) -> Span:
    """Range that holds every difference and zero, so that models can be compared."""
    ends = [row[k] for rows in tables for row in rows for k in ("value", "low", "high") if row[k] is not None]
    known = [float(x) for x in ends if np.isfinite(x)]
    low, high = min([0.0, *known]), max([0.0, *known])
    room = 0.05 * (high - low or 1.0)
    return low - room, high + room


def closest_rows(rows: Table) -> tuple[Table, str]:
    """Leave the strongest rivals, and say how the others fared."""
    shown, rest = rows[:MAX_BASELINES], rows[MAX_BASELINES:]
    if len(rest) < 2:
        return rows, ""
    tally = Counter(row["tone"] for row in rest)
    said = ((LIGHT["model"], "better than"), (LIGHT["ink-3"], "not told apart from"), (LIGHT["bad"], "worse than"))
    if len(tally) == 1:
        word = next(word for tone, word in said if tally[tone])
        return shown, f"The {len(shown)} strongest of {len(rows)}; it is {word} the other {len(rest)}."
    ends = listing(f"{word} {tally[tone]}" for tone, word in said if tally[tone])
    return shown, f"The {len(shown)} strongest of {len(rows)}; of the other {len(rest)} it is {ends}."


def comparison_figure(
    rows: Table, model: str, index: int, metric: MetricRecord, across: Span, note: str = ""
) -> Figure:
    """Draw the comparisons of a model with legal baselines."""
    title = "Against the strongest legal baselines" if note else "Against each legal baseline"
    return _draw(rows, name=f"paired-{index}", title=title, model=model, metric=metric, across=across, note=note)


def breakdown_figure(
    record: AssessmentRecord, rows: Table, model: str, index: int, metric: MetricRecord, across: Span, note: str
) -> Figure:
    """Draw where the gain over the strongest legal baseline comes from."""
    base = strongest(record, model, metric.name)
    rung = ladder(record).get(base)
    return _draw(
        rows,
        name=f"breakdown-{index}",
        title=f"Against {rung.title if rung else base}, by stratum and context",
        model=model,
        metric=metric,
        across=across,
        note=note,
    )


def _mean(label: str, gains: pd.Series) -> Row:
    n = len(gains)
    value = float(gains.mean())
    half = 1.96 * float(gains.std()) / np.sqrt(n) if n >= MIN_N else np.nan
    low, high = value - half, value + half
    return {
        "label": label,
        "value": value,
        "low": low,
        "high": high,
        "n": n,
        "text": estimate(value, low, high, sign=True),
        "p": "",
        "tone": _tone(better=bool(low > 0), worse=bool(high < 0)),
    }


def _tone(*, better: bool, worse: bool) -> str:
    return LIGHT["model"] if better else LIGHT["bad"] if worse else LIGHT["ink-3"]


def _draw(
    rows: Table, *, name: str, title: str, model: str, metric: MetricRecord, across: Span, note: str = ""
) -> Figure:
    seen: Counter[str] = Counter()
    table: Table = []
    for i, row in enumerate(rows):
        seen[row["label"]] += 1
        again = seen[row["label"]]
        table.append(row | {"order": i, "label": row["label"] if again == 1 else f"{row['label']} ({again})"})
    return Figure(
        name=name,
        title=title,
        alt=f"{len(rows)} paired differences with 95 % intervals; above 0 is better for {model}.",
        spec=renamed(_spec(metric.title, len(rows), across), {"rows": name}),
        tables={name: clean(table), "zero": [{"at": 0}]},
        note=note,
        model=model,
        height=ROW * len(rows) + 4,
    )


@cache
def _spec(metric: str, n: int, across: Span) -> Row:
    data = alt.Chart(alt.NamedData("rows"))
    limit = alt.ExprRef("containerSize()[0] ? min(200, 0.36 * containerSize()[0]) : 200")
    y = alt.Y(
        "label:N",
        sort=alt.EncodingSortField("order", op="min"),
        axis=alt.Axis(title=None, grid=False, labelLimit=limit),
    )
    tips = [
        alt.Tooltip("label:N", title="against"),
        alt.Tooltip("text:N", title="difference"),
        alt.Tooltip("n:Q"),
        alt.Tooltip("p:N", title="Holm"),
    ]
    scale = alt.Scale(domain=list(across), nice=False)
    axis = alt.Axis(title=f"gain in {metric} (right is better)", tickCount=5)
    zero = alt.Chart(alt.NamedData("zero")).mark_rule(stroke=LIGHT["ink-3"], aria=False)
    whisker = data.mark_rule(strokeWidth=2).encode(
        y=y, x="low:Q", x2="high:Q", stroke=alt.Stroke("tone:N", scale=None), tooltip=tips
    )
    dot = data.mark_point(shape="circle", filled=True, size=64, strokeWidth=0, opacity=1).encode(
        y=y, x=alt.X("value:Q", scale=scale, axis=axis), fill=alt.Fill("tone:N", scale=None), tooltip=tips
    )
    return finish(alt.layer(zero.encode(x=alt.X("at:Q", scale=scale, axis=axis)), whisker, dot), height=ROW * n + 4)
