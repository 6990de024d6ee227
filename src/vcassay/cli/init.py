"""vcassay init: guess the columns, show the match, write study.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError

NONE = "; '' if there is none"


def init_command(
    real: Annotated[Path | None, typer.Argument(metavar="SCREEN", help="the measured screen (.h5ad or .zarr)")] = None,
    pred: Annotated[
        list[Path] | None, typer.Argument(metavar="PREDICTIONS", help="predictions, one file a model")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="the study to write")] = Path("study.toml"),
    force: Annotated[bool, typer.Option("--force", help="overwrite it")] = False,
    perturbation: Annotated[str | None, typer.Option(metavar="COLUMN", help="obs column of the perturbation")] = None,
    control: Annotated[list[str] | None, typer.Option(metavar="LABEL", help="control label; may be repeated")] = None,
    context: Annotated[str | None, typer.Option(metavar="COLUMN", help=f"obs column of the context{NONE}")] = None,
    batch: Annotated[str | None, typer.Option(metavar="COLUMN", help=f"obs column of the batch{NONE}")] = None,
    dose: Annotated[str | None, typer.Option(metavar="COLUMN", help=f"obs column of the dose{NONE}")] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help=f"obs column of the time{NONE}")] = None,
    layer: Annotated[str | None, typer.Option(metavar="NAME", help="layer to read instead of X")] = None,
    rows: Annotated[str | None, typer.Option(metavar="KIND", help="cells, replicates or effects")] = None,
    readout: Annotated[str | None, typer.Option(metavar="KIND", help="counts, lognorm, continuous or scalar")] = None,
    drop_context: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="context to leave out; may be repeated")
    ] = None,
    disclosure: Annotated[
        Path | None,
        typer.Option("--disclosure", metavar="FILE", help="write a form for what a model was given, for its authors"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the match as JSON")] = False,
) -> None:
    """Guess a screen's columns, show the match and write study.toml; units are asked for, not guessed.

    What an option states is taken as it is, and the rest is guessed in its light. With --disclosure, a form is
    written in which a model's authors declare what it was given; without a screen, nothing else is.
    """
    from vcassay.run.disclosure_form import write_form
    from vcassay.run.inputs import stated_design
    from vcassay.run.scaffold import scaffold
    from vcassay.run.study import parse_study

    if disclosure is not None:
        if disclosure.exists() and not force:
            raise InputError("exists", where=str(disclosure), mend="name another file, or overwrite it with --force")
        write_form(disclosure)
        print(f"Wrote {disclosure}. [[model]] names it when it is filled in: disclosure = '{disclosure.name}'.")
        if real is None:
            return
    if real is None:
        raise InputError("names no screen", where="vcassay init", mend="name the file, or a form with --disclosure")
    if out.exists() and not force:
        raise InputError("exists", where=str(out), mend="name another file with -o, or overwrite it with --force")
    columns = {"perturbation": perturbation, "context": context, "batch": batch, "dose": dose, "time": time}
    given = {**columns, "layer": layer, "rows": rows, "readout": readout, "control": control or None}
    stated = {key: value for key, value in given.items() if value is not None}
    study = parse_study({"data": {"screen": str(real), **stated}}, "vcassay init")
    drafted = scaffold(real, pred or [], out, stated_design(study.data), drop_context or ())
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
