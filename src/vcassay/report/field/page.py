"""The field as one HTML page: counts, a table with filters, and every review in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from vcassay.core import STRENGTH, Level
from vcassay.record.review import ReviewRecord
from vcassay.report.field.headline import certainty, complete, ends, headlines, lead
from vcassay.report.field.row import NO_REGIME, REPORTS, Row, rows
from vcassay.report.palette import stylesheet
from vcassay.report.review.ladder import STATES
from vcassay.report.review.told import WEIGHTS
from vcassay.report.review.view import ReviewView, tiers_in_words, view
from vcassay.report.shell import policy, script_json, source, templates
from vcassay.report.wording import LEVEL

COLUMNS = (
    ("name", "Model"),
    ("tests", "Tests"),
    ("level", "The claim"),
    ("ladder", "Compared with"),
    ("leaks", "Leakage"),
    ("biology", "Biology"),
    ("confidence", "Confidence"),
    ("weights", "Weights"),
)
"""Columns of the table, by the key that they are sorted by."""

CONFIDENCE = ("high", "medium", "low")
WEIGHT_ORDER = (*WEIGHTS.values(), "not stated")


class Entry(NamedTuple):
    """A row with the whole review below it."""

    i: int
    row: Row
    view: ReviewView


def field_page(records: Iterable[ReviewRecord]) -> str:
    """Render reviews as one HTML page without external references.

    Parameters
    ----------
    records
        Stored reviews; their order does not matter.
    """
    listed = rows(records)
    copy, script = source("copy.js"), source("csv.js") + source("field.js")
    return (
        templates()
        .get_template("field_page.j2")
        .render(
            lead=lead(listed),
            ends=ends(listed),
            headlines=headlines(listed) if listed else (),
            complete=complete(listed),
            certainty=certainty(listed),
            entries=[Entry(i, r, view(r.record)) for i, r in enumerate(listed)],
            columns=COLUMNS,
            picks=_picks(listed),
            tiers=tiers_in_words(),
            states=tuple(STATES.items()),
            version=", ".join(sorted({r.record.version for r in listed})),
            policy=policy([copy, script]),
            style=Markup(stylesheet() + source("page.css") + source("review.css") + source("field.css")),
            copy=Markup(copy),
            script=Markup(script),
            payload=script_json({"columns": list(CSV), "rows": [_data(r) for r in listed]}),
        )
    )


def _picks(listed: Sequence[Row]) -> tuple[tuple[str, str, list[tuple[str, str]], str], ...]:
    """Menus of the filters: key, label, options that fit some row, and the word for no choice."""
    keys = [_keys(r) for r in listed]

    def held(key: str, order: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        some = {value for k in keys for value in k[key]}
        return [(value, words) for value, words in order if value in some]

    regimes = [(r.value, r.value) for r in STRENGTH] + [(NO_REGIME, NO_REGIME)]
    modalities = [(m, m) for m in sorted({m for r in listed for m in r.modalities}, key=str.casefold)]
    lacked = [(key, words) for key, words in REPORTS.items() if any(key in r.lacks for r in listed)]
    return (
        ("regime", "Regime", held("regime", regimes), "all"),
        ("level", "The claim is", held("level", [(x.value, LEVEL[x].word) for x in Level]), "all levels"),
        ("missing", "Not reported", lacked, "whatever"),
        ("has", "Reported", held("has", REPORTS.items()), "whatever"),
        ("modality", "Perturbed by", held("modality", modalities), "all"),
        ("confidence", "Confidence in the card", held("confidence", [(c, c) for c in CONFIDENCE]), "all"),
        ("weights", "Weights", held("weights", [(w, w) for w in WEIGHT_ORDER]), "all"),
    )


def _keys(row: Row) -> dict[str, list[str]]:
    """Values that the filters ask for."""
    return {
        "regime": list(row.regimes) or [NO_REGIME],
        "level": [row.record.level],
        "modality": list(row.modalities),
        "has": [key for key in REPORTS if key in row.reports],
        "confidence": [row.record.card.confidence],
        "weights": [row.weights],
    }


CSV = (
    *("name", "venue", "year", "level", "regime", "regimes", "modalities", "T0", "T1", "T2", "T3", "T4"),
    *("leaks found", "leaks open", "biology measured", "biology askable", "intervals", "confidence", "weights"),
    *("claim as published", "what is supported"),
)
"""Columns of the table as a file."""


def _cells(row: Row) -> list[str]:
    card, at = row.record.card, row.record.card.publication
    return [
        *(row.name, at.venue, str(at.year or ""), row.record.level, row.regime),
        *("; ".join(row.regimes), "; ".join(row.modalities)),
        *(r.state for r in row.rungs),
        *map(str, (row.leaks_found, row.leaks_open, row.shown, row.askable)),
        *("yes" if "intervals" in row.reports else "no", card.confidence, row.weights),
        *(card.claim.text, row.record.sentence),
    ]


def _data(row: Row) -> dict[str, Any]:
    """What the script filters, sorts and saves of a row."""
    card = row.record.card
    told = [row.name, card.claim.text, card.publication.title, card.publication.venue, *row.regimes, *row.modalities]
    told += [b.title for b in row.record.benchmarks] + [d for b in card.benchmark for d in b.dataset]
    told += [m.name for b in card.benchmark for m in b.metrics]
    ladder = sum(2**i for i, r in enumerate(row.rungs) if r.state in ("reported", "partly"))
    regimes = [r.value for r in STRENGTH]
    return {
        "find": " ".join(told).lower(),
        "keys": _keys(row),
        "sort": {
            "name": row.name,
            "tests": regimes.index(row.regime) if row.regime in regimes else -1,
            "level": [x.value for x in Level].index(row.record.level),
            "ladder": ladder,
            "leaks": row.leaks_found + row.leaks_open / 1000,
            "biology": row.shown + row.askable / 1000,
            "confidence": CONFIDENCE.index(card.confidence),
            "weights": WEIGHT_ORDER.index(row.weights),
        },
        "cells": _cells(row),
    }
