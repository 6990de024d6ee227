"""What page, Markdown and terminal all say first, worked out from the stored record alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vcassay.core.finding import Status
from vcassay.core.regime import Level
from vcassay.record import AssessmentRecord, BaselineRecord, ComparisonRecord, FindingRecord, ScoreRecord, SkillRecord
from vcassay.record.audit import AuditRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.wording import count, level_mark, listing, severity, words

BY_SIZE = ("null", "weak", "medium", "strong", "unassessed")
BY_CLASS = ("unreliable", "shared", "specific")
BY_RELIABILITY = ("r_low", "r_mid", "r_high")
STRATUM_ORDER = ("all", "detectable", *BY_SIZE, *BY_CLASS, *BY_RELIABILITY, "weighted")
STRATUM_TITLE = {
    "r_low": "low reliability",
    "r_mid": "middle reliability",
    "r_high": "high reliability",
    "weighted": "weighted by reliability",
}
"""Strata whose names are no words."""

HEADLINE_STRATA = ("detectable", "all")
"""Where the decisive score is looked for, in this order."""

CENTRED = ("magnitude", "diversity")
RATIO = "ratio (log2)"
"""How titles of ratios end, which are best at 1 to 1."""

NEAR = 1e-9
"""Numbers that are equal but for rounding."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The best that can be reached, and what kind of best it is."""

    value: float | None
    low: float | None
    high: float | None
    kind: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decisive:
    """The numbers of one model that decide, in one metric and stratum."""

    model: str
    metric: MetricRecord
    stratum: str
    score: ScoreRecord | None
    baseline: BaselineRecord | None
    baseline_score: ScoreRecord | None
    comparison: ComparisonRecord | None
    ceiling: Ceiling
    skill: SkillRecord | None
    anchor: float | None
    """Where a prediction without information stands on this metric."""
    anchor_word: str = ""
    """What stands there."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The answer to whether anything is wrong."""

    answer: str
    sentence: str
    tone: str
    counts: tuple[tuple[str, int], ...]
    """Number of findings of each status, what is wrong first."""


def primary_metrics(record: AssessmentRecord) -> list[MetricRecord]:
    """Metrics that are meant to carry the verdict, the correlation first and what is demoted last.

    The first known one if none is marked.
    """
    chosen = [m for m in record.metrics if m.primary] or [m for m in record.metrics if not is_raw(m)][:1]
    return sorted(chosen, key=lambda m: (bool(m.demoted), m.family != "correlation"))


def is_raw(metric: MetricRecord) -> bool:
    """Whether a metric does not measure perturbation biology: of expression itself, or kept to show why not."""
    return metric.space == "expression" or metric.family == "raw"


def is_centred(metric: MetricRecord) -> bool:
    """Whether the optimum lies inside the range, so that nearer to it is better: sizes, diversity, ratios."""
    if metric.higher_is_better:
        return False
    return metric.family in CENTRED or metric.title.endswith(RATIO)


def demoted_primary(record: AssessmentRecord) -> list[MetricRecord]:
    """Primary metrics that failed their calibration on this screen."""
    return [m for m in record.metrics if m.primary and m.demoted]


def main_metric(record: AssessmentRecord) -> MetricRecord | None:
    """The metric shown first."""
    return next(iter(primary_metrics(record)), None)


def ladder(record: AssessmentRecord) -> dict[str, BaselineRecord]:
    """Baselines by name."""
    return {b.name: b for b in record.baselines}


def skill_of(record: AssessmentRecord, model: str, metric: str) -> SkillRecord | None:
    """Skill of a model in a metric."""
    return next((s for s in record.skills if (s.model, s.metric) == (model, metric)), None)


def comparisons_of(record: AssessmentRecord, model: str, metric: str) -> list[ComparisonRecord]:
    """Comparisons with every legal baseline, the strongest baseline first."""
    rows = [c for c in record.comparisons if (c.model, c.metric) == (model, metric)]
    return sorted(rows, key=lambda c: (c.difference is None, c.difference or 0.0))


