"""An audit on a terminal: is anything wrong, then every finding that is not passed, then whom to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from vcassay.record import FindingRecord
from vcassay.record.audit import AuditRecord
from vcassay.report.console import heading, say, word
from vcassay.report.facts import grouped, questions
from vcassay.report.wording import count, sentence, severity, status_mark, whom

SHOWN = 3
"""Rows of evidence that are printed of a finding."""


def print_audit(record: AuditRecord, console: Console) -> None:
    """Print an audit for people."""
    say(console, (f"{record.study}: {answer(record)}", "bold"))
    say(console, sentence(record.sentence))
    declared = f" (declared: {record.declared})" if record.declared else ""
    n = f"{count(record.n_train, 'training condition')}, {count(record.n_val, 'for validation', 'for validation')}, "
    n += f"{count(record.n_test, 'test condition')} of {count(record.n_perturbations, 'perturbation')} in "
    say(console, f"Regime: {record.regime or 'none'}{declared}; {n}{count(record.n_contexts, 'context')}.")
    for note in record.notes:
        say(console, f"Note: {sentence(note)}")
    shown = [f for f in record.findings if f.status not in ("PASS", "NA")]
    for finding, models in grouped(shown):
        _finding(finding, _who(models, record), console)
    passed = grouped(f for f in record.findings if f.status == "PASS")
    if passed:
        heading(console, "Passed")
    for finding, models in passed:
        say(console, f"- {finding.check} {finding.title}{_who(models, record)}: {sentence(finding.sentence)}", indent=2)
    silent = dict.fromkeys(f"{f.check} {f.title}" for f in record.findings if f.status == "NA")
    if silent:
        heading(console, "Does not apply, or is not measurable here")
        say(console, f"{'; '.join(silent)}.", indent=2)
    asked = questions(record)
    if asked:
        heading(console, "Questions to the authors")
        for question, put_to in asked:
            say(console, f"- {question}{_who(tuple(put_to), record)}", indent=2)
    if record.later:
        heading(console, "Not asked here")
        for needs in dict.fromkeys(row.needs for row in record.later):
            names = [f"{row.check} {row.title}" for row in record.later if row.needs == needs]
            say(console, f"needs {needs}: {'; '.join(names)}.", indent=2)


def answer(record: AuditRecord) -> str:
    """Whether anything is wrong, in one sentence; what is said of several models alike counts once."""
    tally = Counter(f.status for f, _ in grouped(record.findings))
    parts = [f"{tally[s]} {s}" for s in sorted(tally, key=severity)]
    wrong = tally["FAIL"] + tally["ERROR"]
    said = (
        "leaks were found" if wrong else "nothing fails" if tally["WARN"] or tally["UNKNOWN"] else "nothing was found"
    )
    return f"{said} ({', '.join(parts)})"


def _who(models: tuple[str, ...], record: AuditRecord) -> str:
    """Models that a finding speaks of, in brackets."""
    return f" ({whom(models, record.models)})" if models else ""


def _finding(finding: FindingRecord, who: str, console: Console) -> None:
    console.print()
    blocks = ", blocks:" if finding.blocks and finding.status == "FAIL" else ":"
    say(console, word(status_mark(finding.status)), f"{blocks} {finding.check} {finding.title}{who}")
    say(console, sentence(finding.sentence), indent=2)
    for row in finding.evidence[:SHOWN]:
        say(console, f"- {_row(row)}", indent=4)
    if len(finding.evidence) > SHOWN:
        say(console, f"- and {count(len(finding.evidence) - SHOWN, 'more row')} (--json has them)", indent=4)
    if finding.remedy:
        say(console, finding.remedy, indent=2)


def _row(row: Mapping[str, Any]) -> str:
    """A row of evidence as one line; of a yes or no, what is so."""
    told = {name: value for name, value in row.items() if value is not None and value is not False and value != ""}
    return ", ".join(name if value is True else f"{name} {_cell(value)}" for name, value in told.items())


def _cell(value: Any) -> str:
    """A value in three digits at least; whole numbers in full."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 or value.is_integer() else f"{value:.3g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_cell, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
