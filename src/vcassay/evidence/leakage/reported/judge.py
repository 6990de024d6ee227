"""One finding a check: what others found, what the authors disclose or declare, what is known of the split, or open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vcassay.core import Finding, Status
from vcassay.evidence.leakage.check import finding
from vcassay.evidence.leakage.reported.asked import ASKED, Asked, Benched
from vcassay.evidence.leakage.reported.declared import declared
from vcassay.evidence.leakage.reported.traps import OF_ITS_MODEL, TRAPS
from vcassay.record.card import LeakNote
from vcassay.record.disclosure import Disclosure

QUESTIONS = {a.check: a.question for a in ASKED}
UNASKED = ("L23m",)
"""Checks that are judged where something is declared, and not asked for otherwise."""


def judge_leakage(notes: Sequence[LeakNote], disclosure: Disclosure, bench: Benched) -> Iterator[Finding]:
    """Findings of one benchmark, the most decisive check first.

    A note of the card wins over what the disclosure answers, that over what is known of the published split; what
    nothing answers is UNKNOWN, with the question to the authors.
    """
    by_check: dict[str, list[LeakNote]] = {}
    for note in notes:
        by_check.setdefault(note.check, []).append(note)
    for asked in ASKED:
        if asked.check in by_check or not asked.applies(bench):
            continue
        yield _answer(asked, disclosure, bench)
    for check in UNASKED:
        found = None if check in by_check else declared(check, disclosure, bench)
        if found is not None:
            yield found
    known = {a.check for a in ASKED if a.applies(bench)} | set(by_check)
    for trap in bench.traps:
        if TRAPS.get(trap.title, "") not in ("", *known, *OF_ITS_MODEL):
            yield finding(TRAPS[trap.title], Status(trap.status), trap.sentence, blocks=False)


HOW = {
    "disclosed": "disclosed by the authors",
    "found": "found by others",
    "possible": "possible, tested by nobody",
    "unlikely": "held to be unlikely, cells not compared",
    "excluded": "excluded",
}
"""Status of a note in words."""


def judge_notes(notes: Sequence[LeakNote]) -> Iterator[Finding]:
    """Findings of what a card says of leakage, check by check as it stands there."""
    for note in notes:
        blocks = note.grave and note.status in ("disclosed", "found")
        status = {"possible": Status.UNKNOWN, "unlikely": Status.UNKNOWN, "excluded": Status.PASS}.get(note.status)
        status = status or (Status.FAIL if blocks else Status.WARN)
        leaked = "Score again without what leaked, or claim no more than it allows."
        remedy = leaked if status in (Status.FAIL, Status.WARN) else ""
        question = QUESTIONS.get(note.check, "") if status is Status.UNKNOWN else ""
        rests = ", and the headline result rests on it" if blocks else ""
        known = f", {note.evidence}" if note.evidence not in (None, "read") else ""
        sentence = f"{note.sentence.rstrip('.')} ({HOW[note.status]}{known}{rests})."
        yield finding(note.check, status, sentence, blocks=blocks, remedy=remedy, question=question)


def _answer(asked: Asked, disclosure: Disclosure, bench: Benched) -> Finding:
    """What is declared of a check, known of the split, or open."""
    found = declared(asked.check, disclosure, bench)
    if found is not None:
        return found
    traps = [t for t in bench.traps if TRAPS.get(t.title) == asked.check]
    if traps:
        said = " ".join(t.sentence for t in traps)
        if asked.check in OF_ITS_MODEL:
            sentence = f"Not declared. Known of the model that the split was made for: {said}"
            return finding(asked.check, Status.UNKNOWN, sentence, question=asked.question, blocks=False)
        worst = min((Status(t.status) for t in traps), key=(Status.FAIL, Status.WARN, Status.UNKNOWN).index)
        question = asked.question if worst is Status.UNKNOWN else ""
        return finding(asked.check, worst, said, question=question, blocks=False)
    data = bench.of_data.get(asked.check, "")
    sentence = f"Nothing is reported of it, and {asked.why}."
    if data:
        sentence = f"Known of the data: {data} Nothing is reported of how the split deals with it, and {asked.why}."
    return finding(asked.check, Status.UNKNOWN, sentence, question=asked.question, blocks=False)
