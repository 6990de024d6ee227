"""vcassay report and verify: what a stored assessment says, and whether it still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json


def report_command(
    folder: Annotated[Path, typer.Argument(help="a directory that `vcassay assess` wrote")],
    as_json: Annotated[bool, typer.Option("--json", help="print the written files as JSON")] = False,
) -> None:
    """Render the report again from what is stored, without computing anything."""
    from vcassay.record import read_assessment
    from vcassay.report import print_summary, write_report

    record = read_assessment(folder)
    files = write_report(folder)
    if as_json:
        print_json({"files": [str(f) for f in files]})
        return
    from rich.console import Console

    print_summary(record, Console(highlight=False), folder)


def verify_command(
    folder: Annotated[Path, typer.Argument(help="a directory that `vcassay assess` wrote")],
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False,
) -> None:
    """Check the hashes of a stored assessment and derive its verdicts again."""
    from vcassay.run.verify import verify

    problems = verify(folder)
    if as_json:
        print_json({"verified": not problems, "problems": problems})
    elif problems:
        print("\n".join(f"vcassay: {p}" for p in problems))
    else:
        print("Every stored file has the hash of the manifest, and every verdict follows from the stored evidence.")
    raise typer.Exit(1 if problems else 0)
