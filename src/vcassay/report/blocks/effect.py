"""Block 5: real signal and noise as two numbers, by stratum, and against effect size."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, ScoreRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.blocks.block import Block
from vcassay.report.facts import (
    BY_CLASS,
    BY_RELIABILITY,
    BY_SIZE,
    STRATUM_TITLE,
    ceiling_of,
    ladder,
    main_metric,
    strongest,
)
from vcassay.report.figures.scatter import scatter_figures
from vcassay.report.palette import STRATA
from vcassay.report.signal import REPLICATE, Signal, signal
from vcassay.report.tables import Stored, why_unscored
from vcassay.report.wording import estimate, number, percent, percents

MAX_PANELS = 8
"""More models than this are left to the tables."""


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


def effect_block(stored: Stored) -> Block:
    """Tell signal from noise, then draw one panel a model on shared axes."""
    record = stored.record
    metric = main_metric(record)
    figures = tuple(scatter_figures(stored, metric, MAX_PANELS)) if metric is not None else ()
    present = {s.name for s in record.screen.strata if s.n}
    strata = [] if metric is None else _strata(record, metric)
    rows = _rows(record) if metric is not None else []
    return Block(
        name="effect",
        stage="Stage 2c",
        title="Does it predict real signal, or noise?",
        nav="2c Signal",
        answer=_answer(record),
        data={
            "rows": rows,
            "stratum": next((r.stratum for m in record.models if (r := signal(record, m.name))), ""),
            "noise": any(x not in ("", "–") for r in rows for x in (r.false_effect, r.false_calls, r.told)),
            "by_stratum": _strips(record, metric, strata) if metric is not None else [],
            "columns": _columns(record, metric, strata) if metric is not None else [],
            "notes": _notes(record, metric, strata) if metric is not None else [],
            "figures": figures,
            "metric": metric,
            "points": any("query" in str(f.spec.get("params", "")) for f in figures),
            "strata": [s for s in STRATA if s in present],
            "missing": why_unscored(stored, metric),
            "left_out": max(0, len(record.models) - MAX_PANELS),
        },
        figures=figures,
    )


def _rows(record: AssessmentRecord) -> list[Both]:
    found = [s for m in record.models if (s := signal(record, m.name)) is not None]
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


def _strata(record: AssessmentRecord, metric: MetricRecord) -> list[str]:
    known = {s.stratum for s in record.scores if s.metric == metric.name and s.context is None}
    return [s for s in (*BY_SIZE, *BY_CLASS, *BY_RELIABILITY) if s in known]


def _columns(record: AssessmentRecord, metric: MetricRecord, strata: list[str]) -> list[tuple[str, int]]:
    """Names of strata, and the n that most models have there."""
    columns = []
    for stratum in strata:
        sizes = [r.n for m in record.models if (r := record.score(m.name, metric.name, stratum)) is not None]
        columns.append((STRATUM_TITLE.get(stratum, stratum), max(set(sizes), key=sizes.count) if sizes else 0))
    return columns


def _strips(record: AssessmentRecord, metric: MetricRecord, strata: list[str]) -> list[Strip]:
    names = ladder(record)
    answers = [(m.name, m.name, "model") for m in record.models]
    bases = dict.fromkeys(strongest(record, m.name, metric.name) for m in record.models)
    answers += [(b, names[b].title, "baseline") for b in bases if b in names]
    common = [n for _, n in _columns(record, metric, strata)]
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


def _notes(record: AssessmentRecord, metric: MetricRecord, strata: list[str]) -> list[str]:
    """Why ceilings are missing or no better known, each said once."""
    said: dict[str, list[str]] = {}
    for stratum in strata:
        c = ceiling_of(record, metric.name, stratum)
        for text in (c.note, c.reason if c.value is None else ""):
            if text and c.kind:
                said.setdefault(text, []).append(STRATUM_TITLE.get(stratum, stratum))
    return [f"Ceiling, {', '.join(where)}: {text}." for text, where in said.items()]


def _answer(record: AssessmentRecord) -> str:
    strata = {s.name: s for s in record.screen.strata}
    total = sum(s.n for s in strata.values())
    parts = []
    if total and "null" in strata:
        empty = strata["null"].n
        parts.append(f"{empty:,} of {total:,} test conditions ({percent(empty / total)}) have no effect to predict.")
    full = record.screen.reliability_full
    if full is not None:
        parts.append(f"Measured again, the same conditions would correlate at {number(full, 2)} on average.")
    found = [s for m in record.models if (s := signal(record, m.name)) is not None]
    real = [s.score.value for s in found if s.score is not None and s.score.value is not None]
    if real:
        limit = found[0].perfect
        text = f"Where there is an effect, {_who(found)} {_range(real)} in {found[0].metric.title}"
        parts.append(f"{text}; {limit.kind}: {number(limit.value, 2)}." if limit.value is not None else f"{text}.")
    false = [s.false_effect.value for s in found if s.false_effect is not None and s.false_effect.value is not None]
    if false:
        low, high = percent(min(false)), percent(max(false))
        size = low if low == high else f"{low} to {high}"
        parts.append(
            f"Where there is none, {'it predicts' if len(found) == 1 else 'they predict'} {size} of a typical one."
        )
    return " ".join(parts)


def _who(found: list[Signal]) -> str:
    return f"{found[0].model} scores" if len(found) == 1 else "the models score"


def _range(values: list[float]) -> str:
    low, high = number(min(values), 2), number(max(values), 2)
    return low if low == high else f"{low} to {high}"
