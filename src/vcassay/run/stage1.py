"""Stage 1 alone: the screen, its split and its claim, without any model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from vcassay.claim import Role, Split, make_claim, make_split
from vcassay.core import InputError
from vcassay.effects import accumulate, measure
from vcassay.record.claim import ClaimRecord
from vcassay.record.screen import ScreenRecord
from vcassay.run.describe import describe_screen
from vcassay.run.inputs import find_split, find_target_sum, load_knowledge, load_predictions, load_screen
from vcassay.run.study import DataSection, Study, naming, read_study
from vcassay.screen import Screen


def split_of(path: Path) -> tuple[Split, Screen]:
    """Make or read a study's split; predictions are read only where the split follows from them."""
    split, screen, _ = _read(path)
    return split, screen


def claim_of(path: Path) -> ClaimRecord:
    """Work out the claim of a study's split, from the tables alone."""
    split, _, study = _read(path)
    section = study.claim
    return make_claim(split, text=section.text, use=section.use, declared=section.expect).record()


def _read(path: Path) -> tuple[Split, Screen, Study]:
    study, folder = read_study(path)
    with naming(path):
        return _read_parts(study, folder)


def _read_parts(study: Study, folder: Path) -> tuple[Split, Screen, Study]:
    screen = load_screen(study, folder)
    stated = study.split.file is not None or study.split.make is not None
    predictions = {} if stated else load_predictions(study, folder, screen.design)
    split = find_split(study, folder, screen.conditions, predictions, load_knowledge(study, folder))
    return split, screen, study


def inspect_screen(path: Path, progress: Callable[[str, int, int], None]) -> tuple[ScreenRecord, dict[str, str]]:
    """Measure a screen and say which claims it could support.

    Returns
    -------
    The description, and split name to what speaks for or against it.
    """
    if path.suffix == ".toml":
        study, folder = read_study(path)
    else:
        study, folder = Study(data=DataSection(screen=path.name)), path.parent
    progress("reading the screen", 0, 0)
    screen = load_screen(study, folder)
    depth, depth_from = find_target_sum(study, {})
    moments = accumulate(
        screen, seed=study.seed, target_sum=depth, progress=lambda a, b: progress("measuring effects", a, b)
    )
    effects = measure(screen, seed=study.seed, moments=moments)
    everything = Split(screen.conditions, np.full(len(screen.conditions), Role.TEST.value))
    claim = make_claim(everything)
    claims = {}
    for name in ("gex", "dex", "cex"):
        try:
            trial = make_claim(make_split(screen.conditions, name))
        except InputError as error:
            claims[name] = f"no: {error.what}"
            continue
        if {name, (trial.regime or "").lower()} == {"gex", "dex"}:
            continue  # the other of the two says the same
        record = trial.record()
        words = f"{record.regime}: {record.n_train} training and {record.n_test} test conditions at a quarter held out"
        limits = "; ".join(s.sentence.rstrip(".") for s in record.scope)
        claims[name] = words + (f" ({limits})" if limits else "")
    return describe_screen(screen, effects, claim, depth_from), claims
