"""Decide: the first rule that matches, and the sentence that follows."""

from __future__ import annotations

from collections.abc import Sequence

from vcassay.core import Level, Status
from vcassay.record import FindingRecord
from vcassay.record.assessment import AssessmentRecord, VerdictRecord
from vcassay.verdict.clean import clean_clauses
from vcassay.verdict.evidence import Evidence
from vcassay.verdict.rules import RULES, Ruling
from vcassay.verdict.utility import utility

MAX_CLAUSES = 8
"""More clauses than this are counted instead of written out."""


def decide(record: AssessmentRecord, model: str) -> VerdictRecord:
    """Derive a model's verdict from the stored evidence alone.

    Parameters
    ----------
    record
        The assessment; what it says of verdicts is not looked at.
    model
        The model's name.

    Returns
    -------
    The same verdict for the same record, always.
    """
    evidence = Evidence.of(record, model)
    ruling = next((r for rule in RULES if (r := rule(evidence)) is not None), None)
    if ruling is None:
        ruling = Ruling(Level.SUPPORTED, "d. supported", tuple(_gains(evidence)), _widening(evidence))
    return VerdictRecord(
        level=ruling.level,
        rule=ruling.rule,
        sentence=_sentence(evidence, ruling),
        reasons=ruling.reasons,
        provided=_provided(evidence),
        would_change=ruling.would_change,
        utility=utility(evidence),
    )


def judge(record: AssessmentRecord) -> AssessmentRecord:
    """Return the record with every model's verdict derived afresh."""
    models = tuple(m.model_copy(update={"verdict": decide(record, m.name)}) for m in record.models)
    return record.model_copy(update={"models": models})


def _sentence(e: Evidence, ruling: Ruling) -> str:
    claim, screen = e.record.claim, e.record.screen
    clause = claim.sentence.removeprefix("The model predicts ").removesuffix(".")
    on = f"On {screen.name}, "
    match ruling.level:
        case Level.SUPPORTED:
            return f"{on}'{e.model}' predicts {clause}, better than every legal baseline{_where(e)}{_share(e)}."
        case Level.SPLIT_LIMITED | Level.DIAGNOSTIC_ONLY:
            limits = f" This says little about {claim.use}." if e.fit is not None and e.fit.fit != "direct" else ""
            limits += f" It is no test of {claim.declared}." if e.overstated else ""
            return f"{on}'{e.model}' predicts {clause}, better than every legal baseline{_where(e)}{_share(e)}.{limits}"
        case Level.NOT_SUPPORTED:
            return f"{on}the evidence does not support that '{e.model}' predicts {clause}."
        case Level.CANNOT_TELL:
            return f"{on}it cannot be told whether '{e.model}' predicts {clause}."


def _where(e: Evidence) -> str:
    """The families in which the model is better, where they are not all that are compared."""
    won = [s.family for s in e.measurable if e.beaten(s.metric)]
    return "" if len(won) == len(e.skills) else f" in {' and '.join(won)}"


def _share(e: Evidence) -> str:
    known = [s for s in e.measurable if s.skill is not None]
    if not known:
        return ""
    parts = [
        f"{s.skill:.0%} in {s.family}"
        + (f" [{s.low:.0%}, {s.high:.0%}]" if s.low is not None and s.high is not None else "")
        for s in known
        if s.skill is not None
    ]
    return f" (share of the attainable gain: {', '.join(parts)})"


def _gains(e: Evidence) -> list[str]:
    out = []
    for s in e.measurable:
        rows = [c for c in e.comparisons if c.metric == s.metric]
        if not e.beaten(s.metric):
            names = ", ".join(f"'{e.title(c.baseline)}'" for c in e.not_beaten(s.metric)[:2])
            out.append(f"{e.metric_title(s.metric)}: not better than {names}, nor worse than any legal baseline.")
            continue
        closest = min(rows, key=lambda c: c.difference if c.difference is not None else 0.0)
        out.append(
            f"{e.metric_title(s.metric)}: better than all {len(rows)} legal baselines; closest is "
            f"'{e.title(closest.baseline)}' (paired difference {closest.difference:+.3f} "
            f"[{closest.low:.3f}, {closest.high:.3f}] on {closest.n} conditions)."
        )
    return out


def _widening(e: Evidence) -> tuple[str, ...]:
    limits = " ".join(s.sentence for s in e.record.claim.does_not_support)
    return (f"a wider claim needs a test of what this split leaves open: {limits}",) if limits else ()


def _biology(e: Evidence) -> list[str]:
    """What its biology leaves open, in one clause: what warns, or that nothing could be asked."""
    own = [f for f in e.findings if f.family == "biology" and f.model == e.model and f.status != Status.UNKNOWN]
    warned = [f for f in own if f.status in (Status.FAIL, Status.WARN)]
    if len(warned) == 1:
        return [f"Biology: {warned[0].sentence}"]
    if warned:
        titles = [f"{f.title} ({'fails' if f.status == Status.FAIL else 'warns'})" for f in warned]
        return [f"Biology: {len(warned)} of {_asked(own)} diagnostics that could be asked warn: {', '.join(titles)}"]
    return ["Biology: no diagnostic could be asked of these data"] if own and not _asked(own) else []


def _asked(own: Sequence[FindingRecord]) -> int:
    """Diagnostics that gave an answer."""
    return len({f.check for f in own if f.status not in (Status.NA, Status.ERROR)})


def _provided(e: Evidence) -> tuple[str, ...]:
    """Leads not shown without what leaked, UNKNOWN disclosures and biology as clauses; they never change the level."""
    clauses = clean_clauses(e)
    clauses += _biology(e)
    clauses += [f"{f.title}: {f.question or f.sentence}" for f in e.with_status(Status.UNKNOWN)]
    if len(clauses) > MAX_CLAUSES:
        clauses = [
            *clauses[:MAX_CLAUSES],
            f"and {len(clauses) - MAX_CLAUSES} further open questions (see the findings)",
        ]
    return tuple(clauses)
