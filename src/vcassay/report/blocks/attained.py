"""Attained: scores between baseline and replicate, and at equal numbers of rows, of the metrics that decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vcassay.record import AssessmentRecord
from vcassay.record.attained import MatchedRecord, ScaledRecord
from vcassay.report.facts import ladder, primary_metrics
from vcassay.report.wording import estimate, listing, number

NONE = "–"
NAMED = 4
"""Models that a reason is given for are named up to so many."""


@dataclass(frozen=True, slots=True)
class Attained:
    """Rows of a table, the first cell its heading, and what is to be said below it."""

    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def scaled_rows(record: AssessmentRecord) -> Attained:
    """Each model in each metric that decides, between the best legal baseline and a replicate or a perfect model."""
    titles, names = {m.name: m.title for m in primary_metrics(record)}, ladder(record)
    found = sorted((s for s in record.scaled if s.metric in titles), key=lambda s: list(titles).index(s.metric))
    rows = [
        (
            s.model,
            titles[s.metric],
            number(s.score, 2, missing=NONE),
            _baseline(s, names[s.baseline].title if s.baseline in names else s.baseline),
            _with(number(s.replicate, 2, missing=NONE), s.replicate_kind if s.replicate is not None else ""),
            estimate(s.scaled, s.low, s.high) if s.scaled is not None else NONE,
            estimate(s.attainable, s.attainable_low, s.attainable_high) if s.attainable is not None else NONE,
        )
        for s in found
        if s.scaled is not None or s.attainable is not None
    ]
    models = [m.name for m in record.models]
    why = [(s.refused, titles[s.metric], s.model) for s in found if s.refused]
    bare = [(s.attainable_refused, titles[s.metric], s.model) for s in found if s.attainable_refused]
    notes = (
        *_reasons("Not scaled to a replicate", why, models),
        *_reasons("No share of a perfect model", bare, models),
    )
    return Attained(tuple(rows), notes)


def matched_rows(record: AssessmentRecord) -> Attained:
    """Each answer in each metric that decides, against a truth of about equal numbers of rows a condition."""
    titles = {m.name: m.title for m in primary_metrics(record)}
    models = [m.name for m in record.models]
    found = [m for m in record.matched if m.metric in titles and m.model in models]
    found.sort(key=lambda m: list(titles).index(m.metric))
    rows = [
        (
            m.model,
            titles[m.metric],
            number(m.score, 2, missing=NONE),
            estimate(m.matched, m.low, m.high, m.n) if m.matched is not None else NONE,
            _change(number(m.rank), number(m.matched_rank)),
            _change(number(m.ceiling, 2, missing=NONE), number(m.matched_ceiling, 2, missing=NONE)),
        )
        for m in found
    ]
    notes = [_depth(found)] if found else []
    if not found and record.unmatched:
        notes.append(f"Not matched: {record.unmatched}.")
    return Attained(tuple(rows), tuple(notes))


def _depth(found: list[MatchedRecord]) -> str:
    low, high = min(m.rows[0] for m in found), max(m.rows[1] for m in found)
    least, most = min(m.matched_rows[0] for m in found), max(m.matched_rows[1] for m in found)
    return f"Conditions have {low:,} to {high:,} rows, and {least:,} to {most:,} after thinning."


def _baseline(row: ScaledRecord, title: str) -> str:
    return _with(number(row.baseline_score, 2, missing=NONE), title)


def _with(value: str, what: str) -> str:
    return f"{value} ({what})" if what else value


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _reasons(head: str, rows: Iterable[tuple[str, str, str]], models: list[str]) -> list[str]:
    """One sentence a reason and metric, with the models that it speaks of."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for reason, metric, model in rows:
        by_reason.setdefault((metric, reason), []).append(model)
    return [
        f"{head}, {metric}{'' if len(names) == len(models) else f' of {listing(names, NAMED)}'}: {reason}."
        for (metric, reason), names in by_reason.items()
    ]
