"""vcassay split: make or read a study's split, and write it for vcassay or for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError

KINDS = ("manifest", "cell-load", "gears", "perturbench", "lists", "csv")


def split_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="study.toml")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="OUT", help="the file, or the folder of several")
    ] = None,
    write_as: Annotated[str, typer.Option("--as", metavar="KIND", help=f"{', '.join(KINDS)}")] = "manifest",
    folds: Annotated[int | None, typer.Option(metavar="N", help="write this many folds")] = None,
    repeats: Annotated[
        int | None, typer.Option(metavar="N", help="draw this many times, with seeds that follow on")
    ] = None,
    sweep: Annotated[
        list[float] | None, typer.Option(metavar="N", help="few-shot: a number of shots; may be repeated")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="draw it: .svg (the split) or .html (with its claim)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the counts as JSON")] = False,
) -> None:
    """Make the study's split and write it, once or as folds, repeats or a sweep over shots."""
    from vcassay.claim.formats import write_any
    from vcassay.run.stage1 import read_stage1
    from vcassay.run.tables import roles_table

    if sum(x is not None for x in (folds, repeats, sweep)) > 1:
        raise InputError("asks for several kinds of splits", where="vcassay split", mend="one of them at a time")
    if write_as not in KINDS:
        raise InputError(f"no kind of split file is called '{write_as}'", where="--as", mend=f"use {', '.join(KINDS)}")
    stage = read_stage1(study)
    suffix = {"manifest": ".json", "gears": ".json", "cell-load": ".toml", "lists": ""}.get(write_as, ".csv")
    if folds is None and repeats is None and not sweep:
        splits: dict[Path, Any] = {out or Path(f"split{suffix}"): stage.split}
    else:
        from vcassay.run.series import split_series

        folder = out or Path("splits")
        folder.mkdir(parents=True, exist_ok=True)
        made = split_series(stage, folds=folds, repeats=repeats, sweep=sweep)
        splits = {folder / f"{name}{suffix}": split for name, split in made.items()}
    rows = []
    for path, split in splits.items():
        write_any(split, path, as_=write_as, screen=stage.screen)
        counts = {role: int((split.roles == role).sum()) for role in ("train", "val", "test", "excluded")}
        rows.append({"file": str(path), "sha256": split.conditions.sha256(), **counts})
    if picture is not None:
        from vcassay.report.claim_page import write_picture
        from vcassay.run.published import claim_object

        write_picture(picture, claim_object(stage.claim()), roles_table(stage.split))
    if as_json:
        print_json(rows[0] if len(rows) == 1 else rows)
        return
    for row in rows:
        words = ", ".join(f"{row[k]:,} {k}" for k in ("train", "val", "test", "excluded") if row[k])
        print(f"{row['file']}: {words} of {len(stage.split.conditions):,} conditions of {stage.screen.name}.")
    for key, n in stage.split.meta.items():
        if isinstance(n, int) and n and key in ("without a group", "of several groups"):
            print(f"{n:,} conditions {key} were excluded.")
    if picture is not None:
        print(f"Drawn in {picture}.")
