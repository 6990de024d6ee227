"""vcassay inspect: what is in a screen, how large its effects are, how reliable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json, progress
from vcassay.record.screen import ScreenRecord


def inspect_command(
    data: Annotated[
        Path, typer.Argument(metavar="SCREEN", help="a screen (.h5ad, .zarr), or a study.toml that names one")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="tcp://host:port of a dask scheduler (default: threads here)"
        ),
    ] = None,
) -> None:
    """Show what a screen holds: columns, conditions, controls, effect sizes, reliability."""
    from vcassay.run.stage1 import inspect_screen

    with progress(quiet=as_json) as report:
        screen, claims, related = inspect_screen(data, report, scheduler=scheduler)
    if as_json:
        listed = {
            p.regime.value: {
                "possible": p.possible,
                "share": p.share,
                "why": p.words,
                "limits": list(p.limits),
                "missing": p.missing,
            }
            for p in claims
        }
        known = [m.coverage() for m in related.coverage]
        print_json({**screen.model_dump(mode="json"), "claims": listed, "knowledge": known})
        return
    print(f"{screen.name}: {screen.n_rows:,} rows ({screen.rows}, {screen.readout}) x {_features(screen)}")
    print(
        f"{screen.n_conditions} conditions: {screen.n_perturbations} perturbations in {screen.n_contexts} contexts, "
        f"{screen.n_control_rows:,} control rows, {screen.n_batches} batches"
    )
    print("columns: " + ", ".join(f"{ours} = '{theirs}'" for ours, theirs in screen.matched_columns.items()))
    print(f"controls: {screen.controls}")
    if screen.n_assessed:
        print(
            f"detectable effects: {screen.n_detectable} of {screen.n_assessed} "
            f"({screen.expected_false:.1f} expected by chance)"
        )
    else:
        print("detectable effects: not measurable here (too few control rows for pseudo-perturbations)")
    if screen.reliability is None:
        one = "one value a condition has no correlation of its own; assess scores halves across conditions"
        print(f"reliability: not measurable here ({one if screen.n_genes == 1 else 'no split halves'})")
    else:
        print(f"reliability: split halves correlate at {screen.reliability:.2f} on average")
    for stratum in screen.strata:
        r = "not measurable" if stratum.reliability is None else f"{stratum.reliability:.2f}"
        halves = "" if screen.n_genes == 1 else f", split-half correlation {r}"
        print(f"  {stratum.name:<10} {stratum.n:>6} conditions{halves}")
    for note in screen.notes:
        print(f"note: {note.sentence} ({note.reason})")
    for matched in related.coverage:
        print(f"knowledge: {matched.coverage()}")
    print("claims that a split of this screen could support, the strongest first:")
    for p in claims:
        print(f"  {p.word:<4} {p.regime}: {p.words}")
        for limit in p.limits:
            print(f"      limit: {limit}")
        if p.missing:
            print(f"      missing{' for a stronger claim' if p.possible else ''}: {p.missing}")


def _features(screen: ScreenRecord) -> str:
    """Number of features, called genes where they are."""
    if screen.readout == "scalar":
        return "one value"
    return f"{screen.n_genes:,} {'genes' if screen.readout in ('counts', 'lognorm') else 'features'}"
