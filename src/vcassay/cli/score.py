"""vcassay score: metrics alone, under a peer's names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError

INCOMPLETE = 3
"""Exit status when a metric crashed."""


def score_command(
    pred: Annotated[Path, typer.Argument(metavar="PRED", help="the predicted cells (.h5ad)")],
    real: Annotated[Path, typer.Argument(metavar="REAL", help="the measured cells (.h5ad)")],
    profile: Annotated[str, typer.Option("--profile", metavar="NAME", help="cell-eval, vcc2026 or scperteval")] = "",
    perturbation: Annotated[str | None, typer.Option(metavar="COLUMN", help="obs column of the perturbation")] = None,
    control: Annotated[list[str] | None, typer.Option(metavar="LABEL", help="control label; may be repeated")] = None,
    context: Annotated[str | None, typer.Option(metavar="COLUMN", help="obs column of the context")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="where scores.csv and summary.csv go")] = Path(
        "scores"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON")] = False,
) -> None:
    """Score predicted cells with the numbers that a published scorer gives.

    Columns that are not named are guessed. `vcassay list profiles` lists the metrics, `vcassay explain
    cell-eval:pearson_delta` says what one of them is.
    """
    if not profile:
        raise InputError(
            "no profile is named", where="vcassay score", mend="add --profile cell-eval, vcc2026 or scperteval"
        )
    from vcassay.run.score import score_files, write_scores

    scored = score_files(pred, real, profile, perturbation, control, context)
    paths = write_scores(out, scored)
    rows = scored.summary.to_dict("records")
    if as_json:
        summary = [{**row, "value": None if row["value"] != row["value"] else row["value"]} for row in rows]
        files = [str(path) for path in paths]
        print_json({"profile": profile, "columns": scored.columns, "notes": list(scored.notes), "summary": summary,
                    "files": files})  # fmt: skip
    else:
        width = max(len(str(row["metric"])) for row in rows)
        print(f"{scored.profile.title}; " + ", ".join(f"{k} = '{v}'" for k, v in scored.columns.items()))
        for row in rows:
            left_out = f", {row['n_undefined']} undefined" if row["n_undefined"] else ""
            value = "undefined" if row["value"] != row["value"] else f"{row['value']:.4g}"
            print(f"  {row['metric']:<{width}}  {value:>10}  ({row['n']} scored{left_out})")
        for note in scored.notes:
            print(f"note: {note}")
        print(f"Wrote {paths[0]} and {paths[1]}.")
    if scored.n_errors:
        raise typer.Exit(INCOMPLETE)