def strongest(record: AssessmentRecord, model: str, metric: str) -> str:
    """Name of the best legal baseline for this model, or an empty string."""
    skill = skill_of(record, model, metric)
    if skill is not None and skill.baseline:
        return skill.baseline
    return next((c.baseline for c in comparisons_of(record, model, metric)), "")


def headline_stratum(record: AssessmentRecord, metric: str) -> str:
    """The stratum of the scores that the skill was worked out from; else the first that has scores."""
    for skill in record.skills:
        if skill.metric == metric and skill.score is not None:
            for stratum in HEADLINE_STRATA:
                row = record.score(skill.model, metric, stratum)
                if row is not None and row.value is not None and abs(row.value - skill.score) < NEAR:
                    return stratum
    scored = {s.stratum for s in record.scores if s.metric == metric and s.value is not None}
    return next((s for s in HEADLINE_STRATA if s in scored), "all")


def ceiling_of(record: AssessmentRecord, metric: str, stratum: str) -> Ceiling:
    """Ceiling of a metric in a stratum; a skill's ceiling stands in where none is stored."""
    for row in record.ceilings:
        if (row.metric, row.stratum, row.context) == (metric, stratum, None):
            return Ceiling(row.value, row.low, row.high, row.kind, row.reason, row.note)
    if stratum == headline_stratum(record, metric):
        for skill in record.skills:
            if skill.metric == metric and skill.ceiling is not None:
                return Ceiling(skill.ceiling, None, None, skill.ceiling_kind, "")
    return Ceiling(None, None, None, "", "no ceiling was measured here")


def anchor_of(record: AssessmentRecord, metric: MetricRecord, stratum: str) -> float | None:
    """Where a prediction without information stands: the metric's chance level, else the score of no change."""
    if metric.chance is not None:
        return metric.chance
    for rung in record.baselines:
        if rung.tier == "T0":
            row = record.score(rung.name, metric.name, stratum)
            if row is not None and row.value is not None:
                return row.value
    return None


def anchor_word(record: AssessmentRecord, metric: MetricRecord, stratum: str) -> str:
    """What stands at the anchor: no change, the bias model, or chance."""
    if metric.chance is not None and "bias model" in metric.title:
        return "bias model"
    rows = (record.score(b.name, metric.name, stratum) for b in record.baselines if b.tier == "T0")
    at = anchor_of(record, metric, stratum)
    for row in rows:
        if at is not None and row is not None and row.value is not None and not row.n_at_chance:
            return "no change" if abs(row.value - at) < NEAR else "chance"
    return "chance"


def decisive(record: AssessmentRecord, model: str, metric: MetricRecord | None = None) -> Decisive | None:
    """The numbers that decide on a model, in the main metric unless another is asked for."""
    metric = metric or main_metric(record)
    if metric is None:
        return None
    stratum = headline_stratum(record, metric.name)
    name = strongest(record, model, metric.name)
    rows = comparisons_of(record, model, metric.name)
    return Decisive(
        model=model,
        metric=metric,
        stratum=stratum,
        score=record.score(model, metric.name, stratum),
        baseline=ladder(record).get(name),
        baseline_score=record.score(name, metric.name, stratum) if name else None,
        comparison=next((c for c in rows if c.baseline == name), None),
        ceiling=ceiling_of(record, metric.name, stratum),
        skill=skill_of(record, model, metric.name),
        anchor=anchor_of(record, metric, stratum),
        anchor_word=anchor_word(record, metric, stratum),
    )


def by_severity(findings: Iterable[FindingRecord]) -> list[FindingRecord]:
    """What is wrong first; what blocks first among equals."""
    return sorted(findings, key=lambda f: (severity(f.status), not f.blocks, f.check, f.model or ""))


