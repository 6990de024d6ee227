"""vcassay init: guess the columns, show the match, write study.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError


def init_command(
    real: Annotated[Path, typer.Argument(help="the measured screen (.h5ad or .zarr)")],
    pred: Annotated[list[Path] | None, typer.Argument(help="predictions, one file a model")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="the study to write")] = Path("study.toml"),
    force: Annotated[bool, typer.Option("--force", help="overwrite it")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the match as JSON")] = False,
) -> None:
    """Guess a screen's columns, show the match and write study.toml; units are asked for, not guessed."""
    from vcassay.run.scaffold import scaffold

    if out.exists() and not force:
        raise InputError("exists", where=str(out), mend="name another file with -o, or overwrite it with --force")
    drafted = scaffold(real, pred or [], out)
    if as_json:
        print_json(
            {"study": str(out), "matched": drafted.matched, "asked": list(drafted.asked), "notes": drafted.notes}
        )
        return
    print(f"{real}: {drafted.summary}")
    width = max(len(ours) for ours in drafted.matched)
    print("\n".join(f"  {ours:<{width}}  <- {theirs}" for ours, theirs in drafted.matched.items()))
    for note in drafted.notes:
        print(f"note: {note}")
    for question in drafted.asked:
        print(f"to answer: {question}")
    print(f"Wrote {out}. Check it, then run `vcassay assess {out}`.")
