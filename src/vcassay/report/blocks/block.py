"""Block: one part of the page, with the question it answers and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vcassay.record import AssessmentRecord, FindingRecord
from vcassay.report.facts import by_severity, grouped
from vcassay.report.figures import Figure
from vcassay.report.wording import Mark, count, number, severity, status_mark

MAX_EVIDENCE = 8
"""Rows of evidence shown under a finding."""

MAX_SAVED = 500
"""Rows of evidence kept on the page in all, so that the table can be saved whole."""

MAX_KEYS = 8

QUIET = ("PASS", "NA")
"""Findings that nobody has to act on."""


@dataclass(frozen=True)
class Block:
    """A part of the page.

    Attributes
    ----------
    name
        Anchor, and name of the template.
    stage, title
        Where in the review it stands, and the question it answers.
    nav
        Its name in the contents.
    answer
        The answer in a sentence or two.
    data
        What its template shows.
    figures
        Its drawings.
    """

    name: str
    stage: str
    title: str
    nav: str
    answer: str
    data: dict[str, Any] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The first rows that show a finding, as a table.

    Attributes
    ----------
    rows, rest
        Those shown, and those that are only saved with them.
    more
        Those that are in assessment.json alone.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rest: tuple[tuple[str, ...], ...]
    more: int


def evidence(finding: FindingRecord) -> Evidence | None:
    """Lay out the evidence rows of a finding; ``None`` where there are none."""
    if not finding.evidence:
        return None
    columns: list[str] = []
    for row in finding.evidence[:MAX_EVIDENCE]:
        columns += [str(key) for key in row if str(key) not in columns]
    columns = columns[:MAX_KEYS]
    rows = tuple(tuple(cell(row.get(c)) for c in columns) for row in finding.evidence[:MAX_SAVED])
    more = max(0, len(finding.evidence) - MAX_SAVED)
    return Evidence(tuple(columns), rows[:MAX_EVIDENCE], rows[MAX_EVIDENCE:], more)


def cell(value: object) -> str:
    """Write one value of an evidence row or a declaration."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(float(value))
    if isinstance(value, list | tuple):
        return ", ".join(cell(v) for v in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{k}: {cell(v)}" for k, v in value.items()) or "none"
    return str(value)


def tallied(findings: Sequence[FindingRecord]) -> str:
    """Count findings by status in a sentence, such as ``11 results: 1 fails, 2 warn, 8 pass``."""
    if not findings:
        return "No check was run."
    tally: dict[str, int] = {}
    for finding in findings:
        tally[finding.status] = tally.get(finding.status, 0) + 1
    verbs = {
        "PASS": ("passes", "pass"),
        "WARN": ("warns", "warn"),
        "FAIL": ("fails", "fail"),
        "UNKNOWN": ("unknown", "unknown"),
        "NA": ("not measurable here", "not measurable here"),
        "ERROR": ("ended in an error", "ended in an error"),
    }
    parts = []
    for status in sorted(tally, key=severity):
        n = tally[status]
        one, many = verbs.get(status, (status, status))
        parts.append(f"{n} {one if n == 1 else many}")
    return f"{count(len(findings), 'result')}: {', '.join(parts)}."


@dataclass(frozen=True, slots=True)
class Matrix:
    """Checks by model, for a first look at who fails what."""

    models: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[FindingRecord | None, ...]], ...]
    """Check, title, and the finding of each model."""


def matrix(findings: Sequence[FindingRecord], record: AssessmentRecord) -> Matrix | None:
    """Cross the checks that speak of models with the models; ``None`` for one model or none."""
    models = tuple(m.name for m in record.models)
    spoken = [f for f in findings if f.model in models]
    if len(models) < 2 or not spoken:
        return None
    by_key = {(f.check, f.model): f for f in reversed(by_severity(spoken))}
    checks: dict[str, str] = {}
    for finding in by_severity(spoken):
        checks.setdefault(finding.check, finding.title)
    return Matrix(models, tuple((c, t, tuple(by_key.get((c, m)) for m in models)) for c, t in checks.items()))


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as written on the page."""

    finding: FindingRecord
    models: tuple[str, ...]
    """Whom it speaks of; none: the whole study."""
    mark: Mark
    evidence: Evidence | None
    numbers: tuple[tuple[str, str], ...]
    """Measured, null and threshold, where there are any."""


def shown(finding: FindingRecord, models: tuple[str, ...]) -> Shown:
    """Write out a finding."""
    null = "by chance" if finding.family == "biology" else "if nothing were wrong"
    pairs = (("measured", finding.value), (null, finding.null), ("threshold", finding.threshold))
    numbers = tuple((name, number(value)) for name, value in pairs if value is not None)
    return Shown(finding, models, status_mark(finding.status), evidence(finding), numbers)


def finding_groups(findings: Sequence[FindingRecord]) -> dict[str, Any]:
    """Split findings into those to be read and those that passed or do not apply; what is said twice is said once."""
    ordered = [shown(finding, models) for finding, models in grouped(findings)]
    return {
        "loud": [s for s in ordered if s.finding.status not in QUIET],
        "quiet": [s for s in ordered if s.finding.status in QUIET],
    }
