"""vcassay split and claim: stage 1 alone, in seconds, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError


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
    study: Annotated[Path | None, typer.Argument(help="study.toml")] = None,
    protocol: Annotated[str | None, typer.Option("--protocol", help="a published split by name")] = None,
    table: Annotated[Path | None, typer.Option("--table", help="a table of conditions with a role column")] = None,
    role_column: Annotated[str, typer.Option("--role-column", help="the table's role column")] = "role",
    perturbation: Annotated[str | None, typer.Option("--perturbation", help="the table's column")] = None,
    context: Annotated[str | None, typer.Option("--context", help="the table's column")] = None,
    dose: Annotated[str | None, typer.Option("--dose", help="the table's column")] = None,
    time: Annotated[str | None, typer.Option("--time", help="the table's column")] = None,
    modality: Annotated[str | None, typer.Option("--modality", help="the table's column")] = None,
    expect: Annotated[str | None, typer.Option("--expect", help="the regime that the authors state")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the claim as JSON")] = False,
) -> None:
    """Say what a score can and cannot support: of a study, a published protocol, or a table of roles."""
    if sum(x is not None for x in (study, protocol, table)) != 1:
        mend = "give a study.toml, or --protocol NAME, or --table FILE"
        raise InputError("wants one thing to make a claim of", where="vcassay claim", mend=mend)
    if protocol is not None:
        from vcassay.run.published import claim_of_protocol

        data = claim_of_protocol(protocol)
    elif table is not None:
        from vcassay.run.published import claim_of_table

        fields = {"perturbation": perturbation, "context": context, "dose": dose, "time": time, "modality": modality}
        named = {field: column for field, column in fields.items() if column}
        data = claim_of_table(table, role_column, named, expect=_regime(expect))
    else:
        from vcassay.run.stage1 import claim_of

        data = claim_of(Path(str(study))).model_dump(mode="json")
    if as_json:
        print_json(data)
    else:
        _print(data)


def _regime(text: str | None) -> Any:
    from vcassay.core import Regime

    if text is None:
        return None
    try:
        return Regime(text)
    except ValueError as error:
        mend = f"use one of {', '.join(Regime)}"
        raise InputError(f"no regime is called '{text}'", where="--expect", mend=mend) from error


def _print(data: dict[str, Any]) -> None:
    if "title" in data:
        print(f"{data['title']} on {data['dataset']} ({data['source']}; {data['note']})\n{data['definition']}\n")
    print(data["sentence"])
    declared = f" (declared: {data['declared']})" if data.get("declared") else ""
    print(f"Regime: {data['regime']}{declared}")
    for head, key in (("Supports", "supports"), ("Does not support", "does_not_support"), ("Scope", "scope")):
        if data.get(key):
            print(f"\n{head}:")
            print("\n".join(f"  - {s['sentence']} ({s['reason']})" for s in data[key]))
    print("\nFor these uses:")
    print("\n".join(f"  - {a['use']}: {a['fit']} ({a['reason']})" for a in data["applications"]))
    if data.get("findings"):
        print("\nFound, or known of it:")
        print("\n".join(f"  - {f['status']} {f['title']}: {f['sentence']}" for f in data["findings"]))
    if data.get("legal_baselines"):
        legal = ", ".join(b["name"] for b in data["legal_baselines"] if b["legal"])
        print(f"\nLegal baselines: {legal}")
