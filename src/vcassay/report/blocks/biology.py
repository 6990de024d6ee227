"""Block 8: biology diagnostics, question by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vcassay.core import Status
from vcassay.record import AssessmentRecord, FindingRecord
from vcassay.report.blocks.block import Block, Shown, matrix, shown
from vcassay.report.facts import family, grouped
from vcassay.report.figures.biology import Gallery, galleries
from vcassay.report.palette import series
from vcassay.report.rooms import by_room
from vcassay.report.wording import count, listing


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and what can be said to it here.

    Attributes
    ----------
    loud, passed
        Findings of models and of the truth: what warns or fails, and what does not.
    unasked
        Title, name and reason of the diagnostics that the truth does not support.
    galleries
        Drawings.
    """

    name: str
    title: str
    loud: tuple[Shown, ...]
    passed: tuple[Shown, ...]
    unasked: tuple[tuple[str, str, str], ...]
    galleries: tuple[Gallery, ...]


def biology_block(record: AssessmentRecord) -> Block:
    """Build the diagnostics; a result counts only where the truth itself passes."""
    findings = family(record, "biology")
    drawn = galleries(record)
    questions = [_question(name, title, own, tuple(drawn.get(name, ()))) for name, title, own in by_room(findings)]
    asked = [f for f in findings if f.status != Status.NA]
    key = [(m.name, i, *series(i)) for i, m in enumerate(record.models)]
    figures = tuple(f for q in questions for g in q.galleries for f in g.figures)
    return Block(
        name="biology",
        stage="Stage 2d",
        title="Is it learning actual biology?",
        nav="2d Biology",
        answer=_answer(findings),
        data={
            "questions": questions,
            "matrix": matrix(asked, record),
            "key": key,
        },
        figures=figures,
    )


def _question(name: str, title: str, own: Sequence[FindingRecord], drawn: tuple[Gallery, ...]) -> Question:
    told = [shown(f, models) for f, models in grouped(f for f in own if f.status != Status.NA)]
    calm = (Status.PASS,)
    silent = [f for f in own if f.status == Status.NA and f.model is None]
    stated = {f.check for f in silent}
    silent += [f for f in own if f.status == Status.NA and f.check not in stated]  # of models alone
    return Question(
        name,
        title,
        tuple(s for s in told if s.finding.status not in calm),
        tuple(s for s in told if s.finding.status in calm),
        tuple(dict.fromkeys((f.title, f.check, f.sentence) for f in silent)),
        drawn,
    )


def _answer(findings: Sequence[FindingRecord]) -> str:
    """What can be asked here, and how models do; passing proves nothing, and failing warns."""
    if not findings:
        return "No diagnostic was run: what the model has learned is not known."
    every = {f.check for f in findings}
    able = {f.check for f in findings if f.status != Status.NA}
    first = f"{len(able)} of {count(len(every), 'diagnostic')} can be asked of these data; for the others the data "
    first += "are not there, or the measured effects do not show it themselves."
    told = [f for f in findings if f.model is not None and f.status != Status.NA]
    if not told:
        return first
    warned = {m: sum(f.model == m and f.status in (Status.WARN, Status.FAIL) for f in told)
              for m in dict.fromkeys(f.model for f in told)}  # fmt: skip
    bad = [f"{m} ({n})" for m, n in warned.items() if n]
    second = f"They warn of {listing(bad)}." if bad else "None warns of a model."
    return f"{first} {second} To pass does not prove that a model is right; to fail is a warning."
