"""The report as Markdown: for a pull request, a notebook or a mail."""

from __future__ import annotations

from collections.abc import Sequence

from vcassay.record import AssessmentRecord, FindingRecord
from vcassay.report.facts import (
    ceiling_of,
    decisive,
    family,
    grouped,
    headline,
    headline_stratum,
    main_metric,
    primary_metrics,
    questions,
    trouble,
)
from vcassay.report.knowledge import known_features
from vcassay.report.markdown_leakage import cost_part
from vcassay.report.markdown_metrics import calibration_part, signal_part
from vcassay.report.pipe import bullets, escape, table
from vcassay.report.rooms import by_room
from vcassay.report.rungs import Group, group_rungs
from vcassay.report.strength import answered_words, chosen_words, domain_sentence
from vcassay.report.wording import (
    UNDEFINED,
    estimate,
    level_mark,
    listing,
    number,
    sentence,
    status_mark,
    whom,
)

LEAKAGE = ("leakage", "Stage 2a: has anything leaked?")
BIOLOGY = ("biology", "Stage 2d: is it learning actual biology?")

CALIBRATED = "Stage 2c: can the score measure the claim?"

FINDING = ("status", "check", "of", "measured", "null", "threshold", "what was found")
"""Columns of a table of findings."""


def render_markdown(record: AssessmentRecord) -> str:
    """Render the report as Markdown in the order of the page.

    Returns
    -------
    Text without HTML; tables in the pipe form.
    """
    wrong = trouble(record)
    parts = [
        f"# {escape(headline(record))}.",
        f"Assessment of **{escape(record.study)}**" + (" (quick: no rung was tuned)" if record.quick else "") + ".",
        f"**Is anything wrong?** {escape(wrong.answer)}. {escape(wrong.sentence)}",
        *_models(record),
        *_claim(record),
    ]
    parts += _leakage(record)
    parts += _ladder(record)
    parts += [f"## {CALIBRATED}", *calibration_part(record), *signal_part(record)]
    parts += _findings(record, "metrics", "Findings about the metrics")
    parts += _by_question(record, *BIOLOGY)
    asked = questions(record)
    if asked:
        parts += ["## Questions to the authors", bullets([_question(q, who, record) for q, who in asked])]
    parts += ["## Thresholds", table(("name", "value", "source"), [_threshold(t) for t in record.thresholds])]
    return "\n\n".join(part for part in parts if part) + "\n"


def _question(question: str, who: Sequence[str], record: AssessmentRecord) -> str:
    return escape(question) + (f" ({escape(whom(who, [m.name for m in record.models]))})" if who else "")


def _threshold(threshold: object) -> tuple[str, str, str]:
    return (
        escape(getattr(threshold, "name", "")),
        number(getattr(threshold, "value", None)),
        escape(getattr(threshold, "source", "")),
    )


def _models(record: AssessmentRecord) -> list[str]:
    rows = []
    for model in record.models:
        mark = level_mark(model.verdict.level if model.verdict else None)
        facts = decisive(record, model.name)
        score = gain = UNDEFINED
        if facts is not None and facts.score is not None:
            score = estimate(facts.score.value, facts.score.low, facts.score.high, facts.score.n)
        if facts is not None and facts.comparison is not None:
            c = facts.comparison
            over = facts.baseline.title if facts.baseline else c.baseline
            gain = f"{estimate(c.difference, c.low, c.high, sign=True)} over {escape(over)}"
        rows.append((f"**{escape(model.name)}**", f"{mark.glyph} {mark.word}", score, gain))
    metric = main_metric(record)
    title = f"score ({escape(metric.title)})" if metric else "score"
    parts = ["## Verdict", table(("model", "verdict", title, "gain over the best legal baseline"), rows)]
    for model in record.models:
        verdict = model.verdict
        if verdict is None:
            parts.append(f"### {escape(model.name)}\n\nNo verdict was reached.")
            continue
        mark = level_mark(verdict.level)
        lines = [
            f"### {escape(model.name)}: {mark.word.lower()}",
            f"> {escape(sentence(verdict.sentence))}",
            bullets(
                [f"Because: {escape(r)}" for r in verdict.reasons]
                + [f"Provided that: {escape(r)}" for r in verdict.provided]
                + [f"Would change it: {escape(r)}" for r in verdict.would_change]
            ),
        ]
        if verdict.utility is not None:
            lines.append(f"In use: {escape(sentence(verdict.utility.sentence))}")
        facts = decisive(record, model.name)
        chosen = chosen_words(facts.skill) if facts is not None else ""
        if facts is not None and facts.baseline is not None and chosen:
            lines.append(f"The strongest baseline is {escape(facts.baseline.title)} ({chosen}).")
        lines.append(escape(domain_sentence(record, model.name)))
        lines.append(f"Rule {escape(verdict.rule)}. {model.n_predicted:,} of {model.n_wanted:,} conditions predicted.")
        parts += [text for text in lines if text]
    return parts


