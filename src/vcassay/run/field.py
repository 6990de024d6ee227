"""The field: the package's cards, and a reader's own beside them, reviewed by the same rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from vcassay.core import InputError
from vcassay.record.review import ReviewRecord
from vcassay.run.review import card_sha256, read_card, review_card
from vcassay.verdict.cards import card_names, read_packaged

PACKAGE = "vcassay.verdict.cards"


def review_field(own: Iterable[str | Path] = (), *, packaged: bool = True) -> tuple[ReviewRecord, ...]:
    """Review every card of the package, and files beside them, by name.

    Parameters
    ----------
    own
        Files of further cards; one of a packaged model's name stands in its place.
    packaged
        Whether to take the package's cards at all.

    Raises
    ------
    InputError
        If a file is no card, or two are of one name.
    """
    records: dict[str, ReviewRecord] = {}
    if packaged:
        for name in card_names():
            record = review_packaged(name)
            records[record.card.name.casefold()] = record
    mine: dict[str, str | Path] = {}
    for path in own:
        record = review_card(read_card(path), card_sha256(path))
        name = record.card.name.casefold()
        if name in mine:
            what = f"is of '{record.card.name}', as {mine[name]} is"
            raise InputError(what, where=str(path), mend="give each card a name of its own")
        mine[name] = path
        records[name] = record
    return tuple(records[key] for key in sorted(records))


def review_packaged(name: str) -> ReviewRecord:
    """Review one card of the package, named by its file."""
    data = files(PACKAGE).joinpath(f"{name}.toml").read_bytes()
    return review_card(read_packaged(name), hashlib.sha256(data).hexdigest())