def grouped(findings: Iterable[FindingRecord]) -> list[tuple[FindingRecord, tuple[str, ...]]]:
    """Findings with the models they speak of (none: the study); what is said of several is said once."""
    alike: dict[str, list[FindingRecord]] = {}
    for finding in by_severity(findings):
        alike.setdefault(finding.model_copy(update={"model": None}).model_dump_json(), []).append(finding)
    return [(group[0], tuple(f.model for f in group if f.model)) for group in alike.values()]


def family(record: AssessmentRecord, name: str) -> list[FindingRecord]:
    """Findings of one room, what is wrong first."""
    return by_severity(f for f in record.findings if f.family == name)


def questions(record: AssessmentRecord | AuditRecord) -> list[tuple[str, list[str]]]:
    """Questions to the authors, each with the models it is put to (none: the study)."""
    asked: dict[str, list[str]] = {}
    for finding in by_severity(record.findings):
        if finding.question and finding.status == Status.UNKNOWN:
            asked.setdefault(finding.question, [])
            if finding.model:
                asked[finding.question].append(finding.model)
    return list(asked.items())


def trouble(record: AssessmentRecord) -> Trouble:
    """Answer in one word, one sentence and the counts whether anything is wrong."""
    tally = Counter(f.status for f in record.findings)
    counts = tuple((s, tally[s]) for s in sorted(tally, key=severity))
    blocking = [f for f in record.findings if f.blocks and f.status == Status.FAIL]
    errors, fails, warns = tally[Status.ERROR], tally[Status.FAIL] - len(blocking), tally[Status.WARN]
    open_ = len(questions(record))
    parts = []
    if errors or not record.complete:
        parts.append(f"{count(errors, 'check')} ended in an error" if errors else "the assessment is incomplete")
    if blocking:
        who = sorted({f.model or "the study" for f in blocking})
        parts.append(f"{count(len(blocking), 'finding blocks', 'findings block')} the claim of {listing(who)}")
    lost = demoted_primary(record)
    if lost:
        fail = "fails" if len(lost) == 1 else "fail"
        parts.append(f"{count(len(lost), 'metric')} meant to decide {fail} on this screen")
    if fails:
        parts.append(f"{count(fails, 'check')} failed without blocking")
    if warns:
        parts.append(f"{count(warns, 'check')} {'warns' if warns == 1 else 'warn'}")
    if open_:
        parts.append(f"{count(open_, 'question')} to the authors {'is' if open_ == 1 else 'are'} open")
    text = "; ".join(parts) or "every check that applies has passed"
    text = text[0].upper() + text[1:] + "."
    if blocking or errors or not record.complete:
        return Trouble("Yes", text, "bad", counts)
    if fails or warns or lost:
        return Trouble("Nothing that blocks", text, "warn", counts)
    if not record.findings:
        return Trouble("Not examined", "No check was run.", "mute", counts)
    return Trouble("Nothing found", text, "open" if open_ else "good", counts)


def headline(record: AssessmentRecord) -> str:
    """How the models ended, in one sentence."""
    ends = [m.verdict.level if m.verdict else None for m in record.models]
    if not ends:
        return "No model was assessed"
    if len(ends) == 1:
        return f"{record.models[0].name}: {level_mark(ends[0]).word.lower()}"
    tally = Counter(ends)
    order = [*Level, *(x for x in tally if x not in set(Level))]
    if set(tally) == {Level.CANNOT_TELL}:
        return f"Whether any of the {words(len(ends))} models holds cannot be told from this evidence"
    if len(tally) == 1:
        who = "Both models" if len(ends) == 2 else f"All {words(len(ends))} models"
        return f"{who} {_end(ends[0], many=True)}"
    parts = [f"{words(tally[x])} {_end(x, many=tally[x] > 1)}" for x in order if tally[x]]
    first, *rest = parts
    lead = first.replace(" ", f" of {words(len(ends))} models ", 1)
    text = "; ".join([lead, *rest])
    return text[0].upper() + text[1:]


def _end(level: str | None, *, many: bool) -> str:
    verb = "are" if many else "is"
    if level is None:
        return f"{verb} without a verdict"
    return "cannot be judged" if level == Level.CANNOT_TELL else f"{verb} {level}"