def _claim(record: AssessmentRecord) -> list[str]:
    claim = record.claim
    declared = f" The authors state {escape(claim.declared)}." if claim.declared not in ("", claim.regime) else ""
    counts = f"Training {claim.n_train:,}, validation {claim.n_val:,}, test {claim.n_test:,} conditions."
    both = [f"Supports: {escape(r.sentence)} ({escape(r.reason)})" for r in claim.supports]
    both += [f"Does not support: {escape(r.sentence)} ({escape(r.reason)})" for r in claim.does_not_support]
    both += [f"Limit: {escape(r.sentence)} ({escape(r.reason)})" for r in claim.scope]
    strata = [
        (
            escape(s.name),
            f"{s.n:,}",
            number(s.effect_low, missing="–"),
            number(s.effect_high, missing="–"),
            number(s.reliability, 2, missing="–"),
            number(s.ceiling, 2, missing="–"),
        )
        for s in record.screen.strata
    ]
    kinds = [
        (
            escape(s.regime),
            escape(s.kind or "–"),
            f"{s.n:,}",
            escape(s.perturbation),
            escape(s.context),
            escape(s.batch),
        )
        for s in claim.novelty
    ]
    found = [_finding(f, models) for f, models in grouped(family(record, "claim"))]
    return [
        "## Stage 1: what may a score on this split claim?",
        f"{escape(sentence(claim.sentence))} Regime: {escape(claim.regime)}.{declared} {counts}",
        bullets(both),
        table(("regime", "kind", "n", "perturbation", "context", "batch"), kinds),
        table(FINDING, found),
        table(("stratum", "n", "effect from", "to", "split-half r", "ceiling"), strata),
    ]


def _leakage(record: AssessmentRecord) -> list[str]:
    """The audit, question by question, after what it costs."""
    head, *rest = _by_question(record, *LEAKAGE)
    return [head, *cost_part(record), *rest]


def _by_question(record: AssessmentRecord, name: str, title: str) -> list[str]:
    """Findings under the questions that they answer; without questions, of an older record, in one table."""
    groups = by_room(family(record, name))
    if all(room == "other" for room, _, _ in groups):
        return _room(record, name, title)
    parts = [f"## {title}"]
    for _, question, own in groups:
        parts += [f"### {question}", table(FINDING, [_finding(f, models) for f, models in grouped(own)])]
    return parts


def _room(record: AssessmentRecord, name: str, title: str) -> list[str]:
    findings = family(record, name)
    parts = [f"## {title}"]
    if not findings:
        return [*parts, "No check was run."]
    rows = [_finding(f, models) for f, models in grouped(findings)]
    return [*parts, table(FINDING, rows)]


def _findings(record: AssessmentRecord, name: str, title: str) -> list[str]:
    """Findings as a part of a section; nothing where no check was run."""
    findings = family(record, name)
    rows = [_finding(f, models) for f, models in grouped(findings)]
    return [f"### {title}", table(FINDING, rows)] if rows else []


def _finding(finding: FindingRecord, models: tuple[str, ...]) -> tuple[str, ...]:
    mark = status_mark(finding.status)
    blocks = ", blocks" if finding.blocks and finding.status == "FAIL" else ""
    said = sentence(finding.sentence) + (f" {sentence(finding.remedy)}" if finding.remedy else "")
    return (
        f"{mark.glyph} {escape(mark.word)}{blocks}",
        f"{escape(finding.title)} ({escape(finding.check)})",
        escape(listing(models) if models else "study"),
        number(finding.value, missing="–"),
        number(finding.null, missing="–"),
        number(finding.threshold, missing="–"),
        escape(said),
    )


def _ladder(record: AssessmentRecord) -> list[str]:
    """Legal rungs by tier, references, models and the ceiling; then what must lose, and what is barred, apart."""
    metrics = primary_metrics(record)
    if not metrics:
        return []
    strata = {m.name: headline_stratum(record, m.name) for m in metrics}
    groups = group_rungs(record)
    rows = [row for g in (*groups.tiers, groups.references) for row in _rungs(record, g, strata)]
    rows += [("model", f"**{escape(m.name)}**", "", *_scores(record, m.name, strata)) for m in record.models]
    ceilings = [number(ceiling_of(record, m, s).value, 2, missing="not measurable") for m, s in strata.items()]
    rows.append(("ceiling", "", "", *ceilings))
    heads = ("tier", "rung", "legal here", *(f"{escape(m.title)} ({strata[m.name]})" for m in metrics))
    parts = ["## Stage 2b: are the baselines strong?", table(heads, rows)]
    for group in (groups.losers, groups.barred):
        if group.rungs:
            parts += [f"### {group.title}", table(heads, _rungs(record, group, strata))]
    known = [f"{escape(row.line)}." for row in known_features(record)]
    parts += ["### What the baselines know of the perturbations and contexts", bullets(known)] if known else []
    return [*parts, *_findings(record, "baselines", "Findings about the baselines")]


def _rungs(record: AssessmentRecord, group: Group, strata: dict[str, str]) -> list[tuple[str, ...]]:
    rows = []
    for rung in group.rungs:
        legal = "yes" if rung.legal else f"no: {escape(rung.why)}"
        tier = rung.tier if rung.kind == "baseline" else rung.kind
        note = answered_words(rung)
        if note:
            legal += f"; {escape(note[0].lower() + note[1:].rstrip('.'))}"
        rows.append((tier, escape(rung.title), legal, *_scores(record, rung.name, strata)))
    return rows


def _scores(record: AssessmentRecord, name: str, strata: dict[str, str]) -> list[str]:
    found = []
    for metric, stratum in strata.items():
        row = record.score(name, metric, stratum)
        found.append("–" if row is None else estimate(row.value, row.low, row.high, row.n))
    return found
