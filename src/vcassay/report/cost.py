"""Cost: what becomes of scores and leads without the conditions that leakage checks touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vcassay.core.finding import AMISS
from vcassay.record import AssessmentRecord, BaselineRecord, CleanRecord, PartsRecord
from vcassay.record.clean import COMBINED
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import ladder
from vcassay.report.wording import Mark, count, estimate, number, probability, severity, status_mark
from vcassay.verdict.clean import lead_sentence

MAX_SAID = 4
"""Checks that get a sentence each; the table has all."""
ARROW = "\N{RIGHTWARDS ARROW}"


@dataclass(frozen=True, slots=True)
class Line:
    """One check and model in a table."""

    row: CleanRecord
    title: str
    code: str
    """Name of the check; empty where several are taken together."""
    mark: Mark
    affected: str
    own: str
    base: str
    base_name: str
    replicate: str
    lead: str
    left: str
    added: str
    reason: str
    told: str
    """What the last column says in a word: holds, lost, not told, or nothing to lose."""


def rows_of(record: AssessmentRecord, model: str, metric: str) -> list[CleanRecord]:
    """A model's rows in a metric: everything together first, then what is wrong, then by how much is affected."""
    rows = [r for r in record.clean if (r.model, r.metric) == (model, metric)]
    return sorted(rows, key=lambda r: (r.check != COMBINED, severity(r.status), -r.n_affected, r.check))


def is_amiss(row: CleanRecord) -> bool:
    """Whether the check behind a row warns or fails."""
    return row.status in AMISS


def line(record: AssessmentRecord, row: CleanRecord) -> Line:
    """Write out a row."""
    names = ladder(record)
    base = row.baseline
    rival = f" over {_title(names, row.rival)}" if row.rival else ""
    left = estimate(row.clean_lead, row.clean_low, row.clean_high, sign=True)
    if row.rival:
        left += f"; {estimate(row.rival_lead, row.rival_low, row.rival_high, sign=True)}{rival}"
    return Line(
        row=row,
        title=row.title,
        code="" if row.check == COMBINED else row.check,
        mark=status_mark(row.status),
        affected=f"{row.n_affected:,} of {row.n:,}" + (f", {row.n_unknown:,} unknown" if row.n_unknown else ""),
        own=moved(row.own),
        base=moved(base),
        base_name="" if base is None else _title(names, base.name),
        replicate=moved(row.replicate),
        lead="" if row.lead is None else estimate(row.lead, row.lead_low, row.lead_high, sign=True),
        left="" if row.clean_lead is None else left,
        added="" if row.excess is None else estimate(row.excess, row.low, row.high, sign=True),
        reason=row.reason,
        told=_told(row),
    )


def _told(row: CleanRecord) -> str:
    if row.reason or row.lead is None:
        return ""
    if not row.led:
        return "no lead to lose"
    if row.kept:
        return "lead holds, smaller" if row.fed else "lead holds"
    return "lead lost" if row.fed else "not told"


def moved(parts: PartsRecord | None) -> str:
    """Write a score on all and on clean conditions; empty where there is none."""
    if parts is None or parts.score is None or parts.clean is None:
        return ""
    return f"{number(parts.score, 3)} {ARROW} {number(parts.clean, 3)}"


def said(record: AssessmentRecord, model: str, metric: MetricRecord) -> list[str]:
    """Sentences on a model: everything together, then each check whose conditions carry or cost the lead."""
    rows = [r for r in rows_of(record, model, metric.name) if is_amiss(r) and r.n_affected]
    told = [r for r in rows if r.check == COMBINED or r.fed or (r.led and not r.kept) or r.reason] or rows[:1]
    told = [r for i, r in enumerate(told) if not (r.reason and any(_same_reason(r, x) for x in told[:i]))]
    out = [sentence_of(record, r, metric) for r in told[:MAX_SAID]]
    rest = len(told) - MAX_SAID
    return out if rest <= 0 else [*out, f"{count(rest, 'further check')} in the table."]


def _same_reason(row: CleanRecord, other: CleanRecord) -> bool:
    """Whether another row tells already why too few conditions are left."""
    return bool(other.reason) and other.n_affected == row.n_affected


def sentence_of(record: AssessmentRecord, row: CleanRecord, metric: MetricRecord) -> str:
    """What becomes of the lead, with titles."""
    names = ladder(record)
    base = "" if row.baseline is None else _title(names, row.baseline.name)
    return lead_sentence(row, metric.title, base, _title(names, row.rival) if row.rival else "")


def answer(record: AssessmentRecord, metric: MetricRecord) -> str:
    """How many leads hold without what warns or fails, in one sentence; empty where nothing was scored again."""
    worst: dict[str, CleanRecord] = {}
    for model in record.models:
        rows = [r for r in rows_of(record, model.name, metric.name) if is_amiss(r) and r.led and not r.reason]
        if rows:  # everything together if there is such a row, else the check that costs most
            worst[model.name] = rows[0] if rows[0].check == COMBINED else min(rows, key=_left)
    if not worst:
        return ""
    kept = sum(row.kept for row in worst.values())
    if len(worst) == 1:
        end = "holds" if kept else "is not shown"
        return f"The lead of {next(iter(worst))} {end} without the conditions that checks touch."
    lost = len(worst) - kept
    hold, be = "holds" if kept == 1 else "hold", "is" if lost == 1 else "are"
    return f"Without the conditions that checks touch, {kept} of {len(worst)} leads {hold} and {lost} {be} not shown."


def _left(row: CleanRecord) -> float:
    lows = [x for x in (row.clean_low, row.rival_low) if x is not None]
    return min(lows, default=float("-inf"))


def trend_words(row: CleanRecord) -> str:
    """Rank correlations with the degree: ``score 0.41 (p < 0.001), lead 0.30 (p = 0.002)``."""
    parts = [f"{t.of} {number(t.rho, 2)} ({probability(t.p_value)})" for t in row.trends if t.rho is not None]
    if not parts:
        return ""
    return f"Spearman correlation with the degree, within contexts: {', '.join(parts)}."


def bin_words(low: float | None, high: float | None) -> str:
    """Write a range of degrees."""
    if low is None:
        return f"below {number(high)}"
    return f"{number(low)} and more" if high is None else f"{number(low)} to {number(high)}"


def _title(names: Mapping[str, BaselineRecord], name: str) -> str:
    return names[name].title if name in names else name
