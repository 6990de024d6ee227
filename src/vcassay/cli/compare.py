"""vcassay compare: the models of several assessments, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json


def compare_command(
    folders: Annotated[list[Path], typer.Argument(help="directories that `vcassay assess` wrote", metavar="DIR")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="write it to a file: .html (a page), .md or .json"),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="NAME", help="in place of those that decide; may be repeated"),
    ] = None,
    reference: Annotated[
        str, typer.Option("--reference", metavar="MODEL", help="show differences from this model")
    ] = "",
    common: Annotated[
        bool, typer.Option("--common", help="compare on shared test conditions where not all are shared")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the comparison as JSON")] = False,
) -> None:
    """Compare the models of stored assessments: paired differences, ranks and how sure they are.

    Only what is stored is read. Assessments of unlike claims, truths or panels are refused.
    """
    from vcassay.run.compare import compare_assessments

    record = compare_assessments(folders, metrics=metric or (), reference=reference, common=common)
    written = None
    if out is not None:
        from vcassay.report.leaderboard.page import write_leaderboard

        written = write_leaderboard(out, record)
    if as_json:
        data = record.model_dump(mode="json")
        print_json({"schema": data.pop("schema_"), **data})
        return
    from rich.console import Console

    from vcassay.report.leaderboard.terminal import print_leaderboard

    print_leaderboard(record, Console(highlight=False))
    if written is not None:
        print(f"\nWritten: {written}")
