"""The ladder: from no information over simple and domain rungs to the models and the ceiling."""

from __future__ import annotations

import altair as alt

from vcassay.record import AssessmentRecord, ScoreRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import anchor_of, anchor_word, ceiling_of, headline_stratum
from vcassay.report.figures.figure import Figure, Row, clean, finish
from vcassay.report.palette import LIGHT
from vcassay.report.strength import best_of_tiers, chosen_of, strongest_rung
from vcassay.report.wording import count, estimate

ROW, CLOSE_ROW, MANY = 30, 22, 24
"""Height of a rung in pixels, and where there are many, more than so many."""

MODEL_SIGN = "▸ "
TOP_SIGN = "★ "
"""Of the strongest legal rung."""
FAINT = 0.5
"""Opacity of legal rungs that are not the best of their tier."""

WIDE = 620
"""Pixels; narrower drawings leave the numbers to the table below."""

LABELS = "containerSize()[0] ? min(270, max(118, 0.38 * containerSize()[0])) : 270"


def ladder_rows(record: AssessmentRecord, metric: MetricRecord, *, short: bool = False) -> list[Row]:
    """One row a rung or model that has a score, in order of tier and then of score.

    Parameters
    ----------
    short
        Of the legal rungs the best of each tier alone; of probes and sabotage the best each.
    """
    tiers = best_of_tiers(record, metric)
    best, top = {b.rung.name for b in tiers.values()}, strongest_rung(record, metric)
    stratum = headline_stratum(record, metric.name)
    sign = 1 if metric.higher_is_better else -1
    rows: list[tuple[tuple[int, str, float], Row]] = []
    for rung in record.baselines:
        score = record.score(rung.name, metric.name, stratum)
        if score is None or score.value is None:
            continue
        group = {"probe": 1, "sabotage": 1, "reference": 3}.get(rung.kind, 0)
        tier = rung.tier[-1] if rung.tier[-1:] in tuple("01234") else "4"
        tone = "ceiling" if group == 3 else f"tier-{tier}" if rung.legal else "barred"
        shown = rung.tier if rung.kind == "baseline" else rung.kind
        if group == 1:
            shown = "must lose"
        barred = "" if rung.legal or group in (1, 3) else ", not legal"
        label = f"{TOP_SIGN if rung.name == top else ''}{shown}{barred} · {rung.title}"
        order = (group, rung.tier if group == 0 else rung.kind if group == 1 else "", sign * score.value)
        row = _row(label, rung.name, shown, tone, score, legal=rung.legal or group == 3)
        lesser = group == 0 and rung.legal and rung.name not in best
        if not (short and lesser):
            rows.append((order, row | {"opacity": FAINT if lesser else 1.0}))
    if short:
        rows = _best_losers(rows)
    for model in record.models:
        score = record.score(model.name, metric.name, stratum)
        if score is None or score.value is None:
            continue
        order = (2, "", sign * score.value)
        rows.append((order, _row(MODEL_SIGN + model.name, model.name, "model", "model", score, legal=True)))
    rows.sort(key=lambda pair: pair[0])
    return [row | {"order": i} for i, (_, row) in enumerate(rows)]


def _best_losers(rows: list[tuple[tuple[int, str, float], Row]]) -> list[tuple[tuple[int, str, float], Row]]:
    """Leave of probes, and of sabotage, the one that does best; all else stays."""
    best: dict[str, tuple[tuple[int, str, float], Row]] = {}
    for pair in rows:
        (group, kind, merit), _ = pair
        if group == 1 and (kind not in best or merit > best[kind][0][2]):
            best[kind] = pair
    return [pair for pair in rows if pair[0][0] != 1 or best[pair[0][1]] is pair]


def _row(label: str, name: str, tier: str, tone: str, score: ScoreRecord, *, legal: bool) -> Row:
    return {
        "label": label,
        "name": name,
        "tier": tier,
        "tone": LIGHT[tone],
        "edge": LIGHT["ink-3"] if tone == "barred" else LIGHT[tone],
        "value": score.value,
        "low": score.low,
        "high": score.high,
        "n": score.n,
        "text": estimate(score.value, score.low, score.high),
        "legal": "yes" if legal else "no",
        "opacity": 1.0,
    }


