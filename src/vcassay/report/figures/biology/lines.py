"""Lines: one line a thing, a mark for the truth and one a model, on a common scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import altair as alt

from vcassay.record import AssessmentRecord
from vcassay.report.figures.biology.rows import EvidenceRow, known, rows_of, slot
from vcassay.report.figures.figure import Figure, Row, Table, clean, finish
from vcassay.report.palette import LIGHT, series
from vcassay.report.wording import number

ROW = 24
MAX_LINES = 20
"""Lines drawn; all are in the stored rows."""
TRUTH = "measured"


def line_figure(
    record: AssessmentRecord,
    check: str,
    kind: str,
    *,
    name: str,
    title: str,
    label: Callable[[EvidenceRow], str],
    axis: str,
    caption: str,
    reference: float | None = None,
    order: Callable[[EvidenceRow], float] | None = None,
    model: str = "model",
) -> list[Figure]:
    """Draw the key ``truth`` of evidence rows (ink bar), and what each model has (its own mark).

    Parameters
    ----------
    label
        Name of a row's line; rows of one label are one line.
    axis
        Title of the scale.
    reference
        Where a thin rule stands: what chance would give.
    order
        Lines with the largest value come first; in the stored order if ``None``.
    model
        Key of what a model has.

    Returns
    -------
    One figure, or none without rows.
    """
    rows = rows_of(record, check, kind)
    lines: dict[str, EvidenceRow] = {}
    for own in rows.values():
        for row in own:
            lines.setdefault(label(row), row)
    if order is not None:
        lines = dict(sorted(lines.items(), key=lambda item: -order(item[1])))
    names = list(lines)[:MAX_LINES]
    if not names:
        return []
    place = {line: i for i, line in enumerate(names)}
    table: Table = []
    for line in names:
        if known(lines[line].get("truth")):
            table.append(_point(line, place[line], TRUTH, float(lines[line]["truth"]), LIGHT["ink"], "stroke"))
    for name_of, own in rows.items():
        if name_of is None:
            continue
        color, shape = series(slot(record, name_of))
        seen: set[str] = set()
        for row in own:
            line = label(row)
            if line in place and line not in seen and known(row.get(model)):
                seen.add(line)
                table.append(_point(line, place[line], name_of, float(row[model]), color, shape))
    if not table:
        return []
    height = ROW * len(names) + 10
    rest = len(lines) - len(names)
    return [
        Figure(
            name=name,
            title=title,
            alt=f"{title}: {len(names)} lines, measured and predicted.",
            spec=_spec(name, names, axis, reference, height),
            tables={name: clean(table)} | ({} if reference is None else {f"{name}-chance": [{"at": reference}]}),
            caption=caption,
            note=f"{rest} further lines are in the stored rows." if rest > 0 else "",
            height=height,
        )
    ]


def _point(line: str, order: int, of: str, value: float, tone: str, shape: str) -> Row:
    return {"line": line, "order": order, "of": of, "value": value, "tone": tone, "shape": shape,
            "text": number(value, 2)}  # fmt: skip


def _spec(name: str, names: Sequence[str], axis: str, reference: float | None, height: int) -> Row:
    limit = alt.ExprRef("containerSize()[0] ? min(260, 0.42 * containerSize()[0]) : 260")
    y = alt.Y("line:N", sort=list(names), axis=alt.Axis(title=None, grid=True, labelLimit=limit))
    x = alt.X("value:Q", scale=alt.Scale(zero=False, padding=10), axis=alt.Axis(title=axis, tickCount=5))
    tips = [alt.Tooltip("line:N"), alt.Tooltip("of:N"), alt.Tooltip("text:N", title=axis)]
    data = alt.Chart(alt.NamedData(name)).encode(y=y, x=x, tooltip=tips)
    truth = (
        data.transform_filter("datum.shape == 'stroke'")
        .mark_tick(thickness=3, size=15, opacity=1)
        .encode(fill=alt.Fill("tone:N", scale=None))
    )
    models = (
        data.transform_filter("datum.shape != 'stroke'")
        .mark_point(filled=True, size=52, strokeWidth=0, opacity=1)
        .encode(fill=alt.Fill("tone:N", scale=None), shape=alt.Shape("shape:N", scale=None))
    )
    layers = [truth, models]
    if reference is not None:
        rule = alt.Chart(alt.NamedData(f"{name}-chance")).mark_rule(stroke=LIGHT["ink-3"], strokeDash=[3, 3])
        layers.insert(0, rule.encode(x="at:Q"))
    return finish(alt.layer(*layers), height=height)
