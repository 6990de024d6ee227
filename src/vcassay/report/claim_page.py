"""A claim as one page or one picture, before any model is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from vcassay.core import InputError
from vcassay.record import AssessmentWriter, FindingRecord
from vcassay.report.blocks.block import QUIET, Shown, cell, shown
from vcassay.report.blocks.claim import marked_uses, strata_table
from vcassay.report.figures.grid import split_grid
from vcassay.report.grid_svg import draw_grid, grid_svg
from vcassay.report.palette import stylesheet
from vcassay.report.shell import policy, source, templates
from vcassay.report.wording import REGIME, Mark, listing, percent, severity

ROLES = {"n_train": "Training", "n_val": "Validation", "n_test": "Test", "n_excluded": "Excluded"}
KNOWN_FROM = {
    "read": "reading the source",
    "second-hand": "somebody else's report",
    "recalled": "memory",
    "inferred": "what the source states",
}
"""How a trap of a published protocol is known."""
HOW = "read how"
"""The key of its evidence that says so."""
FACTS = {
    "dataset": "Data set",
    "source": "Source",
    "note": "Note",
    "definition": "Definition",
    "table": "File",
    "columns": "Columns",
    "contexts_train": "Contexts in training",
    "contexts_test": "Contexts in the test",
    "compared": "Perturbations compared by",
    "pretraining": "Pretraining",
    "truth": "Truth",
    "truth_since": "Truth public since",
    "looks": "Times scored before",
    "sha256": "sha256 of the conditions",
}
LEGAL, BARRED = Mark("check", "✓", "Legal", "good"), Mark("cross", "✗", "Not legal", "mute")


def claim_page(data: Mapping[str, Any], conditions: pd.DataFrame | None) -> str:
    """Render a claim as one HTML page without scripts or external references.

    Parameters
    ----------
    data
        A claim as `vcassay claim --json` prints it: of a protocol, a table or a study. Every key may be
        missing, and those that are not known are left out.
    conditions
        The table with roles, for the grid; ``None`` where there is none.
    """
    grid = split_grid(conditions) if conditions is not None else None
    sentence = _text(data, "sentence")
    found = [_finding(f) for f in sorted(_rows(data, "findings"), key=lambda f: severity(_text(f, "status")))]
    return (
        templates()
        .get_template("claim_page.j2")
        .render(
            policy=policy(()),
            style=Markup(stylesheet() + source("page.css")),
            title=claim_title(data),
            sentence=sentence,
            regime=_text(data, "regime"),
            new=REGIME.get(_text(data, "regime"), ""),
            declared=_text(data, "declared"),
            covered=percent(data["covered"]) if isinstance(data.get("covered"), float) else "",
            said=_text(data, "text"),
            use=_text(data, "use"),
            counts=_counts(data),
            grid=Markup(draw_grid(grid)) if grid else None,
            strata=strata_table(_rows(data, "novelty"), sentence) if "novelty" in data else None,
            supports=_reasons(data, "supports"),
            does_not_support=_reasons(data, "does_not_support"),
            scope=_reasons(data, "scope") + _reasons(data, "notes"),
            uses=marked_uses(_texts(data, "applications", ("use", "fit", "reason"))),
            findings={
                "loud": [s for s in found if s.finding.status not in QUIET],
                "quiet": [s for s in found if s.finding.status in QUIET],
            },
            baselines=_baselines(data),
            facts=_facts(data),
            knowledge=_known(data),
        )
    )


def write_picture(path: Path, data: Mapping[str, Any], conditions: pd.DataFrame | None) -> Path:
    """Draw a claim: the grid of the split for ``.svg``, the page for ``.html``.

    Raises
    ------
    InputError
        If the name ends in neither, or an ``.svg`` is wanted of a claim without a table.
    """
    kind = path.suffix.lower()
    if kind not in (".svg", ".html"):
        what = f"'{path.suffix}' is no kind of picture" if path.suffix else "has no ending that says what to draw"
        raise InputError(what, where=str(path), mend="use a name that ends in .svg or .html")
    if kind == ".svg":
        if conditions is None:
            mend = "use a name that ends in .html for the claim as a page"
            raise InputError("there is no table of conditions to draw as a grid", where=str(path), mend=mend)
        text = grid_svg(conditions, claim_title(data))
    else:
        text = claim_page(data, conditions)
    return AssessmentWriter(path.parent).text(path.name, text)


def claim_title(data: Mapping[str, Any]) -> str:
    """Name what the claim is of: the published split, the file, or the claim itself."""
    named = _text(data, "title") or _text(data, "study")
    return named or (
        f"The split of {Path(_text(data, 'table')).name}" if _text(data, "table") else "The claim of this split"
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    return str(data.get(key) or "")


def _rows(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [row for row in data.get(key) or () if isinstance(row, Mapping)]


def _reasons(data: Mapping[str, Any], key: str) -> list[dict[str, str]]:
    """Sentences with reasons, written as objects, as pairs or alone."""
    rows = []
    for row in data.get(key) or ():
        if isinstance(row, Mapping):
            rows.append({"sentence": _text(row, "sentence"), "reason": _text(row, "reason")})
        else:
            parts = [row, ""] if isinstance(row, str) else [*map(str, row), "", ""]
            rows.append({"sentence": parts[0], "reason": parts[1]})
    return rows


def _counts(data: Mapping[str, Any]) -> list[tuple[str, int]]:
    known = {**data, **(data.get("counts") or {})}
    return [(word, int(known[key])) for key, word in ROLES.items() if known.get(key)]


def _finding(row: Mapping[str, Any]) -> Shown:
    """Write out a finding of a check, or a trap of a published protocol."""
    listed = _rows(row, "evidence")
    how = next((_text(e, HOW) for e in listed if HOW in e), "" if listed else _text(row, "evidence"))
    fields: dict[str, Any] = {k: _text(row, k) for k in ("check", "title", "status", "sentence", "remedy", "question")}
    fields |= {k: row[k] for k in ("value", "null", "threshold") if isinstance(row.get(k), int | float)}
    evidence = tuple(dict(e) for e in listed if HOW not in e)
    record = FindingRecord(**fields, evidence=evidence, blocks=bool(row.get("blocks")))
    found = shown(record, ())
    numbers = (("known from", KNOWN_FROM.get(how, how)), *found.numbers) if how else found.numbers
    return Shown(record, (), found.mark, found.evidence, numbers)


def _texts(data: Mapping[str, Any], key: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of a list with all the texts that the page shows, beside what else they hold."""
    return [{**row, **{name: _text(row, name) for name in names}} for row in _rows(data, key)]


def _baselines(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = _texts(data, "legal_baselines", ("name", "tier", "why"))
    return [{**row, "mark": LEGAL if row.get("legal") else BARRED, "legal": bool(row.get("legal"))} for row in rows]


def _known(data: Mapping[str, Any]) -> list[str]:
    """How many of the names each resource knows."""
    rows = _texts(data, "knowledge", ("resource",))
    told = [f"{k['resource']}: {cell(k.get('found'))} of {cell(k.get('wanted'))}" for k in rows]
    missing = [listing(k.get("missing") or ()) for k in rows]
    return [f"{one}; not {lacking}" if lacking else one for one, lacking in zip(told, missing, strict=True)]


def _facts(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else is known of the claim, in a fixed order."""
    return [(word, _fact(data[key])) for key, word in FACTS.items() if data.get(key) not in (None, "", (), [], {})]


def _fact(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{ours} = {theirs}" for ours, theirs in value.items())
    return listing(value, 12) if isinstance(value, Sequence) and not isinstance(value, str) else cell(value)
