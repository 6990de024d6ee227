"""vcassay task: the censored training view for a model trained outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json


def task_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="study.toml")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="the folder to write")] = Path("task"),
    seal: Annotated[bool, typer.Option("--seal", help="commit to the held-out truth by hash")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the counts as JSON")] = False,
) -> None:
    """Write what a model may learn from, the conditions wanted, and a README for the modeller.

    With --seal also seal.json, which binds the held-out truth and shows nothing of it, and next to the folder the
    key that opens it for `vcassay verify`.
    """
    from vcassay.run.seal import key_path, refuse_sealed, seal_truth
    from vcassay.run.task import write_task

    if seal:
        refuse_sealed(out)
    counts = write_task(study, out)
    record = seal_truth(study, out) if seal else None
    if as_json:
        sealed = {"commitment": record.commitment, "key": str(key_path(out))} if record else {}
        print_json({"folder": str(out), **counts, **sealed})
        return
    print(
        f"{out}/train.h5ad: {counts['n_rows']:,} rows of {counts['n_train']} training conditions and the controls left "
        f"to training; {out}/wanted.csv: {counts['n_wanted']} conditions to answer for; {out}/README.md says how."
    )
    if record:
        print(
            f"{out}/seal.json seals the held-out rows; make known the commitment {record.commitment}, and keep "
            f"{key_path(out)} to yourself until the truth is shown."
        )
