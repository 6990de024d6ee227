"""Signal and noise: how well real effects are predicted, and what is predicted where there is none."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, ScoreRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import Ceiling, ceiling_of, headline_stratum, main_metric
from vcassay.report.wording import number, percent

FALSE_EFFECT, FALSE_CALLS, TOLD = "null_effect", "null_calls", "null_auroc"
NOISE = (FALSE_EFFECT, FALSE_CALLS, TOLD)
"""Metrics of conditions without an effect."""

REPLICATE = "replicate"
"""Name of the rung that is the truth measured a second time."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Two different numbers of one answer: of real effects, and of none."""

    model: str
    metric: MetricRecord
    stratum: str
    score: ScoreRecord | None
    weighted: ScoreRecord | None
    """Mean over all conditions, weighted by their reliability."""
    answered: ScoreRecord | None
    """On the conditions that the model answered, where it abstained on some."""
    perfect: Ceiling
    replicate: ScoreRecord | None
    false_effect: ScoreRecord | None
    """Predicted effect where there is none, in units of a typical real one."""
    false_calls: ScoreRecord | None
    """Share of the genes that would be called where there is no effect."""
    told: ScoreRecord | None
    """How well the predicted size tells real effects from none."""


def signal(record: AssessmentRecord, name: str, metric: MetricRecord | None = None) -> Signal | None:
    """Gather both numbers of an answer; ``None`` without a metric."""
    metric = metric or main_metric(record)
    if metric is None:
        return None
    stratum = headline_stratum(record, metric.name)

    def first(wanted: str) -> ScoreRecord | None:
        rows = (record.score(name, wanted, s) for s in ("null", "all"))
        return next((row for row in rows if row is not None and row.value is not None), None)

    return Signal(
        model=name,
        metric=metric,
        stratum=stratum,
        score=record.score(name, metric.name, stratum),
        weighted=record.score(name, metric.name, "weighted"),
        answered=record.score(name, metric.name, "answered"),
        perfect=ceiling_of(record, metric.name, stratum),
        replicate=record.score(REPLICATE, metric.name, stratum),
        false_effect=first(FALSE_EFFECT),
        false_calls=first(FALSE_CALLS),
        told=record.score(name, TOLD, "all"),
    )


def noise_sentence(found: Signal) -> str:
    """Say what is predicted where there is no effect; empty where that is not known."""
    none = []
    if found.false_effect is not None and found.false_effect.value is not None:
        none.append(f"predicts {percent(found.false_effect.value)} of a typical effect")
    if found.false_calls is not None and found.false_calls.value is not None:
        none.append(f"calls {percent(found.false_calls.value)} of the genes")
    told = ""
    if found.told is not None and found.told.value is not None:
        told = f"; real effects are told from none at an AUROC of {number(found.told.value, 2)}"
    return f"where there is no effect it {' and '.join(none)}{told}" if none else ""
