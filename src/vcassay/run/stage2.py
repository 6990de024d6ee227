"""Stage 2: gather the evidence of all four rooms, handing over what one needs of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim
from vcassay.claim.findings import claim_findings, pretraining
from vcassay.core import Score
from vcassay.effects import Effects
from vcassay.effects.classes import Classes
from vcassay.effects.crossed import Crossed
from vcassay.evidence.baselines import Rung
from vcassay.evidence.biology import DIAGNOSTICS
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.metrics import better_than_perfect
from vcassay.knowledge import Knowledge
from vcassay.prediction import Answer
from vcassay.record.evidence import BaselineRecord, FindingRecord
from vcassay.run.checks import by_severity, run_checks, stored
from vcassay.run.ladder import crashes
from vcassay.run.scoring import Scoring, Settings, score
from vcassay.screen import Screen


@dataclass(frozen=True, slots=True, eq=False)
class Stage2:
    """The evidence, as the record stores it."""

    scoring: Scoring
    findings: tuple[FindingRecord, ...]
    baselines: tuple[BaselineRecord, ...]


def gather(
    screen: Screen,
    effects: Effects,
    claim: Claim,
    knowledge: Knowledge,
    submissions: Mapping[str, Answer],
    rungs: list[Rung],
    full_mask: NDArray[np.bool_],
    settings: Settings,
    *,
    progress: Callable[[str], None],
    classes: Classes | None = None,
    crossed: tuple[Mapping[str, Crossed], Mapping[str, str]] = ({}, {}),
) -> Stage2:
    """Score every answer, compare, and run every check and diagnostic.

    Checks and diagnostics read a model's own predictions; its further seeds enter the scores alone.
    """
    scoring = score(
        screen,
        effects,
        claim,
        knowledge,
        submissions,
        rungs,
        full_mask,
        settings,
        progress=progress,
        classes=classes,
        crossed=crossed,
    )
    progress("looking for leakage")
    provided = {
        "screen": screen,
        "conditions": effects.conditions,
        "design": screen.design,
        "split": claim.split,
        "claim": claim,
        "effects": effects,
        "answers": scoring.answers,
        "knowledge": knowledge,
        "scores": scoring.scores,
    }
    findings = [*crashes(rungs), *claim_findings(claim)]
    findings += [pretraining(answer.disclosure.pretrained).about(name) for name, answer in submissions.items()]
    findings += run_checks(CHECKS, provided, submissions, settings.seed, "leakage")
    findings += [better_than_perfect(scoring.scores, scoring.reach.within, name) for name in submissions]
    findings += scoring.reach.findings
    progress("asking for biology")
    findings += run_checks(DIAGNOSTICS, provided, submissions, settings.seed, "biology")
    return Stage2(
        scoring=scoring,
        findings=tuple(stored(f) for f in by_severity(findings)),
        baselines=(*(rung.record for rung in rungs), _replicate_record(scoring.references)),
    )


def _replicate_record(references: tuple[Score, ...]) -> BaselineRecord:
    ran = any(s.value is not None for s in references)
    return BaselineRecord(
        name="replicate",
        title="independent replicate",
        tier="T4",
        kind="reference",
        summary="What an independent measurement of the same conditions scores; never ranked.",
        source="methods 4",
        reads=("test_effects",),
        legal=False,
        why="a reference: it reads the scored effects" if ran else "not measurable: split halves do not exist here",
        ran=ran,
        n_predicted=0,
    )
