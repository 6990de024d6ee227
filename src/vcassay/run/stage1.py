"""Stage 1 alone: the screen, its split and its claim, without any model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vcassay.claim import Claim, Exposure, Related, Role, Split, make_claim
from vcassay.claim.potential import Potential, potentials
from vcassay.effects import Effects, accumulate, measure
from vcassay.effects.cluster import accumulate_on
from vcassay.knowledge import Knowledge
from vcassay.prediction import Prediction
from vcassay.record.screen import ScreenRecord
from vcassay.run.describe import describe_screen
from vcassay.run.inputs import find_target_sum, load_predictions, load_screen
from vcassay.run.knowledge import load_essential, load_knowledge, relate
from vcassay.run.splits import WHERE_FROM, find_split
from vcassay.run.study import DataSection, Study, naming, read_study, stated_sources
from vcassay.screen import Screen


def split_of(path: Path) -> tuple[Split, Screen]:
    """Make or read a study's split; predictions are read only where the split follows from them."""
    stage = read_stage1(path)
    return stage.split, stage.screen


def claim_of(path: Path) -> Claim:
    """Work out the claim of a study's split, from the tables alone."""
    return read_stage1(path).claim()


@dataclass(frozen=True, slots=True, eq=False)
class Stage1:
    """What stage 1 reads of a study."""

    study: Study
    folder: Path
    screen: Screen
    knowledge: Knowledge
    related: Related
    split: Split

    def claim(self, effects: Effects | None = None, pretraining: str = "unknown", looks: int | None = None) -> Claim:
        """Work out the claim."""
        section = self.study.claim
        return make_claim(
            self.split,
            text=section.text,
            use=section.use,
            declared=section.expect,
            effects=effects,
            related=self.related,
            batches=self.screen.batches,
            cover=section.cover,
            essential=load_essential(self.study, self.folder),
            exposure=Exposure(pretraining, section.truth, section.public_since, looks, self.study.data.accessions),
        )


def read_stage1(path: Path) -> Stage1:
    """Read a study's screen, knowledge and split; predictions only where the split follows from them.

    Raises
    ------
    InputError
        If the study or one of its files is wrong.
    """
    study, folder = read_study(path)
    with naming(path):
        screen = load_screen(study, folder)
        stated = set(stated_sources(study.split)) & set(WHERE_FROM)
        predictions = {} if stated else load_predictions(study, folder, screen.design)
        return find_stage1(study, folder, screen, predictions)


def find_stage1(study: Study, folder: Path, screen: Screen, predictions: Mapping[str, Prediction]) -> Stage1:
    """Read the knowledge of a study, and make or read its split."""
    knowledge = load_knowledge(study, folder)
    related = relate(study, screen.conditions, knowledge)
    split, screen = find_split(study, folder, screen, predictions, knowledge, related)
    return Stage1(study, folder, screen, knowledge, related, split)


def inspect_screen(
    path: Path, progress: Callable[[str, int, int], None], *, scheduler: str | None = None
) -> tuple[ScreenRecord, tuple[Potential, ...], Related]:
    """Measure a screen and say which claims it could support.

    Returns
    -------
    The description, what each regime would hold or lack, and what perturbations and contexts were compared by.
    """
    if path.suffix == ".toml":
        study, folder = read_study(path)
    else:
        study, folder = Study(data=DataSection(screen=path.name)), path.parent
    progress("reading the screen", 0, 0)
    screen = load_screen(study, folder)
    depth, depth_from = find_target_sum(study, {})

    def report(done: int, total: int) -> None:
        progress("measuring effects", done, total)

    if scheduler is None:
        moments = accumulate(screen, seed=study.seed, target_sum=depth, progress=report)
    else:
        moments = accumulate_on(scheduler, screen, seed=study.seed, target_sum=depth, progress=report)
    effects = measure(screen, seed=study.seed, moments=moments)
    everything = Split(screen.conditions, np.full(len(screen.conditions), Role.TEST.value))
    claim = make_claim(everything)
    related = relate(study, screen.conditions, load_knowledge(study, folder))
    return describe_screen(screen, effects, claim, depth_from), potentials(screen.conditions, related, effects), related
