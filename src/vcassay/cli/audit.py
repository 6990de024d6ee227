"""vcassay audit: leakage alone, from a split and the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json, progress
from vcassay.cli.given import Given, one_source, takes_given


@takes_given
def audit_command(
    given: Given,
    study: Annotated[
        Path | None, typer.Argument(metavar="STUDY", help="a study.toml, unless --table or --split is given")
    ] = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="of a study, look at the tables alone, not at its rows")
    ] = False,
    disclosure: Annotated[
        list[Path] | None,
        typer.Option(
            "--disclosure",
            metavar="FILE",
            help="what a model was given (see `vcassay init --disclosure`); may be repeated",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="end with status 1 if a check fails")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Look for leakage without any prediction: in a split and its tables, and in the rows of a study's screen."""
    one_source("audit", {"a study.toml": study, "--table": given.table, "--split": given.split})
    from vcassay.run.audit import audit_study, audit_tables
    from vcassay.run.declaration import read_declarations

    models = read_declarations(disclosure or ())
    if study is not None:
        with progress(quiet=as_json) as report:
            record = audit_study(study, tables=tables, models=models, progress=report)
    else:
        claim, knowledge = given.claim()
        record = audit_tables(claim, knowledge, models, name=given.source().name)
    if as_json:
        data = record.model_dump(mode="json")
        print_json({"schema": data.pop("schema_"), **data})
    else:
        from rich.console import Console

        from vcassay.report.audit_text import print_audit

        print_audit(record, Console(highlight=False))
    if not record.complete:
        raise typer.Exit(3)
    raise typer.Exit(int(strict and any(f.status == "FAIL" for f in record.findings)))
