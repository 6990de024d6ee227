"""Facts of a card in words, each with how it is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from vcassay.record.card import EVIDENCE, Card, Measured, Result, Stated
from vcassay.record.rooms import BIOLOGY_ROOMS
from vcassay.report.wording import bracket, decimals, number, sentence

WEIGHTS = {
    "open": "open",
    "restricted": "restricted",
    "retrain": "code only",
    "announced": "announced",
    "none": "none",
}
"""Whether weights can be had."""
SPACES = {
    "raw": "expression itself",
    "delta": "changes from control",
    "ranks": "ranks",
    "calls": "called genes",
    "cells": "cells",
    "scalar": "one number",
}
GIVEN = {
    "inputs": "Inputs",
    "pretraining": "Pretraining",
    "priors": "Knowledge",
    "graphs": "Graphs",
    "controls": "Controls seen",
    "genes": "Genes chosen on",
    "scaling": "Scaling fitted on",
    "filters": "Conditions filtered",
    "selection": "Chosen on",
    "looks": "Looks at the test set",
}
"""Entries of a disclosure that a reader asks for first; others follow under their own names."""


class Told(NamedTuple):
    """A fact as shown.

    Attributes
    ----------
    what, text
        What it is of, and the fact.
    how
        ``read``, ``second-hand``, ``recalled`` or ``inferred``.
    source, note
        Title of its source, where it names one, and what else is said of it.
    """

    what: str
    text: str
    how: str
    source: str = ""
    note: str = ""

    @property
    def words(self) -> str:
        """How it is known, in a sentence's words."""
        return next(words for key, words in EVIDENCE.items() if key == self.how)


class Number(NamedTuple):
    """A reported result as a row of a table."""

    metric: str
    value: str
    n: str
    against: str
    baseline: str
    ceiling: str
    fact: Told


def told(card: Card, fact: Stated, what: str, text: str) -> Told:
    """A fact with how it is known: by its own word, else by the card's."""
    titles = {s.key: s.title for s in card.source}
    return Told(what, text, fact.evidence or card.evidence, titles.get(fact.source, fact.source), fact.note)


def metrics(card: Card, measured: Sequence[Measured]) -> tuple[Told, ...]:
    """Metrics of a benchmark, with what they compare where that is said."""
    out = []
    for m in measured:
        parts = [SPACES.get(m.space, ""), f"{m.genes} genes" if m.genes else "", "by strength" if m.by_strength else ""]
        out.append(told(card, m, m.name, ", ".join(p for p in parts if p)))
    return tuple(out)


def results(card: Card, reported: Sequence[Result]) -> tuple[Number, ...]:
    """Numbers of a benchmark, as the publication has them."""
    out = []
    for r in reported:
        places = decimals(r.low, r.high) if r.low is not None else 3
        value = " ".join(part for part in (number(r.value), bracket(r.low, r.high, places)) if part)
        n = "" if r.n is None else number(r.n)
        by = f"measured by {r.by}" if r.by else ""
        fact = told(card, r, r.metric, by)
        out.append(
            Number(r.metric, value, n, r.against, number(r.baseline, missing=""), number(r.ceiling, missing=""), fact)
        )
    return tuple(out)


def facts(card: Card) -> tuple[Told, ...]:
    """What the card says of the model itself: publication, claim, availability, disclosure, leakage and biology."""
    return tuple(_facts(card))


def _facts(card: Card) -> Iterator[Told]:
    at = card.publication
    where = ", ".join(p for p in (at.title, at.venue, str(at.year) if at.year else "", at.where) if p)
    if where:
        yield told(card, at, "Publication", where)
    yield told(card, card.claim, "Claim", f"“{card.claim.text}”")
    if card.claim.use:
        yield told(card, card.claim, "Meant for", card.claim.use)
    kept = card.availability
    for what, text in (("Code", kept.code), ("Licence", kept.licence), ("Weights", WEIGHTS.get(kept.weights, ""))):
        if text:
            yield told(card, kept, what, text)
    own = {k: v for k, v in card.disclosure if k not in Stated.model_fields and v not in (None, "")}
    for key in sorted(own, key=lambda k: (list(GIVEN).index(k) if k in GIVEN else len(GIVEN), k)):
        if text := _given(own[key]):
            yield told(card, card.disclosure, GIVEN.get(key, key.replace("_", " ").capitalize()), text)
    for note in card.leakage or ():
        yield told(card, note, f"Leakage {note.check}, {note.status}", sentence(note.sentence))
    for shown in card.diagnostic or ():
        yield told(card, shown, f"{BIOLOGY_ROOMS[shown.room].rstrip('?')}: {shown.shown}", sentence(shown.sentence))


def _given(value: Any) -> str:
    """An entry of a disclosure in words; an empty list says that there was none."""
    if isinstance(value, tuple | list):
        return "; ".join(_given(v) for v in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_given(v)}" for k, v in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "model_dump"):
        held = {k: v for k, v in value.model_dump().items() if v not in (None, "", (), [])}
        name = next((_given(held.pop(k)) for k in ("name", "data", "by") if k in held), "")
        why = str(held.pop("why", ""))
        rest = ", ".join(f"{k.replace('_', ' ')}: {_given(v)}" for k, v in held.items())
        return f"{name}{f' ({rest})' if rest else ''}{f': {why}' if why else ''}"
    return str(value)
