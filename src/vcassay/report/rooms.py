"""Rooms: findings of leakage or biology under the questions that they answer."""

from __future__ import annotations

from collections.abc import Sequence

from vcassay.record import FindingRecord
from vcassay.record.rooms import BIOLOGY_ROOMS, OTHER, ROOMS


def by_room(findings: Sequence[FindingRecord]) -> list[tuple[str, str, list[FindingRecord]]]:
    """Name, question and findings of each room that has any, in the order of the questions."""
    known = ROOMS | BIOLOGY_ROOMS
    names = [*known, *dict.fromkeys(f.room for f in findings if f.room not in known)]
    found = [(name, known.get(name, OTHER), [f for f in findings if f.room == name]) for name in names]
    return [(name or "other", title, own) for name, title, own in found if own]
