"""vcassay review --new: ask for what a publication reports, and write a card."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import typer

from vcassay.cli.asking import Asker, Stopped
from vcassay.core import InputError, Regime

DEFAULT = Path("card.toml")
INTERRUPTED = 130
KNOWN = {"read": "high", "second-hand": "medium", "recalled": "low", "inferred": "medium"}
"""How facts are known, and the confidence that is proposed for it."""
INTRODUCTION = """A card says what a publication reports; it judges nothing. Leave an answer empty where nothing is
said: what is not reported becomes a question to the authors. '?' shows what may be answered, Ctrl-C keeps what was
answered.
"""


def write_new(paths: Sequence[Path]) -> None:
    """Ask for the facts and write the card.

    Raises
    ------
    InputError
        If the file exists, several are named, or an answer that a card cannot do without is missing.
    """
    from vcassay.run.review import parse_card

    if len(paths) > 1:
        raise InputError("names several files", where="vcassay review --new", mend="name one file to write")
    target = paths[0] if paths else DEFAULT
    if target.exists():
        raise InputError("exists", where=str(target), mend="name another file: a card is never overwritten")
    asker = Asker(sys.stdin, sys.stdout)
    data: dict[str, Any] = {}
    asker.tell(INTRODUCTION)
    try:
        _ask_all(asker, data)
    except Stopped as error:
        raise InputError(
            error.what, where="vcassay review --new", mend="answer it: a card cannot do without"
        ) from error
    except KeyboardInterrupt:
        _keep(target, data)
        raise typer.Exit(INTERRUPTED) from None
    parse_card(data, str(target))
    _write(target, data)
    asker.tell(f"Wrote {target}. Review it with `vcassay review {target}`.")


def _write(target: Path, data: dict[str, Any]) -> None:
    from vcassay.record.writer import AssessmentWriter
    from vcassay.run.card_writer import write_toml

    AssessmentWriter(target.parent).text(target.name, write_toml(data))


def _keep(target: Path, data: dict[str, Any]) -> None:
    """Write what was answered before an interruption, where it is a card; the entry that was being made is left out."""
    from vcassay.run.review import parse_card

    asked = dict(data)
    for drop in ("", "benchmark", "leakage", "diagnostic"):
        if drop and asked.get(drop):
            asked[drop] = asked[drop][:-1]
        try:
            parse_card(asked, str(target))
        except InputError:
            continue
        _write(target, asked)
        print(f"\nStopped; what was answered is in {target}.", file=sys.stderr)
        return
    print("\nStopped; too little was answered for a card, and nothing was written.", file=sys.stderr)


def _ask_all(asker: Asker, data: dict[str, Any]) -> None:
    """Fill in the card's data, section by section."""
    from vcassay.claim import USES

    data["schema"] = "vcassay.card/1"
    data["name"] = asker.text("Name of the model", required=True)
    claim: dict[str, Any] = {"text": asker.text("What does the publication say that it can do?", required=True)}
    data |= {"evidence": "read", "confidence": "high", "claim": claim}
    data["evidence"] = asker.choice("How do you know what you will answer?", KNOWN, "read")
    confidence = KNOWN[data["evidence"]]
    data["confidence"] = asker.choice("How far is the card to be trusted?", ("high", "medium", "low"), confidence)
    use = asker.choice("What is a reader meant to use it for?", USES, "")
    claim |= {"use": use} if use else {}
    _publication(asker, data)
    _given(asker, data)
    while asker.yes("Describe a benchmark (one data set with one split)?" if "benchmark" not in data else "Another?"):
        data.setdefault("benchmark", []).append({})
        _benchmark(asker, data["benchmark"][-1])
    _leaks(asker, data)
    _biology(asker, data)


def _publication(asker: Asker, data: dict[str, Any]) -> None:
    where = asker.text("DOI or address of the publication")
    year = asker.number("Year", whole=True, between=(1990, 2100))
    told = {"where": where or None, "year": year}
    if any(v is not None for v in told.values()):
        data["publication"] = told
    code = asker.text("Address of the code")
    if code:
        data["availability"] = {"code": code}


