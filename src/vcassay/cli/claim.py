"""vcassay split and claim: stage 1 alone, in seconds, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcassay.cli.console import print_json


def split_command(
    study: Annotated[Path, typer.Argument(help="study.toml")],
    out: Annotated[Path, typer.Option("--out", "-o", help="the manifest to write")] = Path("split.json"),
    as_json: Annotated[bool, typer.Option("--json", help="print the counts as JSON")] = False,
) -> None:
    """Make the study's split and write its manifest."""
    from vcassay.claim import write_split
    from vcassay.run.stage1 import split_of

    split, screen = split_of(study)
    write_split(split, out)
    counts = {role: int((split.roles == role).sum()) for role in ("train", "val", "test", "excluded")}
    if as_json:
        print_json({"file": str(out), "sha256": split.conditions.sha256(), **counts})
        return
    words = ", ".join(f"{n} {role}" for role, n in counts.items() if n)
    print(f"{out}: {words} of {len(split.conditions)} conditions of {screen.name}.")


def claim_command(
    study: Annotated[Path, typer.Argument(help="study.toml")],
    as_json: Annotated[bool, typer.Option("--json", help="print the claim as JSON")] = False,
) -> None:
    """Say what a score on the study's split can and cannot support."""
    from vcassay.run.stage1 import claim_of

    record = claim_of(study)
    if as_json:
        print_json(record.model_dump(mode="json"))
        return
    print(record.sentence)
    print(f"Regime: {record.regime}" + (f" (declared: {record.declared})" if record.declared else ""))
    for head, sentences in (
        ("Supports", record.supports),
        ("Does not support", record.does_not_support),
        ("Scope", record.scope),
    ):
        if sentences:
            print(f"\n{head}:")
            print("\n".join(f"  - {s.sentence} ({s.reason})" for s in sentences))
    print("\nFor these uses:")
    print("\n".join(f"  - {a.use}: {a.fit} ({a.reason})" for a in record.applications))
