"""vcassay field: published virtual cells, reviewed by what is reported of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vcassay.cli.console import print_json
from vcassay.core import STRENGTH, InputError, Level
from vcassay.core.errors import did_you_mean

if TYPE_CHECKING:
    from vcassay.record.review import ReviewRecord
    from vcassay.report.field.row import Row


def field_command(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="a model: show its review in full")] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="write the table and all reviews as one page")
    ] = None,
    card: Annotated[
        list[Path] | None,
        typer.Option(
            "--card", metavar="FILE", help="a card of your own, beside the package's or for the one of its name"
        ),
    ] = None,
    named: Annotated[str, typer.Option("--name", metavar="TEXT", help="only names with this text in them")] = "",
    regime: Annotated[
        str, typer.Option("--regime", metavar="REGIME", help="only those tested so: CEX, GEX, combination ...")
    ] = "",
    level: Annotated[
        str, typer.Option("--level", metavar="LEVEL", help="only claims that end so: 'not supported' ...")
    ] = "",
    missing: Annotated[
        list[str] | None,
        typer.Option(
            "--missing", metavar="WHAT", help="only those without it: T0 to T4, context, leakage, intervals, biology"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print a list, one entry a model")] = False,
) -> None:
    """Where is the field right now? Published claims, reviewed by what is reported of them.

    Nothing is recomputed: each review rests on a card of facts that say how they are known.
    """
    from vcassay.report.field.row import rows
    from vcassay.run.field import review_field

    everyone = review_field(card or ())
    asked = [bool(named), bool(regime), bool(level), bool(missing)]
    records = [_find(everyone, name)] if name else list(everyone)
    listed = _filtered(rows(records), named, regime, level, missing or ())
    if html is not None:
        _write(html, listed, one=bool(name))
    if as_json:
        print_json([_plain(row) for row in listed])
        return
    from rich.console import Console

    console = Console(highlight=False)
    if name and listed:
        from vcassay.report.review.terminal import print_review

        print_review(listed[0].record, console)
    elif listed:
        from vcassay.report.field.terminal import print_field

        print_field(listed, console, whole=not any(asked))
    else:
        print("No review fits these filters.")
    if html is not None:
        print(f"\nWritten to {html}.")


def _find(records: Sequence[ReviewRecord], name: str) -> ReviewRecord:
    """One review by the name of its model, or of its card's file."""
    from vcassay.verdict.cards import card_names, read_packaged

    by_name = {r.card.name.casefold(): r for r in records}
    wanted = name.strip().casefold()
    if wanted not in by_name and wanted in card_names():
        wanted = read_packaged(wanted).name.casefold()
    if wanted not in by_name:
        known = [r.card.name for r in records]
        raise InputError(f"no card is called '{name}'", where="vcassay field", mend=did_you_mean(name, known))
    return by_name[wanted]


def _filtered(listed: Sequence[Row], named: str, regime: str, level: str, missing: Sequence[str]) -> list[Row]:
    from vcassay.report.field.row import NO_REGIME, REPORTS

    wanted = _known("regime", regime, [*(r.value for r in STRENGTH), NO_REGIME])
    ends = _known("level", level, [x.value for x in Level])
    lacking = [_known("missing", m, list(REPORTS)) for m in missing]

    def fits(row: Row) -> bool:
        return (
            named.casefold() in row.name.casefold()
            and (not wanted or wanted in (row.regimes or (NO_REGIME,)))
            and (not ends or ends == row.record.level)
            and all(key in row.lacks for key in lacking)
        )

    return [row for row in listed if fits(row)]


def _known(option: str, value: str, known: Sequence[str]) -> str:
    """A filter's value as it is written, whatever its case."""
    own = {k.casefold(): k for k in known}
    if value and value.casefold() not in own:
        mend = did_you_mean(value, known)
        raise InputError(f"'{value}' is none of {', '.join(known)}", where=f"--{option}", mend=mend)
    return own.get(value.casefold(), "")


def _write(target: Path, listed: Sequence[Row], *, one: bool) -> None:
    """Write the table with all reviews, or the one review that was asked for."""
    from vcassay.record.writer import AssessmentWriter

    if target.suffix.lower() not in (".html", ".htm"):
        raise InputError("is no name of a page", where=str(target), mend="end it with .html")
    if one and listed:
        from vcassay.report.review.page import review_page

        text = review_page(listed[0].record)
    else:
        from vcassay.report.field.page import field_page

        text = field_page(row.record for row in listed)
    AssessmentWriter(target.parent).text(target.name, text)


def _plain(row: Row) -> dict[str, Any]:
    """A review in short, as plain data."""
    record = row.record
    several = len(record.benchmarks) > 1
    at = record.card.publication

    def said(key: str) -> list[str]:
        return [
            f"{b.title}: {s.sentence}" if several else s.sentence for b in record.benchmarks for s in getattr(b, key)
        ]

    return {
        "name": row.name,
        "claim": record.card.claim.text,
        "level": record.level,
        "rule": record.rule,
        "sentence": record.sentence,
        "supports": said("supports"),
        "does_not_support": said("does_not_support"),
        "missing": list(record.missing),
        "questions": [q.question for q in record.questions],
        "regime": row.regime or None,
        "regimes": list(row.regimes),
        "modalities": list(row.modalities),
        "tiers": {r.tier: {"state": r.state, "names": list(r.names), "idle": dict(r.idle)} for r in row.rungs},
        "reports": {key: key in row.reports for key in ("context", "leakage", "intervals", "biology")},
        "leakage": {"found": row.leaks_found, "open": row.leaks_open},
        "biology": {"measured": row.shown, "askable": row.askable, "contradicted": row.contradicted},
        "evidence": record.card.evidence,
        "confidence": record.card.confidence,
        "weights": record.card.availability.weights or None,
        "publication": {"title": at.title, "venue": at.venue, "year": at.year, "where": at.where},
        "card_sha256": record.card_sha256,
        "version": record.version,
    }
