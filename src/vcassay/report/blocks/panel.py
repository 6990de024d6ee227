"""Block 6: every metric in every stratum, with what the metric is worth."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, FindingRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.blocks.block import Block, finding_groups, tallied
from vcassay.report.facts import STRATUM_ORDER, anchor_of, ceiling_of, family, primary_metrics, skill_of
from vcassay.report.figures.skill import skill_figure
from vcassay.report.wording import UNDEFINED, bracket, decimals, estimate, number

FAMILIES = ("correlation", "error", "retrieval", "magnitude", "null", "raw")


@dataclass(frozen=True, slots=True)
class Cell:
    """One score in one stratum."""

    value: str
    interval: str
    n: str
    chance: str
    reason: str
    place: float | None
    """Where it stands between doing nothing (0) and the ceiling (1), in percent; None without both."""


@dataclass(frozen=True, slots=True)
class Line:
    """One metric."""

    metric: MetricRecord
    direction: str
    cells: tuple[Cell, ...]
    skill: str
    fooled: tuple[FindingRecord, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One model."""

    index: int
    model: str
    lines: tuple[Line, ...]


def panel_block(record: AssessmentRecord) -> Block:
    """Build the panel: skill drawn, all scores as a table a model."""
    strata = [s for s in STRATUM_ORDER if any(r.stratum == s for r in record.scores)]
    findings = family(record, "metrics")
    figures = tuple(f for m in primary_metrics(record) if (f := skill_figure(record, m)) is not None)
    refused = [(s.model, s.metric, s.refused) for s in record.skills if s.refused]
    order = {name: i for i, name in enumerate(FAMILIES)}
    metrics = sorted(record.metrics, key=lambda m: (order.get(m.family, len(order)), not m.primary))
    sheets = [
        Sheet(i, model.name, tuple(_line(record, model.name, m, strata, findings) for m in metrics))
        for i, model in enumerate(record.models)
    ]
    return Block(
        name="panel",
        stage="Stage 2c",
        title="Can the score measure the claim?",
        nav="Panel",
        answer=_answer(record, findings),
        data={
            **finding_groups(findings),
            "figures": figures,
            "refused": _refusals(refused, {m.name: m.title for m in record.metrics}),
            "sheets": sheets,
            "strata": strata,
        },
        figures=figures,
    )


def _line(
    record: AssessmentRecord, model: str, metric: MetricRecord, strata: list[str], findings: list[FindingRecord]
) -> Line:
    skill = skill_of(record, model, metric.name)
    direction = "higher is better" if metric.higher_is_better else f"best at {number(metric.optimum)}"
    loud = [f for f in findings if f.status not in ("PASS", "NA")]
    fooled = tuple(f for f in loud if any(row.get("metric") == metric.name for row in f.evidence))
    return Line(
        metric=metric,
        direction=direction,
        cells=tuple(_cell(record, model, metric, s) for s in strata),
        skill="" if skill is None else estimate(skill.skill) if skill.skill is not None else "refused",
        fooled=fooled,
    )


def _cell(record: AssessmentRecord, model: str, metric: MetricRecord, stratum: str) -> Cell:
    row = record.score(model, metric.name, stratum)
    if row is None:
        return Cell("–", "", "", "", "not scored", None)
    if row.value is None:
        return Cell(UNDEFINED if row.status != "error" else "error", "", f"n = {row.n:,}", "", row.reason, None)
    anchor, ceiling = anchor_of(record, metric, stratum), ceiling_of(record, metric.name, stratum)
    place = None
    if anchor is not None and ceiling.value is not None and ceiling.value != anchor:
        place = round(100 * min(1.15, max(0.0, (row.value - anchor) / (ceiling.value - anchor))), 1)
    places = decimals(row.low, row.high)
    chance = f"{row.n_at_chance:,} at chance" if row.n_at_chance else ""
    shown = bracket(row.low, row.high, places)
    return Cell(number(row.value, places), shown, f"n = {row.n:,}", chance, row.reason, place)


def _refusals(rows: list[tuple[str, str, str]], titles: dict[str, str]) -> list[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for model, metric, why in rows:
        by_reason.setdefault((model, why), []).append(titles.get(metric, metric))
    return [f"{model} ({', '.join(metrics)}): {why}." for (model, why), metrics in by_reason.items()]


def _answer(record: AssessmentRecord, findings: list[FindingRecord]) -> str:
    raw = [m.title for m in record.metrics if m.family == "raw"]
    carry = [m.title for m in primary_metrics(record)]
    parts = [f"The verdict rests on {', '.join(carry)}." if carry else "No metric can carry the verdict."]
    if raw:
        parts.append(f"{', '.join(raw)}: kept only to show why not.")
    if findings:
        parts.append(tallied(findings))
    return " ".join(parts)
