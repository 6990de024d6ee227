"""Block 4: the baseline ladder."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, BaselineRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.blocks.block import Block, finding_groups
from vcassay.report.facts import ceiling_of, family, headline_stratum, main_metric, primary_metrics, skill_of, strongest
from vcassay.report.facts import ladder as rungs
from vcassay.report.figures.ladder import ladder_figure
from vcassay.report.knowledge import known_features
from vcassay.report.rungs import Group, group_rungs
from vcassay.report.strength import answered_words, best_of_tiers, chosen_words, domain_lines, strongest_rung
from vcassay.report.wording import UNDEFINED, count, estimate, listing


@dataclass(frozen=True, slots=True)
class Rung:
    """A line of the ladder's table."""

    tier: str
    title: str
    name: str
    kind: str
    legal: bool
    why: str
    """Why it is not legal or did not run."""
    scores: tuple[str, ...]
    """One a primary metric."""
    n: str
    reads: str
    note: str
    best: str = ""
    """Whether it is the best of its tier, or of all, in the main metric."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines under one heading of the table."""

    title: str
    rungs: tuple[Rung, ...]

    @classmethod
    def of(cls, record: AssessmentRecord, group: Group, metrics: list[MetricRecord]) -> Lines:
        """Write out a group of rungs."""
        return cls(group.title, tuple(rung(record, b, metrics) for b in group.rungs))


def ladder_block(record: AssessmentRecord) -> Block:
    """Build the ladder in every primary metric, the main one drawn first."""
    metrics, groups = primary_metrics(record), group_rungs(record)
    figures = tuple(f for i, m in enumerate(metrics) if (f := ladder_figure(record, m, short=i > 0)) is not None)
    return Block(
        name="ladder",
        stage="Stage 2b",
        title="Are the baselines strong, and does anything beat them?",
        nav="2b Baselines",
        answer=_answer(record),
        data={
            **finding_groups(family(record, "baselines")),
            "groups": [Lines.of(record, g, metrics) for g in (*groups.tiers, groups.references) if g.rungs],
            "losers": Lines.of(record, groups.losers, metrics),
            "barred": Lines.of(record, groups.barred, metrics),
            "models": [_model(record, m.name, metrics) for m in record.models],
            "metrics": metrics,
            "grants": record.claim.grants,
            "features": known_features(record),
            "main": figures[0] if figures else None,
            "others": figures[1:],
            "domain": domain_lines(record),
            "undefined": _undefined(record, metrics),
            "ceilings": [ceiling_of(record, m.name, headline_stratum(record, m.name)) for m in metrics],
        },
        figures=figures,
    )


def rung(record: AssessmentRecord, baseline: BaselineRecord, metrics: list[MetricRecord]) -> Rung:
    """Write out one baseline, probe or reference."""
    return Rung(
        tier=baseline.tier,
        title=baseline.title,
        name=baseline.name,
        kind=baseline.kind,
        legal=baseline.legal,
        why=baseline.why or ("" if baseline.ran else "did not run"),
        scores=_scores(record, baseline.name, metrics),
        n=_n(record, baseline.name, metrics),
        reads=", ".join(baseline.reads),
        note=answered_words(baseline),
        best=_best(record, baseline, metrics),
    )


def _model(record: AssessmentRecord, name: str, metrics: list[MetricRecord]) -> Rung:
    scores, n = _scores(record, name, metrics), _n(record, name, metrics)
    return Rung("", name, "", "model", legal=True, why="", scores=scores, n=n, reads="", note="")


def _scores(record: AssessmentRecord, name: str, metrics: list[MetricRecord]) -> tuple[str, ...]:
    texts = []
    for metric in metrics:
        row = record.score(name, metric.name, headline_stratum(record, metric.name))
        if row is None:
            texts.append("–")
        elif row.value is None:
            texts.append(UNDEFINED)
        else:
            texts.append(estimate(row.value, row.low, row.high))
    return tuple(texts)


def _undefined(record: AssessmentRecord, metrics: list[MetricRecord]) -> list[str]:
    """Why rungs or models have no score, each reason once with its metric."""
    titles = {b.name: b.title for b in record.baselines} | {m.name: m.name for m in record.models}
    said: dict[tuple[str, str], list[str]] = {}
    for metric in metrics:
        for name, title in titles.items():
            row = record.score(name, metric.name, headline_stratum(record, metric.name))
            if row is not None and row.value is None and row.reason:
                said.setdefault((metric.title, row.reason), []).append(title)
    return [f"{metric} of {listing(who, 4)}: {reason}." for (metric, reason), who in said.items()]


def _n(record: AssessmentRecord, name: str, metrics: list[MetricRecord]) -> str:
    row = record.score(name, metrics[0].name, headline_stratum(record, metrics[0].name)) if metrics else None
    return f"{row.n:,}" if row is not None else "–"


def _best(record: AssessmentRecord, baseline: BaselineRecord, metrics: list[MetricRecord]) -> str:
    if not metrics:
        return ""
    if baseline.name == strongest_rung(record, metrics[0]):
        return "strongest"
    tier = best_of_tiers(record, metrics[0]).get(baseline.tier)
    return f"best of {baseline.tier}" if tier is not None and tier.rung.name == baseline.name and tier.others else ""


def _answer(record: AssessmentRecord) -> str:
    metric = main_metric(record)
    ran = [b for b in record.baselines if b.ran and b.kind == "baseline"]
    legal = [b for b in ran if b.legal]
    parts = [f"{count(len(ran), 'baseline')} ran, {len(legal)} of them legal under this claim."]
    if metric is not None:
        by_base: dict[str, list[str]] = {}
        for model in record.models:
            by_base.setdefault(strongest(record, model.name, metric.name), []).append(model.name)
        names = rungs(record)
        best = [names[b].title for b in by_base if b in names]
        if best:
            chosen = {chosen_words(skill_of(record, who[0], metric.name)) for b, who in by_base.items() if b in names}
            how = f" ({next(iter(chosen))})" if len(chosen) == 1 and any(chosen) else ""
            parts.append(f"The strongest in {metric.title} is {listing(best)}{how}.")
        won = [m.name for m in record.models if _beats(record, m.name, metric.name)]
        if record.models and any(c.metric == metric.name for c in record.comparisons):
            parts.append(
                f"{listing(won)} {'beats' if len(won) == 1 else 'beat'} every legal rung in it."
                if won
                else "No model beats every legal rung in it."
            )
    return " ".join(parts)


def _beats(record: AssessmentRecord, model: str, metric: str) -> bool:
    rows = [c for c in record.comparisons if (c.model, c.metric) == (model, metric)]
    return bool(rows) and all(c.better for c in rows)
