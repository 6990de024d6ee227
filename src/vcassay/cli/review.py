"""vcassay review: what a published result supports, from a card of what it reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError

if TYPE_CHECKING:
    from vcassay.record.review import ReviewRecord

FORMATS = (".html", ".md", ".json")


def review_command(
    cards: Annotated[
        list[Path] | None, typer.Argument(metavar="CARD", help="cards (TOML); with --new the one to write")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="OUT", help="write the review: .html, .md or .json; a folder for several cards"
        ),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="ask for the facts and write a card")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="print the JSON schema of a card")] = False,
    full: Annotated[bool, typer.Option("--full", help="print every finding, not what decides alone")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the review as JSON")] = False,
) -> None:
    """Review a published result: what it supports, what it lacks, and what to ask its authors.

    The review rests on what the card says is reported; nothing is recomputed.
    """
    if schema:
        from vcassay.run.card_schema import card_schema

        print_json(card_schema())
        return
    paths = list(cards or ())
    if new:
        from vcassay.cli.review_new import write_new

        write_new(paths)
        return
    if not paths:
        mend = "name a card, or write one with --new"
        raise InputError("names no card", where="vcassay review", mend=mend)
    from vcassay.run.review import card_sha256, read_card, review_card

    records = {path: review_card(read_card(path), card_sha256(path)) for path in paths}
    if out is not None:
        for target, record in _targets(out, records).items():
            _write(target, record)
    if as_json:
        told = [_plain(r) for r in records.values()]
        print_json(told[0] if len(told) == 1 else told)
        return
    from rich.console import Console

    from vcassay.report.review.terminal import print_review

    console = Console(highlight=False)
    for i, record in enumerate(records.values()):
        if i:
            console.print()
        print_review(record, console, full=full)
    if out is not None:
        print(f"\nWritten to {out}.")


def _targets(out: Path, records: dict[Path, ReviewRecord]) -> dict[Path, ReviewRecord]:
    """File to write for each card."""
    if len(records) == 1:
        if out.suffix not in FORMATS:
            raise InputError("has no known ending", where=str(out), mend=f"end it with {', '.join(FORMATS)}")
        return {out: next(iter(records.values()))}
    if out.suffix in FORMATS:
        raise InputError("is one file for several cards", where=str(out), mend="name a folder, or review one card")
    stems = [path.stem for path in records]
    if len(set(stems)) < len(stems):
        raise InputError("two cards have one name", where=str(out), mend="review them one by one")
    return {out / f"{path.stem}.html": record for path, record in records.items()}


def _write(target: Path, record: ReviewRecord) -> None:
    from vcassay.record.codec import dump_json
    from vcassay.record.writer import AssessmentWriter

    if target.suffix == ".json":
        text = dump_json(record)
    elif target.suffix == ".md":
        from vcassay.report.review.markdown import review_markdown

        text = review_markdown(record)
    else:
        from vcassay.report.review.page import review_page

        text = review_page(record)
    AssessmentWriter(target.parent).text(target.name, text)


def _plain(record: ReviewRecord) -> Any:
    from vcassay.record.codec import dump_json

    return json.loads(dump_json(record))
