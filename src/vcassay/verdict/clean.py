"""Clean: whether a lead survives without the conditions that leakage checks touch, in words."""

from __future__ import annotations

from vcassay.core.finding import AMISS
from vcassay.core.wording import capital
from vcassay.record.clean import COMBINED, ROUNDING, CleanRecord
from vcassay.verdict.evidence import Evidence

MOST = 0.5
"""A lead that loses more than this share of itself rests mostly on what was taken out."""


def lead_sentence(row: CleanRecord, metric: str, baseline: str = "", rival: str = "") -> str:
    """Say what becomes of a model's lead without the affected conditions.

    Parameters
    ----------
    metric, baseline, rival
        Titles of the metric, of the legal baseline that is best on all conditions, and of the one on the clean ones.
    """
    without = f"without the {row.n_affected:,} of {row.n:,} scored conditions {row.what}{_named(row)}{_unknown(row)}"
    if row.reason:
        return f"{capital(without)}, no lead in {metric} can be computed: {row.reason}."
    if row.own is None:
        return ""
    base, own = row.baseline, row.own
    if base is None or row.lead is None or row.clean_lead is None:
        return f"{capital(without)}, {row.model} scores {_n(own.clean)} in place of {_n(own.score)} in {metric}."
    left = f"{_n(row.clean_lead)}{_span(row.clean_low, row.clean_high)}"
    over = f"over {baseline or base.name} in {metric}"
    if not row.led:
        span = _span(row.lead_low, row.lead_high)
        return f"{row.model} has no lead {over} to lose ({_n(row.lead)}{span}; {left} {without})."
    moved = "falls" if row.clean_lead < row.lead else "goes"
    head = f"{capital(without)}, the lead of {row.model} {over} {moved} from {_n(row.lead)} to {left}"
    if row.rival and row.rival_lead is not None:
        head += f", and is {_n(row.rival_lead)}{_span(row.rival_low, row.rival_high)} over {rival or row.rival}"
    return f"{head}: {_end(row)}."


def _end(row: CleanRecord) -> str:
    added = f"{_n(row.excess)}{_span(row.low, row.high)}"
    if row.kept:
        return f"it holds without them, though they add {added} to it" if row.fed else "it does not rest on them"
    if row.clean_low is not None and row.clean_low > ROUNDING:
        return "over the baseline that is best without them, no lead is shown"
    if row.fed and row.lead is not None and row.clean_lead is not None:
        share = "most" if row.clean_lead < (1 - MOST) * row.lead else "part"
        share = "all" if row.clean_lead <= 0 else share
        return f"{share} of the lead rests on them (they add {added})"
    return f"whether it holds without them cannot be told from {row.n_clean:,} clean conditions"


def clean_clauses(e: Evidence) -> list[str]:
    """Leads that are not shown without what warns or fails: one a metric, of everything together where that was scored.

    Metrics in which too little is clean to tell are named together.
    """
    out: list[str] = []
    refused: dict[tuple[str, int, str], tuple[CleanRecord, list[str]]] = {}
    for skill in e.skills:
        rows = [
            r
            for r in e.record.clean
            if (r.model, r.metric) == (e.model, skill.metric) and r.status in AMISS and r.n_affected and _at_risk(e, r)
        ]
        scored = sorted((r for r in rows if not r.reason), key=lambda r: (r.check != COMBINED, _least(r)))
        untold = sorted((r for r in rows if r.reason), key=lambda r: r.check != COMBINED)
        for row in untold[:1]:
            refused.setdefault((row.check, row.n_affected, row.reason), (row, []))[1].append(e.metric_title(row.metric))
        for row in scored[:1]:
            base = "" if row.baseline is None else e.title(row.baseline.name)
            out.append(lead_sentence(row, e.metric_title(row.metric), base, e.title(row.rival) if row.rival else ""))
    told = [lead_sentence(row, " and ".join(metrics)) for row, metrics in refused.values()]
    return [f"Leakage: {text[:1].lower()}{text[1:]}" for text in (*told, *out)]


def _least(row: CleanRecord) -> float:
    """Lowest lead that the clean conditions leave."""
    return min((x for x in (row.clean_low, row.rival_low) if x is not None), default=float("-inf"))


def _at_risk(e: Evidence, row: CleanRecord) -> bool:
    """Whether there is a lead that is not shown on the clean conditions, or these were too few to tell."""
    if row.reason:
        return e.beaten(row.metric)
    return row.led and not row.kept


def _named(row: CleanRecord) -> str:
    return "" if row.check == COMBINED else f" ({row.check})"


def _unknown(row: CleanRecord) -> str:
    n = row.n_unknown
    return f" and {n:,} that could not be compared" if n else ""


def _n(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
