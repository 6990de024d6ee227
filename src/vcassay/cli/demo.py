"""vcassay demo: simulate, assess four models, write the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.assess import run_assessment
from vcassay.cli.console import progress


def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="where to write it")] = Path("vcassay-demo"),
    small: Annotated[bool, typer.Option("--small", help="a smaller screen, a quick look: half a minute")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdicts as JSON")] = False,
) -> None:
    """Simulate a screen with planted truths, assess four models on it, write the report."""
    from vcassay.run.demo import write_demo

    with progress() as report:
        report("simulating a screen of known truth and four models", 0, 0)
        study = write_demo(out, small=small)
    run_assessment(study, out, quick=small, fresh=False, as_json=as_json)
    if not as_json:
        print(f"The inputs are beside the report: try `vcassay assess {study} -o my-assessment`.")
