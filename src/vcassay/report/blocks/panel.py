"""Block 6: every metric in every stratum, with its coverage and what the ceilings are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from vcassay.record import AssessmentRecord, FindingRecord, ScoreRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.blocks.attained import matched_rows, scaled_rows
from vcassay.report.blocks.block import Block
from vcassay.report.facts import (
    STRATUM_ORDER,
    STRATUM_TITLE,
    anchor_of,
    ceiling_of,
    family,
    headline_stratum,
    is_centred,
    is_raw,
    main_metric,
    primary_metrics,
    skill_of,
)
from vcassay.report.figures.skill import skill_figure
from vcassay.report.wording import UNDEFINED, bracket, decimals, estimate, listing, number

FAMILIES = (
    "correlation", "error", "retrieval", "calls", "magnitude", "null", "interaction", "distribution", "diversity",
    "pathway", "utility", "raw",
)  # fmt: skip
WORD = {"magnitude": "size", "calls": "called genes", "distribution": "predicted cells", "null": "no effect"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One score in one stratum."""

    value: str
    interval: str
    n: str
    place: float | None
    """Where it stands between no information (0) and the ceiling (1), in percent; None without both."""


@dataclass(frozen=True, slots=True)
class Line:
    """One metric."""

    metric: MetricRecord
    direction: str
    bare: bool
    cells: tuple[Cell, ...]
    """The deciding stratum first."""
    coverage: str
    reasons: tuple[tuple[str, str], ...]
    """Why there is no value, and in which strata."""
    skill: str
    fooled: tuple[FindingRecord, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics of one family."""

    family: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One model."""

    index: int
    model: str
    groups: tuple[Group, ...]
    undefined: tuple[tuple[str, str], ...]
    """Why there is no value, and which metrics and strata it speaks of."""


def panel_block(record: AssessmentRecord) -> Block:
    """Build the panel: skill drawn, all scores as a table a model."""
    main = main_metric(record)
    first = headline_stratum(record, main.name) if main is not None else "all"
    known = {r.stratum for r in record.scores}
    strata = [first, *(s for s in STRATUM_ORDER if s in known and s != first)] if first in known else []
    findings = [f for f in family(record, "metrics") if f.status not in ("PASS", "NA")]
    figures = tuple(f for m in primary_metrics(record) if (f := skill_figure(record, m)) is not None)
    refused = [(s.model, s.metric, s.refused) for s in record.skills if s.refused]
    sizes = _sizes(record, strata)
    groups = [_groups(record, m.name, sizes, findings) for m in record.models]
    sheets = [
        Sheet(i, m.name, g, _undefined(g, len(strata)))
        for i, (m, g) in enumerate(zip(record.models, groups, strict=True))
    ]
    return Block(
        name="panel",
        stage="Stage 2c",
        title="What does every metric say?",
        nav="Scores",
        answer=_answer(record),
        data={
            "figures": figures,
            "refused": _refusals(refused, {m.name: m.title for m in record.metrics}),
            "sheets": sheets,
            "strata": [(STRATUM_TITLE.get(s, s), sizes[s]) for s in strata],
            "contexts": _contexts(record, main, first),
            "scaled": scaled_rows(record),
            "matched": matched_rows(record),
        },
        figures=figures,
    )


def _sizes(record: AssessmentRecord, strata: list[str]) -> dict[str, int]:
    """The n that most scores of a stratum stand on."""
    models = {m.name for m in record.models}
    tally: dict[str, Counter[int]] = {s: Counter() for s in strata}
    for row in record.scores:
        if row.stratum in tally and row.model in models and row.context is None and row.value is not None:
            tally[row.stratum][row.n] += 1
    return {s: max(found, key=lambda n: (found[n], n)) if found else 0 for s, found in tally.items()}


def _groups(
    record: AssessmentRecord, model: str, sizes: dict[str, int], findings: list[FindingRecord]
) -> tuple[Group, ...]:
    order = {name: i for i, name in enumerate(FAMILIES)}
    metrics = sorted(record.metrics, key=lambda m: (order.get(m.family, len(order)), not m.primary))
    found = []
    for name in dict.fromkeys(m.family for m in metrics):
        lines = [_line(record, model, m, sizes, findings) for m in metrics if m.family == name]
        found.append(Group(WORD.get(name, name), tuple(line for line in lines if line is not None)))
    return tuple(g for g in found if g.lines)


def _line(
    record: AssessmentRecord, model: str, metric: MetricRecord, sizes: dict[str, int], findings: list[FindingRecord]
) -> Line | None:
    strata = list(sizes)
    rows = [record.score(model, metric.name, s) for s in strata]
    if all(row is None for row in rows):
        return None
    skill = skill_of(record, model, metric.name)
    why: dict[str, list[str]] = {}
    for stratum, row in zip(strata, rows, strict=True):
        if row is not None and row.value is None and row.reason:
            why.setdefault(row.reason, []).append(STRATUM_TITLE.get(stratum, stratum))
    return Line(
        metric=metric,
        direction=direction(metric),
        bare=is_raw(metric),
        cells=tuple(
            _cell(record, row, metric, s, sizes[s], first=i == 0)
            for i, (s, row) in enumerate(zip(strata, rows, strict=True))
        ),
        coverage=_coverage(rows[0], record.score(model, metric.name, "answered")),
        reasons=tuple((reason, ", ".join(where)) for reason, where in why.items()),
        skill="" if skill is None else estimate(skill.skill) if skill.skill is not None else "refused",
        fooled=tuple(f for f in findings if any(row.get("metric") == metric.name for row in f.evidence)),
    )


def _undefined(groups: tuple[Group, ...], n: int) -> tuple[tuple[str, str], ...]:
    said: dict[str, list[str]] = {}
    for line in (line for group in groups for line in group.lines):
        for reason, where in line.reasons:
            everywhere = where.count(",") + 1 == n
            said.setdefault(reason, []).append(f"{line.metric.title}{'' if everywhere else f' ({where})'}")
    return tuple((reason, "; ".join(what)) for reason, what in said.items())


def direction(metric: MetricRecord) -> str:
    """Which way is better, and where the best is."""
    if metric.higher_is_better:
        return f"↑ best at {number(metric.optimum)}"
    if is_centred(metric):
        return f"→ best at {number(metric.optimum)}"
    return f"↓ best at {number(metric.optimum)}"


def _coverage(row: ScoreRecord | None, answered: ScoreRecord | None) -> str:
    if row is None:
        return ""
    parts = [f"n = {row.n:,}"]
    if row.n_truth_undefined:
        parts.append(f"{row.n_truth_undefined:,} undefined")
    if row.n_at_chance:
        parts.append(f"{row.n_at_chance:,} at chance")
    if answered is not None and answered.value is not None:
        parts.append(f"{number(answered.value, 2)} on the {answered.n:,} answered")
    return ", ".join(parts)


def _cell(
    record: AssessmentRecord, row: ScoreRecord | None, metric: MetricRecord, stratum: str, n: int, *, first: bool
) -> Cell:
    if row is None:
        return Cell("–", "", "", None)
    if row.value is None:
        return Cell(UNDEFINED if row.status != "error" else "error", "", "", None)
    places = decimals(row.low, row.high)
    shown = number(row.value, places)
    if not first:
        return Cell(shown, "", "" if row.n == n else f"{row.n:,}", None)
    anchor, ceiling = anchor_of(record, metric, stratum), ceiling_of(record, metric.name, stratum)
    place = None
    if anchor is not None and ceiling.value is not None and ceiling.value != anchor:
        place = round(100 * min(1.15, max(0.0, (row.value - anchor) / (ceiling.value - anchor))), 1)
    return Cell(shown, bracket(row.low, row.high, places), "", place)


def _refusals(rows: list[tuple[str, str, str]], titles: dict[str, str]) -> list[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for model, metric, why in rows:
        by_reason.setdefault((model, why), []).append(titles.get(metric, metric))
    return [f"{model} ({', '.join(metrics)}): {why}." for (model, why), metrics in by_reason.items()]


def _contexts(record: AssessmentRecord, metric: MetricRecord | None, stratum: str) -> list[tuple[str, str, str]]:
    """Ceiling of the main metric in each context, with what kept it from being better known."""
    if metric is None:
        return []
    return [
        (c.context, estimate(c.value, c.low, c.high) if c.value is not None else "not measurable", c.reason or c.note)
        for c in record.ceilings
        if c.metric == metric.name and c.stratum == stratum and c.context is not None
    ]


def _answer(record: AssessmentRecord) -> str:
    skilled = [s for s in record.skills if s.skill is not None]
    refused = [s for s in record.skills if s.refused]
    if not record.skills:
        return "No skill is stored: scores stand for themselves."
    text = "Skill is the share of what is attainable above the best legal baseline: 0 is the baseline, 1 the ceiling."
    above = list(dict.fromkeys(s.model for s in skilled if s.low is not None and s.low > 0))
    if above:
        text += f" {listing(above)} {'has' if len(above) == 1 else 'have'} some in at least one metric."
    if refused and not skilled:
        text += " Here it is refused throughout."
    return text
