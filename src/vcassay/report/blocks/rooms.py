"""Rooms: the findings of the leak audit under the questions that they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vcassay.core import Status
from vcassay.record import FindingRecord
from vcassay.report.blocks.block import QUIET, Shown, shown
from vcassay.report.facts import grouped
from vcassay.report.rooms import by_room
from vcassay.report.wording import Mark, severity, status_mark


@dataclass(frozen=True, slots=True)
class Room:
    """One question and the findings that answer it.

    Attributes
    ----------
    loud, open, quiet
        What is wrong; what only the authors can answer; what passed or does not apply.
    tally
        Number of findings by status, what is wrong first.
    """

    name: str
    title: str
    loud: tuple[Shown, ...]
    open: tuple[Shown, ...]
    quiet: tuple[Shown, ...]
    tally: tuple[tuple[Mark, int], ...]


def rooms(findings: Sequence[FindingRecord]) -> list[Room]:
    """Write out the findings room by room; what is said of several models is said once."""
    out = []
    for name, title, own in by_room(findings):
        told = [shown(finding, models) for finding, models in grouped(own)]
        tally = Counter(s.finding.status for s in told)
        out.append(
            Room(
                name=name,
                title=title,
                loud=tuple(s for s in told if s.finding.status not in (*QUIET, Status.UNKNOWN)),
                open=tuple(s for s in told if s.finding.status == Status.UNKNOWN),
                quiet=tuple(s for s in told if s.finding.status in QUIET),
                tally=tuple((status_mark(s), tally[s]) for s in sorted(tally, key=severity)),
            )
        )
    return out
