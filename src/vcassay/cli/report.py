"""vcassay report and verify: what a stored assessment says, and whether it, a seal or a ledger still holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError

if TYPE_CHECKING:
    from vcassay.record import AssessmentRecord

ASSESSMENT_HOLDS = "Every stored file has the hash of the manifest, and every verdict follows from the stored evidence."
COMPARISON_HOLDS = "Every assessment that was compared is the one that is named."
SEAL_HOLDS = "The seal opens: the split and every held-out row are those that were sealed."


def report_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a directory that `vcassay assess` wrote")],
    card: Annotated[
        Path | None,
        typer.Option(
            "--model-card", metavar="FILE", help="also write a model's card for Hugging Face to this new file"
        ),
    ] = None,
    model: Annotated[
        str, typer.Option("--model", metavar="NAME", help="the model of the card, where there are several")
    ] = "",
    source: Annotated[
        str, typer.Option("--source-url", metavar="URL", help="where the assessment can be read, for the card")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the written files as JSON")] = False,
) -> None:
    """Render the report again from what is stored, without computing anything."""
    from vcassay.record import read_assessment
    from vcassay.report import print_summary, write_report

    record = read_assessment(folder)
    written = [] if card is None else [_write_card(folder, record, card, model, source)]
    if card is None and (model or source):
        raise InputError("says of which card?", where="--model" if model else "--source-url", mend="add --model-card")
    files = [*write_report(folder), *written]
    if as_json:
        print_json({"files": [str(f) for f in files]})
        return
    from rich.console import Console

    print_summary(record, Console(highlight=False), folder)


def _write_card(folder: Path, record: AssessmentRecord, card: Path, model: str, source: str) -> Path:
    """Write a model's card, never over a file that is there."""
    from vcassay.record import AssessmentWriter, read_manifest
    from vcassay.report.card import model_card

    if card.exists():
        raise InputError("is there already", where=str(card), mend="name a new file, and copy what you need from it")
    text = model_card(record, read_manifest(folder), model, source)
    return AssessmentWriter(card.parent).text(card.name, text)


def verify_command(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="an assessment directory, a comparison (.json), a seal.json, or a ledger of looks (.jsonl)",
        ),
    ],
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="the key of the seal")] = None,
    study: Annotated[
        Path | None, typer.Option("--study", metavar="FILE", help="the study.toml that was sealed")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False,
) -> None:
    """Check hashes and derive again what follows from stored evidence: of an assessment, comparison, seal or ledger."""
    kind = _kind(path) if path.is_file() else "assessment"
    data: dict[str, Any] = {}
    if kind == "seal":
        if key is None or study is None:
            mend = "add --key KEY.json --study study.toml"
            raise InputError("is a seal, which its key and its study open", where=str(path), mend=mend)
        from vcassay.run.seal import open_seal

        problems, good = open_seal(path, key, study), SEAL_HOLDS
    elif key is not None or study is not None:
        raise InputError("is no seal", where=str(path), mend="leave out --key and --study, or name a seal.json")
    elif kind == "ledger":
        problems, good, data = _follow(path)
    else:
        from vcassay.run.verify import verify_assessment, verify_comparison

        found = verify_comparison(path) if kind == "comparison" else verify_assessment(path)
        problems = list(found.problems)
        good = COMPARISON_HOLDS if kind == "comparison" else ASSESSMENT_HOLDS
        good = f"{good}\n{found.derived}" if found.derived else good
    if as_json:
        print_json({"verified": not problems, "problems": problems, **data})
    else:
        print("\n".join(f"vcassay: {p}" for p in problems) if problems else good)
    raise typer.Exit(1 if problems else 0)


def _kind(path: Path) -> str:
    """``seal``, ``comparison`` or ``ledger``, by the schema that the file, or its first line, names."""
    import json

    with path.open("rb") as handle:
        text = handle.read(1 << 16).decode("utf-8", errors="replace")
    if text.startswith('{\n "schema": "vcassay.comparison/'):
        return "comparison"
    for part in (text, text.partition("\n")[0]):
        try:
            data = json.loads(part)
        except ValueError:
            continue
        schema = str(data.get("schema")) if isinstance(data, dict) else ""
        if schema.startswith("vcassay.seal/"):
            return "seal"
        if schema.startswith("vcassay.look/"):
            return "ledger"
    if path.suffix == ".jsonl":
        return "ledger"
    mend = "name a directory that `vcassay assess` wrote, a comparison, a seal.json, or a ledger of looks (.jsonl)"
    raise InputError("is no comparison, no seal and no ledger", where=str(path), mend=mend)


def _follow(path: Path) -> tuple[list[str], str, dict[str, Any]]:
    """Problems of a ledger, and in words and as data how often each test set was looked at."""
    from vcassay.run.ledger import check_ledger

    ledger, found = check_ledger(path)
    problems = [f"{path}, line {number}: {what}." for number, what in found]
    if problems:
        return problems, "", {}
    words, counts = [], {}
    for test_set in ledger.test_sets:
        of = ledger.of(test_set)
        counts[test_set] = {"looks": of.n_looks, "predictions": of.n_predictions, "models": of.n_models}
        words.append(
            f"Test set {test_set[:12]}: {of.n_looks} looks, {of.n_predictions} distinct predictions files, "
            f"{of.n_models} names of models."
        )
    words.append(f"No line was edited, taken out or moved. Hash of the last line: {ledger.head}")
    return [], "\n".join(words), {"head": ledger.head, "test_sets": counts}
