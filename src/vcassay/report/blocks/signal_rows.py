"""Rows of signal and noise: each answer on real effects and on none, and over the strata."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, ScoreRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import (
    BY_CLASS,
    BY_RELIABILITY,
    BY_SIZE,
    STRATUM_TITLE,
    ceiling_of,
    ladder,
    strongest,
)
from vcassay.report.signal import REPLICATE, Signal, signal
from vcassay.report.wording import estimate, percents


@dataclass(frozen=True, slots=True)
class Both:
    """One row: an answer on real effects, and on none."""

    title: str
    kind: str
    """model, baseline or ceiling."""
    score: str
    coverage: str
    corrected: str
    why: str
    """Why it was not corrected."""
    weighted: str
    false_effect: str
    false_calls: str
    told: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Means of an answer over the strata; each with its n."""

    title: str
    kind: str
    cells: tuple[tuple[str, str], ...]


def both_rows(record: AssessmentRecord, found: list[Signal]) -> list[Both]:
    """Models, their strongest baselines, the perfect model and a replicate."""
    rows = [both(s, s.model, "model") for s in found]
    bases = dict.fromkeys(strongest(record, s.model, s.metric.name) for s in found)
    names = ladder(record)
    rows += [
        both(s, names[base].title, "baseline")
        for base in bases
        if base in names and (s := signal(record, base)) is not None
    ]
    return rows + (_ceilings(found[0]) if found else [])


def both(found: Signal, title: str, kind: str) -> Both:
    """Write out both numbers of an answer."""
    score = found.score
    coverage = ""
    if score is not None:
        coverage = f"n = {score.n:,}"
        if score.n_at_chance:
            coverage += f", {score.n_at_chance:,} at chance"
        if found.answered is not None and found.answered.value is not None:
            on = estimate(found.answered.value, found.answered.low, found.answered.high)
            coverage += f"; {on} on the {found.answered.n:,} answered"
    corrected = score is not None and score.attenuation_corrected is not None
    return Both(
        title=title,
        kind=kind,
        score=_text(score),
        coverage=coverage,
        corrected=estimate(score.attenuation_corrected, score.corrected_low, score.corrected_high)
        if score is not None and corrected
        else "–",
        why="" if score is None else score.corrected_reason,
        weighted=_text(found.weighted),
        false_effect=_text(found.false_effect),
        false_calls=_share(found.false_calls),
        told=_text(found.told),
    )


def _ceilings(found: Signal) -> list[Both]:
    blank = {"coverage": "", "corrected": "", "why": "", "weighted": ""}
    noise = {"false_effect": "", "false_calls": "", "told": ""}
    rows = []
    c = found.perfect
    if c.value is not None:
        kind = f"{c.kind} (√R)" if c.kind == "perfect model" and found.metric.family == "correlation" else c.kind
        rows.append(Both(kind, "ceiling", estimate(c.value, c.low, c.high), **blank, **noise))
    elif c.reason:
        rows.append(Both(f"no ceiling: {c.reason}", "ceiling", "not measurable", **blank, **noise))
    if found.replicate is not None and found.replicate.value is not None:
        kind = "replicate (R)" if found.metric.family == "correlation" else "replicate"
        rows.append(Both(f"{kind}: the truth measured again", "ceiling", _text(found.replicate), **blank, **noise))
    return rows


def _text(row: ScoreRecord | None) -> str:
    return "–" if row is None else estimate(row.value, row.low, row.high)


def _share(row: ScoreRecord | None) -> str:
    return "–" if row is None else percents(row.value, row.low, row.high)


def strata_of(record: AssessmentRecord, metric: MetricRecord) -> list[str]:
    """Strata by size, class and reliability that a metric was scored in."""
    known = {s.stratum for s in record.scores if s.metric == metric.name and s.context is None}
    return [s for s in (*BY_SIZE, *BY_CLASS, *BY_RELIABILITY) if s in known]


def strata_columns(record: AssessmentRecord, metric: MetricRecord, strata: list[str]) -> list[tuple[str, int]]:
    """Names of strata, and the n that most models have there."""
    columns = []
    for stratum in strata:
        sizes = [r.n for m in record.models if (r := record.score(m.name, metric.name, stratum)) is not None]
        columns.append((STRATUM_TITLE.get(stratum, stratum), max(set(sizes), key=sizes.count) if sizes else 0))
    return columns


def strips(record: AssessmentRecord, metric: MetricRecord, strata: list[str]) -> list[Strip]:
    """One row an answer, then the ceilings."""
    names = ladder(record)
    answers = [(m.name, m.name, "model") for m in record.models]
    bases = dict.fromkeys(strongest(record, m.name, metric.name) for m in record.models)
    answers += [(b, names[b].title, "baseline") for b in bases if b in names]
    common = [n for _, n in strata_columns(record, metric, strata)]
    rows = []
    for name, title, kind in answers:
        found = [record.score(name, metric.name, s) for s in strata]
        cells = tuple(
            (_text(r), f"n = {r.n:,}" if r is not None and r.n and r.n != n else "")
            for r, n in zip(found, common, strict=True)
        )
        rows.append(Strip(title, kind, cells))
    limits = [ceiling_of(record, metric.name, s) for s in strata]
    if any(c.value is not None for c in limits):
        kinds = {c.kind for c in limits if c.value is not None}
        cells = tuple((estimate(c.value, c.low, c.high) if c.value is not None else "–", "") for c in limits)
        rows.append(Strip(", ".join(sorted(kinds)), "ceiling", cells))
    again = [record.score(REPLICATE, metric.name, s) for s in strata]
    if any(r is not None and r.value is not None for r in again):
        rows.append(Strip("replicate", "ceiling", tuple((_text(r), "") for r in again)))
    return rows if strata else []


def ceiling_notes(record: AssessmentRecord, metric: MetricRecord, strata: list[str]) -> list[str]:
    """Why ceilings are missing or no better known, each said once."""
    said: dict[str, list[str]] = {}
    for stratum in strata:
        c = ceiling_of(record, metric.name, stratum)
        for text in (c.note, c.reason if c.value is None else ""):
            if text and c.kind:
                said.setdefault(text, []).append(STRATUM_TITLE.get(stratum, stratum))
    return [f"Ceiling, {', '.join(where)}: {text}." for text, where in said.items()]
