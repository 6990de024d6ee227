"""vcassay claim: what a score can and cannot support, in seconds, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vcassay.cli.baseline_text import legal_text
from vcassay.cli.console import print_json
from vcassay.cli.given import Given, one_source, takes_given


@takes_given
def claim_command(
    given: Given,
    study: Annotated[
        Path | None,
        typer.Argument(metavar="STUDY", help="a study.toml, unless --protocol, --table or --split is given"),
    ] = None,
    protocol: Annotated[
        str | None,
        typer.Option("--protocol", metavar="NAME", help="a published split, as `vcassay list protocols` names it"),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="draw it: .svg (the split) or .html (all of it)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the claim as JSON")] = False,
) -> None:
    """Say what a score can and cannot support: of a study, a published protocol, a table of roles, or a split alone."""
    one_source("claim", {"a study.toml": study, "--protocol": protocol, "--table": given.table, "--split": given.split})
    conditions = None
    if protocol is not None:
        from vcassay.run.published import claim_of_protocol

        data = claim_of_protocol(protocol)
    else:
        from vcassay.run.published import claim_object
        from vcassay.run.tables import roles_table

        if study is not None:
            from vcassay.run.stage1 import claim_of

            found = claim_of(study)
        else:
            found, _ = given.claim()
        data, conditions = claim_object(found), roles_table(found.split)
        if study is None:
            data = {"table": str(given.source()), **data}
    if picture is not None:
        from vcassay.report.claim_page import write_picture

        write_picture(picture, data, conditions)
    if as_json:
        print_json(data)
    else:
        print_claim(data)
        if picture is not None:
            print(f"\nDrawn in {picture}.")


def print_claim(data: dict[str, Any]) -> None:
    """Print a claim for people."""
    if "title" in data:
        print(f"{data['title']} on {data['dataset']} ({data['source']}; {data['note']})\n{data['definition']}\n")
    print(data["sentence"])
    declared = f" (declared: {data['declared']})" if data.get("declared") else ""
    print(f"Regime: {data['regime'] or 'none'}{declared}")
    if data.get("counts"):
        counts = dict(data["counts"])
        both = f" ({counts.pop('n_both'):,} of them with training rows too)" if counts.get("n_both") else ""
        words = [f"{n:,} {k.removeprefix('n_')}" + both * (k == "n_test") for k, n in counts.items() if n]
        print("Conditions: " + ", ".join(words))
    if data.get("columns"):
        print("Columns: " + ", ".join(f"{ours} = '{theirs}'" for ours, theirs in data["columns"].items()))
    for sentence, reason in data.get("notes", ()):
        print(f"Note: {sentence}" + (f" ({reason})" if reason else ""))
    if len(data["novelty"]) > 1:
        print("\nTest conditions, by what is new about them:")
        for s in data["novelty"]:
            kind = f", {s['kind']}" if s["kind"] else ""
            word = f", labelled '{s['word']}'" if s["word"] else ""
            n = f"{s['n']:,} ({s['share']:.0%})" if s["n"] is not None else f"{s['share']:.0%}"
            print(f"  - {n} {s['regime']}{kind}{word}: {s['sentence']}")
    for head, key in (("Supports", "supports"), ("Does not support", "does_not_support"), ("Scope", "scope")):
        if data.get(key):
            print(f"\n{head}:")
            print("\n".join(f"  - {s['sentence']} ({s['reason']})" for s in data[key]))
    if data.get("applications"):
        uses = sorted(data["applications"], key=lambda a: a["use"] != data.get("use"))
        print(f"\nFor {data['use']}:" if data.get("use") else "\nFor these uses:")
        for i, a in enumerate(uses):
            if i == 1 and data.get("use"):
                print("For other uses:")
            print(f"  - {a['use']}: {a['fit']} ({a['reason']})")
    if data.get("findings"):
        print("\nFound, or known of it:")
        print("\n".join(f"  - {f['status']} {f['title']}: {f['sentence']}" for f in data["findings"]))
    if data.get("knowledge"):
        print("\nKnown of the names:")
        for k in data["knowledge"]:
            missing = f"; not: {', '.join(k['missing'][:5])}" if k["missing"] else ""
            print(f"  - {k['resource']}: {k['found']:,} of {k['wanted']:,}{missing}")
    if data.get("legal_baselines"):
        print("\n" + legal_text(data["legal_baselines"]))
