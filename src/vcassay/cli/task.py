"""vcassay task: the censored training view for a model trained outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json


def task_command(
    study: Annotated[Path, typer.Argument(help="study.toml")],
    out: Annotated[Path, typer.Option("--out", "-o", help="the folder to write")] = Path("task"),
    as_json: Annotated[bool, typer.Option("--json", help="print the counts as JSON")] = False,
) -> None:
    """Write what a model may learn from, the conditions wanted, and a README for the modeller."""
    from vcassay.run.task import write_task

    counts = write_task(study, out)
    if as_json:
        print_json({"folder": str(out), **counts})
        return
    print(
        f"{out}/train.h5ad: {counts['n_rows']:,} rows of {counts['n_train']} training conditions and the controls left "
        f"to training; {out}/wanted.csv: {counts['n_wanted']} conditions to answer for; {out}/README.md says how."
    )
