"""Source: where a fact of a card comes from, and how it is known."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vcassay.record.base import Record

Evidence = Literal["read", "second-hand", "recalled", "inferred"]
EVIDENCE: dict[Evidence, str] = {
    "read": "read in the publication, its code or its result files",
    "second-hand": "from an abstract, a third party's notes or somebody else's rerun",
    "recalled": "recalled, not checked",
    "inferred": "inferred or counted from what was read",
}
"""How a fact is known, the best first, and in words."""

Extent = Literal["text", "code", "abstract", "nothing"]
EXTENT: dict[Extent, str] = {
    "text": "the text of the publication was read",
    "code": "its repository or result files were read, not its text",
    "abstract": "a summary (abstract, README, caption) of the publication was read, not its text",
    "nothing": "nothing of the publication was read",
}
"""How much of a publication was read for a card, the most first, and in words: what was not read may be reported."""

Confidence = Literal["high", "medium", "low"]


class Source(Record):
    """A publication, repository or file that facts of a card refer to by its key."""

    key: str = Field(min_length=1)
    """By which facts refer to it."""
    title: str = Field(min_length=1)
    where: str = ""
    """DOI, address, or repository with its commit."""
    evidence: Evidence
    """How far it was read."""


class Stated(Record):
    """A fact of a card: every one may say how it is known and by which source; else the card's own word holds."""

    evidence: Evidence | None = None
    """How this fact is known; not said: as the card says of itself."""
    source: str = ""
    """Key of one of the card's sources."""
    note: str = ""
    """What else is to be said of it."""
