"""How strong the ladder is: its best rungs, what choosing among them does, and what domain knowledge buys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vcassay.record import AssessmentRecord, BaselineRecord, SkillRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import headline_stratum, is_centred
from vcassay.report.wording import count, decimals, listing, number, percent

SHARED_IN = ("pearson_delta", "phenotype_pearson_residual")
"""Metrics that the share of domain knowledge is worked out in: of many features, and of one."""

EVERY = 24
"""Models are named up to so many."""

MANY_TIMES = 10.0
"""A gain so many times as large is not written in percent."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best legal rung of a tier in one metric.

    Attributes
    ----------
    rung
        The best.
    others
        How many further legal rungs of its tier have a score.
    """

    rung: BaselineRecord
    others: int


def merit(record: AssessmentRecord, name: str, metric: MetricRecord) -> float:
    """Score of an answer where the verdict is made, turned so that more is better; minus infinity without one."""
    row = record.score(name, metric.name, headline_stratum(record, metric.name))
    if row is None or row.value is None:
        return float("-inf")
    if metric.higher_is_better:
        return row.value
    return -abs(row.value - metric.optimum) if is_centred(metric) else -row.value


def best_of_tiers(record: AssessmentRecord, metric: MetricRecord) -> dict[str, Best]:
    """Best legal rung of each tier in a metric; tiers without a score are left out."""
    found: dict[str, list[tuple[float, BaselineRecord]]] = {}
    for rung in record.baselines:
        value = merit(record, rung.name, metric)
        if rung.kind == "baseline" and rung.legal and value > float("-inf"):
            found.setdefault(rung.tier, []).append((value, rung))
    best = {tier: max(rows, key=lambda pair: pair[0])[1] for tier, rows in found.items()}
    return {tier: Best(best[tier], len(found[tier]) - 1) for tier in sorted(found)}


def strongest_rung(record: AssessmentRecord, metric: MetricRecord) -> str:
    """Name of the best legal rung of all tiers in a metric; empty where none has a score."""
    best = [b.rung.name for b in best_of_tiers(record, metric).values()]
    return max(best, key=lambda name: merit(record, name, metric), default="")


def chosen_words(skill: SkillRecord | None) -> str:
    """Say of how many the best legal baseline was chosen, and how much that flatters it; empty if not known."""
    if skill is None or not skill.baseline or skill.n_baselines < 2:
        return ""
    text = f"best of {skill.n_baselines:,} legal baselines"
    if skill.optimism is None:
        return text
    shown = number(skill.optimism, max(3, decimals(0.0, 2 * skill.optimism)))
    if float(shown.replace("\N{MINUS SIGN}", "-")) <= 0:
        return f"{text}; having been chosen on these conditions does not flatter it"
    return f"{text}; having been chosen on these conditions flatters it by about {shown}"


def chosen_of(record: AssessmentRecord, baseline: str, metric: str) -> str:
    """`chosen_words` of the first model whose strongest baseline this is in a metric."""
    rows = (s for s in record.skills if (s.metric, s.baseline) == (metric, baseline))
    return next((text for s in rows if (text := chosen_words(s))), "")


def domain_lines(record: AssessmentRecord) -> list[tuple[tuple[str, ...], str]]:
    """Say of every model what domain knowledge buys; models without a share for the same reason together."""
    told: list[tuple[tuple[str, ...], str]] = []
    lacking: dict[str, list[str]] = {}
    for model in (m.name for m in record.models if m.name in record.domain_share):
        if record.domain_share[model] is None:
            lacking.setdefault(_why_no_share(record, model), []).append(model)
        else:
            told.append(((model,), domain_sentence(record, model)))
    return told + [(tuple(names), _no_share(names, why)) for why, names in lacking.items()]


def domain_sentence(record: AssessmentRecord, model: str) -> str:
    """Say which part of a model's gain over the best mean domain knowledge buys; empty if it was not asked."""
    if model not in record.domain_share:
        return ""
    share = record.domain_share[model]
    if share is None:
        return _no_share([model], _why_no_share(record, model))
    if share <= 0:
        return (
            f"Domain knowledge buys nothing here: no domain-informed baseline (T3) does better than the best mean, "
            f"which {model} exceeds."
        )
    if share > MANY_TIMES:
        return (
            f"Domain knowledge alone buys far more than {model} does: the best domain-informed baseline (T3) gains "
            f"{number(share, 0)} times as much over the best mean."
        )
    if share > 1:
        return (
            f"Domain knowledge alone buys more than {model} does: the best domain-informed baseline (T3) gains "
            f"{percent(share)} of what {model} gains over the best mean."
        )
    return f"Domain knowledge alone buys {percent(share)} of what {model} gains over the best mean."


def _no_share(models: Sequence[str], why: str) -> str:
    return f"What domain knowledge buys is undefined for {listing(models, EVERY)}: {why}."


def _why_no_share(record: AssessmentRecord, model: str) -> str:
    """Why there is no share of the gain."""
    metric = next((m for name in SHARED_IN for m in record.metrics if m.name == name), None)
    if metric is None or merit(record, model, metric) == float("-inf"):
        return "there is no score in the correlation"
    tiers = best_of_tiers(record, metric)
    if "T3" not in tiers:
        return "no domain-informed baseline (T3) has a score"
    if not {"T0", "T1"} & set(tiers):
        return "no mean (T0, T1) has a score"
    return "there is no gain over the best mean to share"


def answered_words(rung: BaselineRecord) -> str:
    """Say what stood in for a rung's own rule, and how often; empty where it always held."""
    if not rung.fallback:
        return ""
    told = re.sub(r",? for \d+ conditions$", "", rung.fallback)
    if not rung.n_fallback:
        return f"Falls back to {told}."
    if rung.n_fallback >= rung.n_predicted:
        return f"Answered throughout ({count(rung.n_fallback, 'condition')}) by {told}."
    return f"Answered by {told}, for {rung.n_fallback:,} of {rung.n_predicted:,} conditions."
