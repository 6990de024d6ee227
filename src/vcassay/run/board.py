"""Board: one metric of a comparison, with its floor, its ceiling and how sure the order is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vcassay.evidence.metrics import METRICS, Scores, rank_answers
from vcassay.evidence.metrics.inference.between import (
    compare_models,
    inseparable,
    no_interval,
    paired_difference,
    scored,
)
from vcassay.evidence.metrics.inference.compare import MIN_SPAN_SE
from vcassay.evidence.metrics.inference.equivalence import EQUIVALENCE_MARGIN
from vcassay.evidence.metrics.inference.orient import orient
from vcassay.evidence.metrics.metric import within
from vcassay.record import AssessmentRecord, BoardRecord, CeilingRecord, EntryRecord, RankRecord, RowRecord
from vcassay.record.evidence import MetricRecord
from vcassay.run.alike import CLOSE

NONE = np.empty(0)


@dataclass(frozen=True, slots=True)
class Lines:
    """What the lines of every board are.

    Attributes
    ----------
    records
        Label of a model to its assessment and its name there.
    baselines
        Label of a legal baseline to its title.
    ceilings
        Assessments whose ceilings are looked at.
    partial
        Whether only a part of the test conditions is shared, of which no ceiling is known.
    margin
        Within which scores are equivalent.
    """

    entries: tuple[EntryRecord, ...]
    records: Mapping[str, tuple[AssessmentRecord, str]]
    baselines: Mapping[str, str]
    ceilings: tuple[AssessmentRecord, ...]
    reference: str
    partial: bool
    seed: int
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """From the best legal baseline to the ceiling."""

    floor: str
    ceiling: CeilingRecord | None
    size: float
    refused: str


def make_board(scores: Scores, metric: MetricRecord, lines: Lines) -> BoardRecord | None:
    """Compare all models in one metric.

    Returns
    -------
    Models, the best legal baseline of all assessments and the ceiling by falling score; ``None`` where fewer than two
    models have a score.
    """
    name, stratum = metric.name, scores.panel.decision
    models = scored(scores, [e.label for e in lines.entries], name)
    if len(models) < 2:
        return None
    margin = EQUIVALENCE_MARGIN.value if lines.margin is None else lines.margin
    differences = compare_models(scores, models, name, margin)
    ranked = [e.label for e in lines.entries if e.ranked and e.label in models]
    ranking = next((r for r in rank_answers(scores, ranked, (), lines.seed, whole=True) if r.metric == name), None)
    ranks = {} if ranking is None else {r.name: r for r in ranking.ranks}
    span = _span(scores, metric, lines)
    rows = [_model(scores, metric, e, lines, ranks.get(e.label), span) for e in lines.entries]
    rows += _ends(scores, metric, lines, span)
    at, weights = scores.weights[name, stratum]
    members = scores.panel.strata[stratum]
    return BoardRecord(
        metric=metric,
        stratum=stratum,
        interval=weights.method,
        n=len(at),
        n_contexts=len(np.unique(scores.panel.context[at])),
        n_truth_undefined=int(members.sum()) - len(at),
        rows=tuple(sorted(rows, key=lambda r: (-_worth(metric, r), r.kind, r.name))),
        differences=tuple(differences),
        groups=inseparable(models, differences),
        n_draws=0 if ranking is None else ranking.n_draws,
        reason=no_interval(scores, name),
    )


def _worth(metric: MetricRecord, row: RowRecord) -> float:
    """Score turned so that more is better; what has none comes last."""
    return -np.inf if row.score is None else orient(metric.name, row.score, NONE, NONE)[0]


def _model(
    scores: Scores, metric: MetricRecord, entry: EntryRecord, lines: Lines, rank: RankRecord | None, span: _Span
) -> RowRecord:
    label, name = entry.label, metric.name
    record, model = lines.records[label]
    beats = [c.better for c in record.comparisons if (c.model, c.metric) == (model, name)]
    row = _scored(scores, name, label, label, "model").model_copy(
        update={"beats": all(beats) if beats and not lines.partial else None}
    )
    if row.score is None:
        return row
    more: dict[str, object] = {}
    if rank is not None:
        more |= {"rank": rank.rank, "rank_low": rank.low, "rank_high": rank.high}
        more |= {"first": rank.first, "distribution": rank.distribution}
    if span.refused:
        more["no_skill"] = span.refused
    else:
        e, _ = paired_difference(scores, label, span.floor, name)
        more |= {"skill": e.value / span.size, "skill_low": e.low / span.size, "skill_high": e.high / span.size}
    if lines.reference and lines.reference != label and (lines.reference, name, scores.panel.decision) in scores.draws:
        e, _ = paired_difference(scores, label, lines.reference, name)
        more |= {"from_reference": e.value, "reference_low": e.low, "reference_high": e.high}
    return RowRecord(**{**dict(row), **more})


def _scored(scores: Scores, metric: str, label: str, title: str, kind: str) -> RowRecord:
    stratum = scores.panel.decision
    found = next((s for s in scores.aggregates if (s.model, s.metric, s.stratum) == (label, metric, stratum)), None)
    if found is None or found.value is None:
        why = "it has no values in this metric" if found is None else found.reason
        n = 0 if found is None else found.n_at_chance
        return RowRecord(name=label, title=title, kind=kind, score=None, low=None, high=None, reason=why, n_at_chance=n)
    e = scores.estimate(label, metric, stratum)
    meta = METRICS[metric].meta
    low, high = within(meta, e.value, e.low, e.high) if meta["level"] == "condition" else (None, None)
    return RowRecord(
        name=label,
        title=title,
        kind=kind,
        score=e.value,
        low=low,
        high=high,
        n_at_chance=found.n_at_chance,
    )


def _ends(scores: Scores, metric: MetricRecord, lines: Lines, span: _Span) -> list[RowRecord]:
    """The floor and the ceiling, so that nobody reads a rank without them."""
    rows = []
    if span.floor:
        rows.append(_scored(scores, metric.name, span.floor, lines.baselines[span.floor], "baseline"))
    c = span.ceiling
    if c is not None and c.value is not None:
        rows.append(
            RowRecord(name="ceiling", title=f"ceiling: {c.kind}", kind="ceiling", score=c.value, low=c.low, high=c.high)
        )
    return rows


def _span(scores: Scores, metric: MetricRecord, lines: Lines) -> _Span:
    """The best legal baseline of all assessments, the ceiling, and why there is no skill between them."""
    name, stratum = metric.name, scores.panel.decision
    floor = next(iter(scored(scores, list(lines.baselines), name)), "")
    if lines.partial:
        return _Span(floor, None, np.nan, "ceilings were measured on all test conditions")
    ceiling, unlike = _ceiling(name, stratum, lines.ceilings)
    if ceiling is None or ceiling.value is None:
        why = f"no ceiling: {unlike or (ceiling.reason if ceiling is not None else 'none is stored')}"
        return _Span(floor, None, np.nan, why)
    if not floor:
        return _Span(floor, ceiling, np.nan, "no legal baseline has a score in this metric")
    reason = no_interval(scores, name)
    here = orient(name, ceiling.value, NONE, NONE)[0]
    size = here - orient(name, *scores.draws[floor, name, stratum])[0]
    demoted = next((m.demoted[0] for r in lines.ceilings for m in r.metrics if m.name == name and m.demoted), "")
    if demoted:
        reason = f"demoted on this screen: {demoted}"
    errors = _span_errors(name, floor, lines.ceilings)
    if not reason and not errors:
        reason = "the error of the span from baseline to ceiling is not stored"
    if not reason and not size > MIN_SPAN_SE.value * max(errors):
        reason = f"the span from baseline to ceiling ({size:.3f}) is within {MIN_SPAN_SE.value:g} standard errors"
    return _Span(floor, ceiling, size, reason)


def _ceiling(metric: str, stratum: str, records: Sequence[AssessmentRecord]) -> tuple[CeilingRecord | None, str]:
    """The ceiling that all assessments measured, and why there is none."""
    found = [
        next((c for c in r.ceilings if (c.metric, c.stratum, c.context) == (metric, stratum, None)), None)
        for r in records
    ]
    known = [c for c in found if c is not None and c.value is not None]
    if len(known) < len(found):
        return next((c for c in found if c is not None and c.value is None), None), ""
    values = [c.value for c in known if c.value is not None]
    if len({c.kind for c in known}) > 1 or max(values) - min(values) > CLOSE:
        return None, "the assessments measured different ones"
    return known[0], ""


def _span_errors(metric: str, floor: str, records: Sequence[AssessmentRecord]) -> list[float]:
    """Standard errors of the span above a baseline, as they are stored."""
    return [
        s.span_se
        for r in records
        for s in r.skills
        if s.metric == metric and s.baseline == floor and s.span_se is not None
    ]
