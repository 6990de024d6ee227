"""vcassay review --new: ask for what a publication reports, and write a card."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import typer

from vcassay.cli.asking import Again, Asker, Stopped
from vcassay.core import InputError

DEFAULT = Path("card.toml")
INTERRUPTED = 130
KNOWN = {"read": "high", "second-hand": "medium", "recalled": "low", "inferred": "medium"}
"""How facts are known, and the confidence that is proposed for it."""
HEADER = """\
# What a publication reports, as facts: nothing here is judged. Review it with `vcassay review {name}`.
# Any table may say how its facts are known (evidence = "read", "second-hand", "recalled" or "inferred") and add a note.
# `vcassay review --schema` describes every key; names are those of `vcassay list` metrics, baselines, checks ...
"""
OPEN = {
    "publication": "title, venue, year, where (DOI or address)",
    "availability": "code, licence, weights",
    "disclosure": "inputs, pretraining, priors, graphs, genes, scaling, filters, selection, looks; [] is none",
    "benchmark": "[[benchmark]] with dataset, protocol or strata, metrics, baselines, results",
    "leakage": "[[leakage]] with check, status, sentence",
    "diagnostic": "[[diagnostic]] with room, shown, sentence",
}
"""Sections that a card may have, and what belongs there."""
TIERS = {
    "T0": "no change, or chance",
    "T1": "a mean",
    "T2": "an additive or linear model",
    "T3": "what a computational biologist would try: a forest, ridge or neighbours on prior features",
    "T4": "a replicate of the measurement",
    "model": "another complex model",
}
SPACES = {"delta": "changes from control", "raw": "expression itself", "scalar": "one number, such as viability"}
METRIC_KINDS = ("error", "correlation", "retrieval", "calls", "magnitude", "distribution", "classification")
REGIMES = {
    "random cells": "the same conditions were trained on, other cells are scored",
    "unseen dose": "the perturbation was seen in the same context at another dose",
    "unseen time": "it was seen in the same context at another time",
    "few-shot context": "the context was seen with some perturbations",
    "combination": "the combination is new, its parts may be seen",
    "GEX": "the gene is new, the context is not",
    "DEX": "the compound is new, the context is not",
    "cross-modality": "nothing was trained with this kind of perturbation",
    "CEX": "the context is new, the perturbation is not",
    "AEX": "both are new",
}
INTRODUCTION = """A card says what a publication reports; it judges nothing. Leave an answer empty where nothing is
said: what is not reported becomes a question to the authors. '?' explains a question, '<' goes back to the one
before, Ctrl-C keeps what was answered.
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
        while not _asked(asker, data):
            data.clear()
            asker.again()
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


def _asked(asker: Asker, data: dict[str, Any]) -> bool:
    """Ask for everything; false if the answerer goes back."""
    try:
        _ask_all(asker, data)
    except Again:
        return False
    return True


def _write(target: Path, data: dict[str, Any]) -> None:
    from vcassay.record.writer import AssessmentWriter
    from vcassay.run.card_writer import write_toml

    text = f"{HEADER.format(name=target.name)}\n{write_toml(data)}"
    open_ = [f"# {key}: {what}" for key, what in OPEN.items() if key not in data]
    text += (
        "\n".join(["", "# Not said yet; what the publication reports of it belongs here:", *open_, ""]) if open_ else ""
    )
    AssessmentWriter(target.parent).text(target.name, text)


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
    told = {key: value for key, value in told.items() if value is not None}
    if told:
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
    from vcassay.screen.datasets import datasets

    known = [d.name for d in datasets()]
    told["dataset"] = asker.names("Data set, or several with commas", required=True, known=known) or []
    protocol = asker.choice("Published split, if it is one", {p.name: p.title for p in protocols()}, "")
    if protocol:
        told["protocol"] = protocol
    else:
        regime = asker.choice("What is new about the test conditions?", REGIMES, "")
        if regime:
            stratum = {"regime": regime, "contexts_test": asker.number("Number of test contexts", whole=True)}
            told["strata"] = [stratum | {"perturbations": asker.number("Number of test perturbations", whole=True)}]
        words = asker.text("The split in the publication's words")
        told |= {"split": words} if words else {}
        modality = asker.choice("Perturbed by", filter(None, get_args(Modality)), "")
        told |= {"modality": modality} if modality else {}
    names = asker.names("Metrics, with commas, as they are called") or []
    told["metrics"] = [_metric(asker, name) for name in names]
    others = asker.names("Baselines and models beside it, with commas, as they are called") or []
    told["baselines"] = [_compared(asker, name) for name in others]
    intervals = asker.choice("Intervals over", ("none", "seeds", "perturbations", "contexts"), "")
    told |= {"intervals": intervals} if intervals else {}
    while names and asker.yes("Give a number?" if "results" not in told else "Another number?"):
        told.setdefault("results", []).append(_result(asker, names))


def _metric(asker: Asker, name: str) -> str | dict[str, Any]:
    """A metric, with what its name does not tell."""
    from vcassay.evidence.metrics.reported import recognise
    from vcassay.record.card import Measured

    known = recognise(Measured(name=name))
    kind = "" if known.kind else asker.choice(f"What kind of metric is '{name}'?", METRIC_KINDS, "")
    unclear = (known.kind or kind) in ("correlation", "error") and not known.space
    space = asker.choice(f"On what is '{name}' computed?", SPACES, "") if unclear else ""
    said = {key: value for key, value in (("kind", kind), ("space", space)) if value}
    return {"name": name, **said} if said else name


def _compared(asker: Asker, name: str) -> str | dict[str, Any]:
    """A comparison, with what it is where its name does not tell."""
    from vcassay.evidence.baselines.reported import recognise
    from vcassay.record.card import Compared

    tier = "" if recognise(Compared(name=name)).tier else asker.choice(f"What is '{name}'?", TIERS, "")
    return {"name": name, "tier": tier} if tier else name


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