def ladder_figure(record: AssessmentRecord, metric: MetricRecord, *, short: bool = False) -> Figure | None:
    """Bars from what knows nothing, with 95 % intervals, greyed where a rung is not legal; ``None`` without scores.

    The best rung of each tier is drawn in full, the others pale or, where ``short``, not at all.
    """
    rows = ladder_rows(record, metric, short=short)
    if not rows:
        return None
    stratum = headline_stratum(record, metric.name)
    anchor = anchor_of(record, metric, stratum)
    base = anchor if anchor is not None else metric.optimum
    table = clean([row | {"base": base} for row in rows])
    name = f"ladder-{metric.name}"
    ceiling = ceiling_of(record, metric.name, stratum)
    marks = [{"base": base, "value": ceiling.value, "low": ceiling.low, "high": ceiling.high}]
    data, line = alt.NamedData(name), alt.NamedData(f"{name}-ceiling")

    bold = {"test": f"indexof('{MODEL_SIGN[0]}{TOP_SIGN[0]}', substring(datum.label, 0, 1)) >= 0", "value": "bold"}
    y = alt.Y(
        "label:N",
        sort=alt.EncodingSortField("order", op="min"),
        axis=alt.Axis(
            title=None,
            grid=False,
            labelLimit=alt.ExprRef(LABELS),
            labelFontWeight={"condition": bold, "value": "normal"},
        ),
    )
    ends = [row[k] for row in table for k in ("value", "low", "high", "base") if row[k] is not None]
    ends += [mark for mark in (ceiling.value, ceiling.high, ceiling.low) if mark is not None]
    room = 0.02 * (max(ends) - min(ends) or 1.0)
    scale = alt.Scale(domain=[min(ends) - room, max(ends) + room], nice=False, zero=False)
    better = "higher is better" if metric.higher_is_better else "lower is better"
    x = alt.X(
        "value:Q",
        scale=scale,
        axis=alt.Axis(title=better if short else f"{metric.title} ({better})", tickCount=5 if short else 6),
    )
    tips = [
        alt.Tooltip("label:N", title="rung"),
        alt.Tooltip("tier:N"),
        alt.Tooltip("text:N", title="score"),
        alt.Tooltip("n:Q"),
        alt.Tooltip("legal:N", title="legal here"),
    ]
    dashes = alt.Scale(domain=["yes", "no"], range=[[1, 0], [3, 2]])
    layers = []
    if ceiling.low is not None and ceiling.high is not None:
        band = alt.Chart(line).mark_rect(fill=LIGHT["band"], aria=False)
        layers.append(band.encode(x=alt.X("low:Q", scale=scale), x2="high:Q"))
    if ceiling.value is not None:
        layers.append(
            alt.Chart(line).mark_rule(stroke=LIGHT["ceiling"], strokeWidth=1.5, aria=False).encode(x="value:Q")
        )
    layers.append(alt.Chart(line).mark_rule(stroke=LIGHT["ink-3"], aria=False).encode(x="base:Q"))
    rungs = alt.Chart(data).encode(y=y)
    layers.append(
        rungs.mark_bar(height=13, strokeWidth=1).encode(
            x=x,
            x2="base:Q",
            fill=alt.Fill("tone:N", scale=None),
            stroke=alt.Stroke("edge:N", scale=None),
            strokeDash=alt.StrokeDash("legal:N", scale=dashes, legend=None),
            fillOpacity=alt.FillOpacity("opacity:Q", scale=None, legend=None),
            tooltip=tips,
        )
    )
    layers.append(rungs.mark_rule(stroke=LIGHT["ink"], strokeWidth=1.5).encode(x="low:Q", x2="high:Q", tooltip=tips))
    layers.append(
        rungs.mark_text(align="left", dx=14, fill=LIGHT["ink-2"])
        .encode(x=alt.value(alt.ExprRef("width")), text="shown:N")
        .transform_calculate(shown=f"containerSize()[0] && containerSize()[0] < {WIDE} ? '' : datum.text")
    )
    height = (CLOSE_ROW if len(rows) > MANY else ROW) * len(rows)
    start = "" if anchor is None else f"bars start at {anchor_word(record, metric, stratum)}, "
    kind = f" The green line is the ceiling ({ceiling.kind})." if ceiling.value is not None else ""
    left = sum(b.others for b in best_of_tiers(record, metric).values())
    top = strongest_rung(record, metric)
    chosen = chosen_of(record, top, metric.name)
    marked = f" {TOP_SIGN}is the strongest legal rung{f' ({chosen})' if chosen else ''}." if top else ""
    if left and short:
        marked += f" {count(left, 'legal rung that is', 'legal rungs that are')} not the best of a tier: in the table."
    elif left:
        marked += " The best of each tier is drawn in full, the others pale."
    return Figure(
        name=name,
        title=f"Baseline ladder in {metric.title}",
        alt=f"Bars with 95 % intervals for {len(rows)} rungs and models in {metric.title}, {better}.",
        spec=finish(alt.layer(*layers), height=height),
        tables={name: table, f"{name}-ceiling": clean(marks)},
        caption=f"{metric.title} over {stratum} test conditions; {start}whiskers are 95 % intervals.{kind}{marked}",
        height=height,
    )