def _given(asker: Asker, data: dict[str, Any]) -> None:
    """What the model was given; ``none`` says that there was none."""
    given: dict[str, Any] = {}
    for key, what in (
        ("pretraining", "Data that it was pretrained on"),
        ("priors", "Prior features that it reads (GO, STRING, text embeddings, other screens)"),
        ("graphs", "Graphs of perturbations that it uses"),
    ):
        names = asker.names(f"{what}, with commas; 'none' if there were none")
        if names is not None:
            given[key] = names
    selection = asker.text("On what were its settings chosen (validation, test ...)?")
    if selection:
        given["selection"] = selection
    if given:
        data["disclosure"] = given


def _benchmark(asker: Asker, told: dict[str, Any]) -> None:
    from vcassay.claim.protocols import protocols
    from vcassay.record.card import Modality

    told["dataset"] = asker.names("Data set, or several with commas", required=True) or []
    protocol = asker.choice("Published split, if it is one", [p.name for p in protocols()], "")
    if protocol:
        told["protocol"] = protocol
    else:
        regime = asker.choice("What is new about the test conditions?", [str(r) for r in Regime], "")
        if regime:
            stratum = {"regime": regime, "contexts_test": asker.number("Number of test contexts", whole=True)}
            told["strata"] = [stratum | {"perturbations": asker.number("Number of test perturbations", whole=True)}]
        words = asker.text("The split in the publication's words")
        told |= {"split": words} if words else {}
        modality = asker.choice("Perturbed by", filter(None, get_args(Modality)), "")
        told |= {"modality": modality} if modality else {}
    told["metrics"] = asker.names("Metrics, with commas, as they are called") or []
    told["baselines"] = asker.names("Baselines and models beside it, with commas, as they are called") or []
    intervals = asker.choice("Intervals over", ("none", "seeds", "perturbations", "contexts"), "")
    told |= {"intervals": intervals} if intervals else {}
    while told["metrics"] and asker.yes("Give a number?" if "results" not in told else "Another number?"):
        told.setdefault("results", []).append(_result(asker, told["metrics"]))


def _result(asker: Asker, metrics: Sequence[str]) -> dict[str, Any]:
    metric = asker.choice("Metric", metrics, metrics[0])
    value = asker.number("The model's value", required=True)
    low, high = asker.number("Lower end of its interval"), asker.number("Upper end of its interval")
    baseline = asker.number("The best baseline's value")
    against = asker.text("Name of that baseline") if baseline is not None else ""
    ceiling = asker.number("What a replicate reaches")
    told = {"metric": metric, "value": value, "low": low, "high": high, "baseline": baseline, "ceiling": ceiling}
    return told | ({"against": against} if against else {})


def _leaks(asker: Asker, data: dict[str, Any]) -> None:
    from vcassay.evidence.leakage import CHECKS

    checks = {e.name: e.meta["title"] for e in CHECKS}
    states = ("disclosed", "found", "excluded")
    while asker.yes("Is anything known of leakage?" if "leakage" not in data else "Anything else of leakage?"):
        check = asker.choice("Check", checks, next(iter(checks)))
        status = asker.choice("Disclosed by the authors, found by others, or excluded?", states, "found")
        note: dict[str, Any] = {
            "check": check,
            "status": status,
            "sentence": asker.text("In a sentence", required=True),
        }
        if status != "excluded" and asker.yes("Does the headline result rest on it?"):
            note["grave"] = True
        data.setdefault("leakage", []).append(note)


def _biology(asker: Asker, data: dict[str, Any]) -> None:
    from vcassay.record.rooms import BIOLOGY_ROOMS

    shown = ("measured", "illustrated", "contradicted")
    while asker.yes("Is anything shown of biology?" if "diagnostic" not in data else "Anything else of biology?"):
        room = asker.choice("Of what", BIOLOGY_ROOMS, "dose")
        how = asker.choice("Measured beside a null, illustrated by examples, or contradicted?", shown, "illustrated")
        sentence = asker.text("In a sentence", required=True)
        data.setdefault("diagnostic", []).append({"room": room, "shown": how, "sentence": sentence})
