"""vcassay claim: what a score can and cannot support, in seconds, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vcassay.cli.baseline_text import legal_text
from vcassay.cli.console import print_json
from vcassay.core import InputError

Column = Annotated[str | None, typer.Option(help="the table's column")]
Words = Annotated[list[str] | None, typer.Option(help="a word of the role column; may be repeated")]
Files = Annotated[list[Path] | None, typer.Option(help="a file of prior knowledge; may be repeated")]


def claim_command(
    study: Annotated[Path | None, typer.Argument(help="study.toml")] = None,
    protocol: Annotated[str | None, typer.Option("--protocol", help="a published split by name")] = None,
    table: Annotated[
        Path | None, typer.Option("--table", help="conditions or cells with a role column: .csv, .parquet, .h5ad ...")
    ] = None,
    split: Annotated[
        Path | None, typer.Option("--split", help="a split that stands alone: manifest, GEARS lists, cell-load TOML")
    ] = None,
    role_column: Annotated[
        str | None, typer.Option("--role-column", help="the table's role column; found by its values if not named")
    ] = None,
    perturbation: Column = None,
    context: Column = None,
    dose: Column = None,
    time: Column = None,
    modality: Column = None,
    batch: Column = None,
    smiles: Column = None,
    target: Column = None,
    moa: Column = None,
    control: Annotated[list[str] | None, typer.Option(help="a label of controls; may be repeated")] = None,
    train: Words = None,
    val: Words = None,
    test: Words = None,
    compounds: Files = None,
    relations: Files = None,
    gene_sets: Files = None,
    genes: Annotated[Path | None, typer.Option(help="a gene table: symbols and aliases")] = None,
    cell_lines: Annotated[Path | None, typer.Option(help="cell lines with Cellosaurus's columns")] = None,
    siblings: Annotated[Path | None, typer.Option(help="pairs of related contexts")] = None,
    essential: Annotated[Path | None, typer.Option(help="a list of essential genes")] = None,
    tier: Annotated[str, typer.Option(help="kin of compounds: name, structure or target")] = "structure",
    kind: Annotated[
        str | None, typer.Option(help="what the perturbations are, where no column says: CRISPRi, drug, cytokine ...")
    ] = None,
    use: Annotated[str, typer.Option(help="what the result is wanted for")] = "",
    expect: Annotated[str | None, typer.Option("--expect", help="the regime that the authors state")] = None,
    cover: Annotated[float | None, typer.Option(help="share of the test conditions to cover (0.95)", max=1.0)] = None,
    pretraining: Annotated[str, typer.Option(help="yes, no or unknown")] = "unknown",
    truth: Annotated[str, typer.Option(help="public, private or unknown")] = "unknown",
    public_since: Annotated[str | None, typer.Option(help="day since which the truth is public")] = None,
    picture: Annotated[Path | None, typer.Option(help="draw it: .svg (the split) or .html (all of it)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the claim as JSON")] = False,
) -> None:
    """Say what a score can and cannot support: of a study, a published protocol, a table of roles, or a split alone."""
    if cover is not None and cover <= 0:
        raise InputError(f"{cover} is not a share", where="--cover", mend="use a number above 0, at most 1")
    sources = {"STUDY": study, "--protocol": protocol, "--table": table, "--split": split}
    if sum(x is not None for x in sources.values()) != 1:
        mend = "give a study.toml, or --protocol NAME, or --table FILE, or --split FILE"
        raise InputError("wants one thing to make a claim of", where="vcassay claim", mend=mend)
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
            from vcassay.cli.given import given_exposure, given_knowledge, given_regime, given_split, given_tier
            from vcassay.run.published import claim_of_split

            fields = {"perturbation": perturbation, "context": context, "dose": dose, "time": time}
            fields |= {"modality": modality, "batch": batch, "smiles": smiles, "target": target, "moa": moa}
            words = {"train_values": train, "val_values": val, "test_values": test}
            roles = given_split(table, split, role_column, fields, control, words, kind)
            known, listed = given_knowledge(compounds, relations, gene_sets, genes, cell_lines, siblings, essential)
            found = claim_of_split(
                roles,
                knowledge=known,
                essential=listed,
                declared=given_regime(expect),
                use=use,
                cover=cover,
                exposure=given_exposure(pretraining, truth, public_since),
                tier=given_tier(tier),
            )
        data, conditions = claim_object(found), roles_table(found.split)
        if table is not None or split is not None:
            data = {"table": str(table or split), **data}
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
