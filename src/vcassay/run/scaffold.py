"""Scaffold: a study.toml from a screen and predictions, with what must be answered left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vcassay.claim import make_claim, make_split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.errors import first
from vcassay.prediction import Prediction, PredictionFormat, locate_conditions, read_prediction
from vcassay.prediction.table import npz_matrices
from vcassay.run.cache import whole
from vcassay.run.disclosure_form import HEAD, form_lines
from vcassay.run.resolved import toml_text
from vcassay.screen import Screen, make_screen
from vcassay.screen.design import Design, Rows
from vcassay.screen.guess import guess_design
from vcassay.screen.sources import find_files, open_files


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was guessed and what is left to answer."""

    summary: str
    matched: dict[str, str]
    asked: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Model:
    name: str
    path: Path
    array: str | None = None
    unplaced: bool = False


def scaffold(
    real: Path,
    predictions: Sequence[Path],
    out: Path,
    stated: Mapping[str, Any] | None = None,
    drop_contexts: Sequence[str] = (),
) -> Scaffold:
    """Guess the design of a screen, read the predictions, and write study.toml.

    Predicted conditions become the test set and the rest is assumed to be the training set, which
    the verdict will say; without predictions the first split that the screen allows is written.

    Parameters
    ----------
    stated
        Fields of the design that the user states (`vcassay.screen.guess_design`).
    drop_contexts
        Contexts whose rows take no part.

    Raises
    ------
    InputError
        If the screen or a prediction cannot be read, or no column looks like the perturbation.
    """
    opened = open_files(find_files(real), backed=False)
    with ExitStack() as stack:
        if opened.handle is not None:
            stack.callback(opened.handle.close)
        guess = guess_design(opened.adata, real, stated)
        screen = make_screen(opened.adata, guess.design, name=real.stem, path=real, drop_contexts=drop_contexts)
    table = screen.conditions
    asked = list(guess.asked)
    notes = [f"{s} ({r})" for s, r in (*opened.notes, *guess.notes, *screen.notes)]
    models, lost = _models(predictions), list[Prediction]()
    for model in models:
        prediction = read_prediction(
            model.path, screen.design, name=model.name, layout=PredictionFormat(array=model.array)
        )
        known = int((locate_conditions(prediction.conditions, table) >= 0).sum())
        taken = next((f"; {note}" for note in prediction.notes if note.startswith("space ")), "")
        counted = f"{len(prediction.conditions)} conditions, {known} of them in the screen"
        notes.append(f"{prediction.name}: {counted}{taken}")
        if known == len(table):
            notes.append(f"{prediction.name} answers for the whole screen: state the split that it was trained on")
        if not known:
            model.unplaced = True
            lost.append(prediction)
    asked += _questions(lost, table)
    text = _study(screen, real, models, out, guess.design, drop_contexts)
    with whole(out) as part:
        part.write_text(text, encoding="utf-8")
    summary = (
        f"{screen.n_rows:,} rows ({screen.design.rows}, {screen.design.readout}) x {len(screen.genes):,} genes; "
        f"{_count(len(table), 'condition')} in {_count(len(set(table.context.tolist())), 'context')}"
    )
    return Scaffold(summary, guess.matched, tuple(asked), tuple(notes))


def _questions(lost: Sequence[Prediction], table: Conditions) -> list[str]:
    """What predictions without any known condition raise: one question for all that lack a context."""
    contexts = sorted(set(table.context.tolist()))
    asked, nowhere = [], []
    for prediction in lost:
        if len(contexts) > 1 and not set(prediction.conditions.context.tolist()) & set(contexts):
            nowhere.append(f"'{prediction.name}'")
            continue
        have, want = prediction.conditions.ids[0], table.ids[0]
        asked.append(f"How do the labels of '{prediction.name}' ('{have}') read in the screen ('{want}')?")
    if nowhere:
        verb = "does" if len(nowhere) == 1 else "do"
        stated = f"context = '{contexts[0]}' in the [[model]] block"
        asked.append(f"Which context {verb} {first(nowhere, 20)} predict ({stated})?")
    return asked


def _study(
    screen: Screen,
    real: Path,
    models: Sequence[_Model],
    out: Path,
    design: Design,
    drop_contexts: Sequence[str],
) -> str:
    base = out.resolve().parent
    lines = [
        "# Written by `vcassay init`: check the columns, fill in what is commented out, then `vcassay assess`.",
        'schema = "vcassay.study/1"',
        f"name = {toml_text(real.stem)}",
        "seed = 0",
        "",
        "[claim]",
        'text = ""            # what the model is said to do, in its authors\' words',
        '# use = "target-id"  # target-id, selectivity, screening, unseen-compound, moa, combination, dose-finding',
        '# expect = "CEX"     # the regime the authors state: GEX, DEX, CEX, AEX, few-shot context, random cells',
        "",
        "[data]",
        f"screen = {toml_text(_relative(real, base))}",
        '# accessions = ["GSE0"]  # under what it is deposited, and its usual name: compared with pretraining corpora',
        *_columns(design),
    ]
    if drop_contexts:
        lines.append(f"drop_contexts = [{', '.join(toml_text(c) for c in drop_contexts)}]")
    lines += ["", "[split]", *_split(screen, models)]
    lines += ["", "[knowledge]", *_knowledge(), ""]
    for model in models:
        lines += ["[[model]]", f"name = {toml_text(model.name)}"]
        lines.append(f"predictions = {toml_text(_relative(model.path, base))}")
        if model.array is not None:
            lines.append(f"array = {toml_text(model.array)}")
        if model.unplaced:
            lines.append('# context = ""           # the context that it predicts')
        lines += [
            '# space = "delta"        # delta, expression or counts: found out from the values when not stated',
            '# embeddings = "embeddings.csv"      # where it places perturbations or conditions: a row each',
            '# attributions = "attributions.csv"  # how much each gene counts for its answers',
            '# disclosure = "disclosure.toml"  # a form for its authors: `vcassay init --disclosure FILE`; or here:',
            "# [model.disclosure]",
            *HEAD,
            *form_lines(),
            "",
        ]
    if not models:
        lines += ["# one block a model:", "# [[model]]", '# name = "mine"', '# predictions = "predictions.h5ad"', ""]
        lines += ["# the ladder's own baselines can be assessed like a model:"]
        lines += ["[[model]]", 'name = "ridge, submitted"', 'baseline = "ridge"', ""]
    return "\n".join(lines)


