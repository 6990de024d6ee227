"""The leak audit as Markdown: findings by question, and how much of the result is leakage."""

from __future__ import annotations

from vcassay.record import AssessmentRecord, CleanRecord
from vcassay.report.cost import is_amiss, line, rows_of, said
from vcassay.report.facts import primary_metrics
from vcassay.report.pipe import bullets, escape, table

COST = "How much of the result is leakage?"
INTRODUCTION = (
    "Scores without the conditions that a check touches. Clean conditions may be harder for anyone: what the "
    "affected ones add to a lead is the drop of the model less the drop of the best legal baseline."
)
CALM = "nothing that warns or fails touches its scored conditions."
HEAD = ("check", "affected", "all → clean", "best baseline", "lead on all", "lead on clean", "they add", "end")


def cost_part(record: AssessmentRecord) -> list[str]:
    """What becomes of scores and leads without the conditions that checks touch; empty where none was named."""
    if not record.clean:
        return []
    parts = [
        f"### {COST}",
        INTRODUCTION,
    ]
    for model in record.models:
        for i, metric in enumerate(primary_metrics(record)):
            rows = rows_of(record, model.name, metric.name)
            told = [] if i else said(record, model.name, metric)
            shown = [r for r in rows if is_amiss(r) or (i == 0 and not r.reason)]
            lines = [_line(record, r) for r in shown]
            if rows and not lines and i == 0:
                parts += [f"**{escape(model.name)}**, {escape(metric.title)}: {CALM}"]
            if lines:
                parts += [f"**{escape(model.name)}**, {escape(metric.title)}"]
                parts += [bullets([escape(s) for s in told])] if told else []
                parts += [table(HEAD, lines)]
    return parts


def _line(record: AssessmentRecord, row: CleanRecord) -> tuple[str, ...]:
    found = line(record, row)
    name = f"{found.mark.glyph} {escape(found.title)}" + (f" ({escape(found.code)})" if found.code else "")
    if found.reason:
        return (name, escape(found.affected), f"not scored again: {escape(found.reason)}", *["–"] * 5)
    cells = (found.own, f"{found.base} ({found.base_name})" if found.base else "", found.lead, found.left)
    return (name, escape(found.affected), *(escape(c) or "–" for c in (*cells, found.added, found.told)))
