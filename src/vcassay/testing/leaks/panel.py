"""Scores that count the genes that were knocked down (L30)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from vcassay.core import Finding
from vcassay.effects import measure
from vcassay.simulate.answers import honest
from vcassay.testing.leaks.study import simulated
from vcassay.testing.power import Case

MANY: dict[str, Any] = {"n_crispri": 12, "n_drugs": 0}


def _panel(seed: int, *, keep: bool) -> Finding:
    study = simulated(seed, **MANY)
    if keep:
        effects = measure(study.simulation.screen, train=study.split.train, seed=seed, keep_targets=True)
        study = replace(study, effects=effects)
    return study.run("L30", answer=study.answer(honest(study.simulation, study.wanted, np.random.default_rng(seed))))


CASES = (
    Case(
        "L30",
        "the knocked-down genes are scored",
        "12 of 120 genes",
        partial(_panel, keep=True),
        partial(_panel, keep=False),
        lambda found, seed: all(row["target"] in row["condition"] for row in found.evidence) and bool(found.evidence),
    ),
)