def _columns(design: Design) -> list[str]:
    """The design, line by line; an empty text states that there is no such column."""
    lines = [
        f"rows = {toml_text(design.rows)}",
        f"readout = {toml_text(design.readout)}",
        f"perturbation = {toml_text(design.perturbation)}",
        f"control = [{', '.join(toml_text(c) for c in design.control)}]",
    ]
    for key in ("context", "batch", "dose", "time", "modality", "layer"):
        value = getattr(design, key)
        lines.append(f"{key} = {toml_text(value)}" if value else f'{key} = ""{"":<{10 - len(key)}}  # none found')
    if design.genes:
        lines.append(f"genes = {toml_text(design.genes)}  # column of var; var_names are Ensembl ids")
    if design.dose:
        unit = "" if design.dose_unit else "  # state it: uM, nM, ..."
        lines.append(f"dose_unit = {toml_text(design.dose_unit)}{unit}")
    if design.time:
        lines.append(f"time_unit = {toml_text(design.time_unit)}")
    joined = "" if design.delimiter is None else design.delimiter
    lines.append(f"delimiter = {toml_text(joined)}" + ("" if joined else "      # labels are never split"))
    if design.annotation:
        pairs = ", ".join(f"{ours} = {toml_text(theirs)}" for ours, theirs in design.annotation.items())
        lines.append(f"annotation = {{ {pairs} }}")
    return lines


def _knowledge() -> list[str]:
    """What may be handed in, commented out; ``kin = false`` where a whole resource would join most genes."""
    return [
        "# What baselines on prior features read; each entry a path, or a table with path, released, licence and more.",
        '# features = ["features.csv"]  # of perturbations, an id in the first column; kind = "response" if measured',
        '# context_features = ["contexts.csv"]  # of contexts',
        '# gene_sets = [{ path = "go.gaf.gz", ontology = "go-basic.obo", kin = false }]  # GO terms, pathways',
        '# relations = [{ path = "string.csv.gz", kin = false }]  # a network; or pairs that a split keeps together',
        '# compounds = ["compounds.csv"]  # SMILES, targets and mechanisms by name or id',
        '# genes = "hgnc.tsv"  # approved symbols with previous ones and aliases, to match names by',
        '# cell_lines = "cellosaurus.txt"  # names, descent, disease and tissue of contexts',
        '# expectations = "own.toml"  # which genes a class of perturbations moves, beside the table that is there',
    ]


def _split(screen: Screen, models: Sequence[_Model]) -> list[str]:
    if models:
        return [
            "predicted = true     # predicted conditions are test; the rest is assumed to be training",
            '# file = "split.json"  # better: the split that the models were trained on',
        ]
    make = _first_split(screen)
    words = 'gex, dex, cex or random-cells; or file = "split.json"'
    if make is None:
        return [f'# make = "gex"  # {words}: none of them leaves something to train and to test on here']
    return [f"make = {toml_text(make)}{'':<{12 - len(make)}}# {words}"]


def _first_split(screen: Screen) -> str | None:
    """The most telling split that the screen allows: unseen contexts, then unseen perturbations, then cells."""
    for make in ("cex", "gex", "random-cells"):
        if make == "random-cells" and screen.design.rows is Rows.EFFECTS:
            continue
        try:
            split = make_split(screen.conditions, make)
        except InputError:
            continue
        return "dex" if make == "gex" and make_claim(split).regime is Regime.DEX else make
    return None


def _models(paths: Sequence[Path]) -> list[_Model]:
    """One model a file, and one a matrix of an npz that holds several; files of one name are told apart."""
    stems = [path.stem for path in paths]
    models = []
    for stem, path in zip(stems, paths, strict=True):
        name = stem if stems.count(stem) == 1 else f"{path.resolve().parent.name}/{path.name}"
        arrays = npz_matrices(path) if path.suffix.lower() == ".npz" else []
        marked = [array for array in arrays if array.startswith("pred")]
        if len(arrays) < 2:
            models.append(_Model(name, path))
            continue
        models += [
            _Model(array.removeprefix("pred").lstrip("_-. ") or array, path, array) for array in marked or arrays
        ]
    names = [model.name for model in models]
    for model in models:
        if names.count(model.name) > 1:
            model.name = f"{model.name} ({model.path.stem})"
    return models


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _relative(path: Path, base: Path) -> str:
    try:
        return str(path.resolve().relative_to(base))
    except ValueError:
        return str(path.resolve())
