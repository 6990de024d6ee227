"""Ranks: how sure the order of models and baselines is, and whether other metrics give the same."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, RankingRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import ladder, main_metric, primary_metrics
from vcassay.report.strength import best_of_tiers
from vcassay.report.wording import number, percent

CLOSE = 0.8
"""Kendall's tau-b above which two rankings are called alike."""


SELDOM = 0.005
"""A rank one that is rarer is not written."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where an answer stands in each metric that can carry the verdict."""

    name: str
    title: str
    kind: str
    cells: tuple[tuple[str, str], ...]
    """Rank with its interval, and the probability of rank one."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Probability that the model of a row is better than that of a column."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def ranking_of(record: AssessmentRecord, metric: str) -> RankingRecord | None:
    """Ranking by a metric."""
    return next((r for r in record.ranks if r.metric == metric), None)


def ranked_metrics(record: AssessmentRecord) -> list[tuple[MetricRecord, RankingRecord]]:
    """Primary metrics with their ranking, the main one first."""
    return [(m, r) for m in primary_metrics(record) if (r := ranking_of(record, m.name)) is not None]


def rank_rows(record: AssessmentRecord) -> list[Ranked]:
    """Answers in the order of the main metric; those that it does not rank come last."""
    found = ranked_metrics(record)
    if not found:
        return []
    names = ladder(record)
    known = [{r.name: r for r in ranking.ranks} for _, ranking in found]
    order = list(dict.fromkeys(name for of in known for name in of))
    rows = []
    for name in order:
        cells = []
        for of in known:
            row = of.get(name)
            if row is None:
                cells.append(("–", ""))
                continue
            span = "" if row.low is None or row.high is None else f" [{row.low}, {row.high}]"
            cells.append(
                (
                    f"{row.rank:g}{span}",
                    f"{percent(row.first)} first" if row.first is not None and row.first >= SELDOM else "",
                )
            )
        kind = next(of[name].role for of in known if name in of)
        title = names[name].title if name in names and kind != "submission" else name
        rows.append(Ranked(name, title, "model" if kind == "submission" else "baseline", tuple(cells)))
    return rows


def leading_rows(record: AssessmentRecord, rows: list[Ranked]) -> list[Ranked]:
    """Leave of ranked answers the models and the best legal rung of each tier in each primary metric."""
    best = {b.rung.name for m in primary_metrics(record) for b in best_of_tiers(record, m).values()}
    return [row for row in rows if row.kind == "model" or row.name in best]


def pair_table(record: AssessmentRecord) -> Pairs | None:
    """Pairwise probabilities of the models in the main metric; ``None`` for fewer than two."""
    metric = main_metric(record)
    ranking = ranking_of(record, metric.name) if metric is not None else None
    if ranking is None or not ranking.pairs:
        return None
    better = {(p.model, p.other): p.better for p in ranking.pairs}
    better |= {(b, a): 1.0 - p for (a, b), p in better.items()}
    names = tuple(m.name for m in record.models if any(m.name in pair for pair in better))
    rows = tuple((a, tuple("" if a == b else percent(better.get((a, b)), missing="–") for b in names)) for a in names)
    return Pairs(names, rows)


def agreement_rows(record: AssessmentRecord) -> tuple[list[str], list[tuple[str, tuple[str, ...]]]]:
    """Kendall's tau-b of every metric's ranking with those of the primary ones, the primary ones first."""
    heads = [m for m, _ in ranked_metrics(record)]
    of = {r.metric: r for r in record.ranks}
    rest = [m for m in record.metrics if m.name in of and m not in heads]
    rows = []
    for metric in [*heads, *sorted(rest, key=lambda m: (m.family, m.name))]:
        tau = of[metric.name].agreement
        rows.append((metric.title, tuple(number(tau.get(h.name), 2, missing="–") for h in heads)))
    return [h.title for h in heads], rows


def agreement_sentence(record: AssessmentRecord) -> str:
    """How far the other metrics rank as the main one does; empty without rankings."""
    found = ranked_metrics(record)
    if not found:
        return ""
    main = found[0][0]
    others = {r.metric: r.agreement.get(main.name) for r in record.ranks if r.metric != main.name}
    tau = {name: t for name, t in others.items() if t is not None}
    if not tau:
        return ""
    alike = sum(t >= CLOSE for t in tau.values())
    primary = [f"{m.title} {number(tau[m.name], 2)}" for m, _ in found[1:] if m.name in tau]
    text = f"{alike:,} of {len(tau):,} other metrics order the answers much as {main.title} does (tau-b ≥ {CLOSE:g})"
    return text + (f"; of those that decide: {', '.join(primary)}." if primary else ".")
