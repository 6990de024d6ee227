"""vcassay assess: both stages, to a directory with a report."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcassay.cli.console import print_json, progress

if TYPE_CHECKING:
    from vcassay.record import AssessmentRecord


def assess_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="study.toml (write one with `vcassay init`)")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="the assessment directory")] = Path(
        "assessment"
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="no tuning, fewer draws; the report is marked as quick")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="compute everything again, nothing from the cache")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdicts as JSON")] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="tcp://host:port of a dask scheduler (default: threads here)"
        ),
    ] = None,
) -> None:
    """Assess the models of a study: claim, leakage, baselines, metrics, biology, verdict."""
    record = run_assessment(study, out, quick=quick, fresh=fresh, as_json=as_json, scheduler=scheduler)
    raise typer.Exit(exit_status(record))


def run_assessment(
    study: Path, out: Path, *, quick: bool, fresh: bool, as_json: bool, scheduler: str | None = None
) -> AssessmentRecord:
    """Assess, render the report, and print what was found."""
    import shutil

    from vcassay.report import print_summary, write_report
    from vcassay.run.assess import assess

    if fresh and (out / "cache").is_dir():
        shutil.rmtree(out / "cache")
    with progress() as report:
        command = shlex.join(["vcassay", *sys.argv[1:]])
        record = assess(study, out, quick=quick, progress=report, command=command, scheduler=scheduler)
        report("rendering the report", 0, 0)
        write_report(out)
    if as_json:
        verdicts = [{"name": m.name, "verdict": m.verdict.model_dump() if m.verdict else None} for m in record.models]
        print_json({"study": record.study, "complete": record.complete, "models": verdicts, "out": str(out)})
    else:
        from rich.console import Console

        print_summary(record, Console(highlight=False), out)
    return record


LEVELS = ("supported", "split-limited", "diagnostic only", "not supported", "cannot tell")
"""From best to worst, for [require] level."""


def exit_status(record: AssessmentRecord) -> int:
    """0 done, 1 a verdict below what [require] asks, 3 something ended in ERROR."""
    if not record.complete:
        return 3
    wanted = record.require.get("level")
    if wanted is None:
        return 0
    reached = [m.verdict.level for m in record.models if m.verdict]
    return int(any(LEVELS.index(level) > LEVELS.index(str(wanted)) for level in reached))
