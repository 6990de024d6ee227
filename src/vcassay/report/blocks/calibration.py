"""Block: whether each metric can measure the claim on this very screen."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import CalibrationRecord, MetricRecord
from vcassay.report.blocks.block import Block, finding_groups
from vcassay.report.facts import demoted_primary, family, headline_stratum, is_raw, main_metric, primary_metrics
from vcassay.report.figures.calibration import calibration_figure
from vcassay.report.wording import UNDEFINED, count, estimate, listing, number, sentence

MAX_DEMOTED = 10
"""Metrics shown at once beside those that decide; the rest are in the whole table."""


@dataclass(frozen=True, slots=True)
class Line:
    """One metric on this screen."""

    title: str
    name: str
    family: str
    role: str
    """carries the verdict, demoted, bare, or nothing of them."""
    drf: str
    bds: str
    sanity: str
    broken: str
    why: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A metric of expression itself: its scores beside that of no change."""

    title: str
    scores: tuple[str, ...]
    """One a model."""
    no_change: str


def calibration_block(record: AssessmentRecord) -> Block:
    """Say how many metrics conform, which primary ones are demoted, and what raw ones are worth."""
    found = {c.metric: c for c in record.calibration}
    figure = calibration_figure(record)
    order = sorted(record.metrics, key=lambda m: (not m.primary, is_raw(m), not m.demoted, m.family, m.name))
    lines = [_line(m, found.get(m.name)) for m in order if m.name in found or m.demoted]
    head = [r for r in lines if r.role in ("carries the verdict", "demoted primary")]
    lost = [r for r in lines if r.role == "demoted"]
    return Block(
        name="calibration",
        stage="Stage 2c",
        title="Can the score measure the claim?",
        nav="2c Metrics",
        answer=_answer(record),
        data={
            **finding_groups(family(record, "metrics")),
            "head": head + lost[:MAX_DEMOTED],
            "more_demoted": max(0, len(lost) - MAX_DEMOTED),
            "lines": lines,
            "uncalibrated": record.uncalibrated or "it is not stored",
            "untested": [m.title for m in record.metrics if m.name not in found] if found else [],
            "bare": _bare(record, found),
            "models": [m.name for m in record.models],
            "figure": figure,
        },
        figures=(figure,) if figure else (),
    )


def _line(metric: MetricRecord, row: CalibrationRecord | None) -> Line:
    role = "bare" if is_raw(metric) else "demoted" if metric.demoted else ""
    if metric.primary:
        role = "demoted primary" if metric.demoted else "carries the verdict"
    if row is None:
        return Line(metric.title, metric.name, metric.family, role, "–", "–", "–", "", " ".join(metric.demoted))
    reasons = [sentence(r) for r in dict.fromkeys((*row.reasons, *metric.demoted))]
    # a rule that demotes is told by its reason
    other = [b for b in row.broken if not any(r in b for r in row.reasons)]
    return Line(
        title=metric.title,
        name=metric.name,
        family=metric.family,
        role=role,
        drf=estimate(row.drf, row.drf_low, row.drf_high),
        bds=estimate(row.bds, row.bds_low, row.bds_high),
        sanity=estimate(row.sanity, row.sanity_low, row.sanity_high),
        broken=" ".join(sentence(b) for b in other),
        why=" ".join(reasons),
    )


def _bare(record: AssessmentRecord, found: dict[str, CalibrationRecord]) -> list[Bare]:
    rows = []
    main = main_metric(record)
    stratum = headline_stratum(record, main.name) if main is not None else "all"
    idle = [b.name for b in record.baselines if b.tier == "T0"]
    for metric in sorted((m for m in record.metrics if is_raw(m)), key=lambda m: m.space != "expression"):
        none = next((r for b in idle if (r := record.score(b, metric.name, stratum)) and r.value is not None), None)
        shown = number(none.value, 3) if none is not None else UNDEFINED
        if none is None and metric.name in found:
            shown = number(found[metric.name].no_change, 3)
        scores = [record.score(m.name, metric.name, stratum) for m in record.models]
        if any(r is not None and r.value is not None for r in scores):
            rows.append(Bare(metric.title, tuple("–" if r is None else number(r.value, 3) for r in scores), shown))
    return rows


def _answer(record: AssessmentRecord) -> str:
    meant = [m for m in primary_metrics(record) if m.primary]
    lost = demoted_primary(record)
    carry = [m.title for m in meant if not m.demoted]
    parts = [f"The verdict rests on {listing(carry)}." if carry else "No metric can carry the verdict here."]
    if record.calibration:
        tried = {c.metric for c in record.calibration}
        held = [m for m in record.metrics if m.name in tried and not is_raw(m)]
        n, bad = len(held), sum(bool(m.demoted) for m in held)
        are = "is" if bad == 1 else "are"
        parts.append(f"{n - bad:,} of {count(n, 'metric')} do what a metric must on this screen; {bad} {are} demoted.")
        if not lost:
            parts.append("None of those is one that decides." if bad else "")
    if lost:
        parts.append(f"Demoted, and so without a say: {'; '.join(f'{m.title} ({m.demoted[0]})' for m in lost)}.")
    if record.uncalibrated:
        parts.append(f"Whether they can tell a replicate from the mean effect was not measured: {record.uncalibrated}.")
    return " ".join(p for p in parts if p)
