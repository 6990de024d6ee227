"""Scaffold: a study.toml from a screen and predictions, with what must be answered left open."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vcassay.prediction import read_prediction
from vcassay.screen import make_screen
from vcassay.screen.design import Design
from vcassay.screen.files import open_file
from vcassay.screen.guess import guess_design


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was guessed and what is left to answer."""

    summary: str
    matched: dict[str, str]
    asked: tuple[str, ...]
    notes: tuple[str, ...]


def scaffold(real: Path, predictions: Sequence[Path], out: Path) -> Scaffold:
    """Guess the design of a screen, read the predictions, and write study.toml.

    Predicted conditions become the test set and the rest is assumed to be the training set, which
    the verdict will say; without predictions a split must be chosen.

    Raises
    ------
    InputError
        If the screen or a prediction cannot be read, or no column looks like the perturbation.
    """
    adata, handle = open_file(real, backed=False)
    if handle is not None:
        handle.close()
    guess = guess_design(adata, real)
    screen = make_screen(adata, guess.design, name=real.stem, path=real)
    read = [read_prediction(p, screen.design) for p in predictions]
    text = _study(real, predictions, out, guess.design)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(out)
    table = screen.conditions
    summary = (
        f"{screen.n_rows:,} rows ({screen.design.rows}, {screen.design.readout}) x {len(screen.genes):,} genes; "
        f"{len(table)} conditions in {len(set(table.context.tolist()))} contexts"
    )
    notes = [f"{s} ({r})" for s, r in (*guess.notes, *screen.notes)]
    for prediction in read:
        known = int((table.locate(prediction.conditions) >= 0).sum())
        notes.append(f"{prediction.name}: {len(prediction.conditions)} conditions, {known} of them in the screen")
    return Scaffold(summary, guess.matched, guess.asked, tuple(notes))


def _study(real: Path, predictions: Sequence[Path], out: Path, design: Design) -> str:
    base = out.resolve().parent
    lines = [
        "# Written by `vcassay init`: check the columns, fill in what is commented out, then `vcassay assess`.",
        'schema = "vcassay.study/1"',
        f"name = {_text(real.stem)}",
        "seed = 0",
        "",
        "[claim]",
        'text = ""            # what the model is said to do, in its authors\' words',
        '# use = "target-id"  # target-id, selectivity, screening, unseen-compound, moa, combination, dose-finding',
        '# expect = "CEX"     # the regime the authors state: GEX, DEX, CEX, AEX, few-shot context, random cells',
        "",
        "[data]",
        f"screen = {_text(_relative(real, base))}",
        f"rows = {_text(design.rows)}",
        f"readout = {_text(design.readout)}",
        f"perturbation = {_text(design.perturbation)}",
        f"control = [{', '.join(_text(c) for c in design.control)}]",
    ]
    for key in ("context", "batch", "dose", "time", "modality", "layer"):
        value = getattr(design, key)
        lines.append(f"{key} = {_text(value)}" if value else f'{key} = ""{"":<{10 - len(key)}}  # none found')
    if design.dose:
        lines.append(
            f"dose_unit = {_text(design.dose_unit)}" + ("" if design.dose_unit else "  # state it: uM, nM, ...")
        )
    if design.time:
        lines.append(f"time_unit = {_text(design.time_unit)}")
    if design.delimiter is not None:
        lines.append(f"delimiter = {_text(design.delimiter)}")
    if design.annotation:
        pairs = ", ".join(f"{ours} = {_text(theirs)}" for ours, theirs in design.annotation.items())
        lines.append(f"annotation = {{ {pairs} }}")
    lines += ["", "[split]"]
    if predictions:
        lines.append("predicted = true     # predicted conditions are test; the rest is assumed to be training")
        lines.append('# file = "split.json"  # better: the split that the models were trained on')
    else:
        make = "cex" if design.context else "gex"
        lines.append(f'make = "{make}"         # gex, dex, cex or random-cells; or file = "split.json"')
    lines += ["", "[knowledge]", '# features = ["features.csv"]  # prior features of the perturbations', ""]
    for path in predictions:
        lines += [
            "[[model]]",
            f"name = {_text(path.stem)}",
            f"predictions = {_text(_relative(path, base))}",
            '# space = "delta"        # delta, expression or counts: found out from the values when not stated',
            '# inputs = ["target_gene"]   # what the model was given; undeclared is UNKNOWN',
            "# pretraining = []       # corpora; an empty list declares that there was none",
            '# controls = "training"  # training, all or none: which control cells the model saw',
            '# selection = "validation"',
            "# looks = 1",
            "",
        ]
    if not predictions:
        lines += ["# one block a model:", "# [[model]]", '# name = "mine"', '# predictions = "predictions.h5ad"', ""]
        lines += ["# the ladder's own baselines can be assessed like a model:"]
        lines += ["[[model]]", 'name = "ridge, submitted"', 'baseline = "ridge"', ""]
    return "\n".join(lines)


def _relative(path: Path, base: Path) -> str:
    try:
        return str(path.resolve().relative_to(base))
    except ValueError:
        return str(path.resolve())


def _text(value: object) -> str:
    """Write a TOML basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(str(value), ensure_ascii=False)
