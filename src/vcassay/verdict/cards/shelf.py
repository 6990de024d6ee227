"""Shelf: the cards that come with the package, by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.record.card import Card
from vcassay.record.packaged import packaged_names, read_packaged_file

PACKAGE = "vcassay.verdict.cards"


def card_names() -> list[str]:
    """File names of all cards without their ending, sorted."""
    return packaged_names(PACKAGE)


def cards() -> Iterator[Card]:
    """Every card of the package, in the order of `card_names`."""
    return (_read(name) for name in card_names())


def read_packaged(name: str) -> Card:
    """Look a card up, by the name of its file or of its model, whatever the case.

    Raises
    ------
    InputError
        If no card has that name.
    """
    known = {n: n for n in card_names()} | {_read(n).name.casefold(): n for n in card_names()}
    wanted = name.strip().casefold()
    if wanted not in known:
        raise InputError(f"no card is called '{name}'", where="the field", mend=did_you_mean(wanted, known))
    return _read(known[wanted])


@cache
def _read(name: str) -> Card:
    return read_packaged_file(PACKAGE, name, Card)
