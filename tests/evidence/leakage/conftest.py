"""Simulated studies with a held-out half of the contexts; no test changes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.claim import Claim, Split, make_claim
from vcassay.core import Finding
from vcassay.core.registry import call
from vcassay.effects import Effects, measure
from vcassay.evidence.leakage import CHECKS
from vcassay.prediction import Answer, Disclosure, Prediction, match_prediction
from vcassay.screen import Design, Screen, make_screen
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.demo import hold_out


@dataclass(frozen=True)
class Study:
    simulation: Simulation
    split: Split
    effects: Effects

    @property
    def claim(self) -> Claim:
        return make_claim(self.split)

    @property
    def wanted(self):
        return self.effects.conditions.take(self.split.test)

    def answer(self, prediction: Prediction) -> Answer:
        return match_prediction(prediction, self.effects, self.split.test)

    def run(self, check: str, **given) -> Finding:
        """Call a check as the assessment does: by argument name."""
        answer = given.get("answer")
        provided = {
            "screen": self.simulation.screen,
            "design": self.simulation.screen.design,
            "conditions": self.effects.conditions,
            "split": self.split,
            "claim": self.claim,
            "effects": self.effects,
            "disclosure": Disclosure() if answer is None else answer.disclosure,
            "rng": np.random.default_rng(3),
        }
        return call(CHECKS[check], provided | given)


def assemble(simulation: Simulation, seed: int, split: Split | None = None) -> Study:
    conditions = simulation.screen.conditions
    contexts = np.unique(conditions.context)
    split = split or hold_out(conditions, tuple(contexts[len(contexts) // 2 :].tolist()))
    return Study(simulation, split, measure(simulation.screen, train=split.train, seed=seed))


@pytest.fixture(scope="session")
def make_study() -> Callable[..., Study]:
    @cache
    def make(seed: int, **settings) -> Study:
        plan = {
            "n_genes": 120,
            "n_pathways": 6,
            "n_contexts": 4,
            "n_siblings": 0,
            "n_crispri": 10,
            "n_drugs": 4,
            "cells_per_condition": 32,
            "cells_spread": 0.4,
            "controls_per_batch": 40,
        }
        return assemble(simulate_screen(SimulationPlan(**plan | settings), seed=seed), seed)

    return make


@pytest.fixture(scope="session")
def assemble_study() -> Callable[..., Study]:
    return assemble


@pytest.fixture(scope="session")
def clean(make_study) -> list[Study]:
    """Ten studies without any leak."""
    return [make_study(seed) for seed in range(10)]


@pytest.fixture(scope="session")
def silent(make_study) -> list[Study]:
    """Ten thin studies in which no perturbation does anything."""
    settings = {"null_share": 1.0, "cells_per_condition": 20, "cells_spread": 0.6, "depth": 500.0}
    return [make_study(seed, **settings) for seed in range(10)]


@pytest.fixture(scope="session")
def build_screen() -> Callable[..., Screen]:
    """A screen from a matrix and its labels."""

    def build(matrix, perturbation, context="A", names=None, **design) -> Screen:
        n = matrix.shape[0]
        obs = pd.DataFrame(
            {
                "perturbation": np.broadcast_to(np.asarray(perturbation, dtype=object), n),
                "context": np.broadcast_to(np.asarray(context, dtype=object), n),
            },
            index=pd.Index([f"cell_{i}" for i in range(n)] if names is None else names),
        )
        if "batch" in design:
            obs["batch"] = design.pop("batch")
            design = {"batch": "batch", **design}
        genes = pd.DataFrame(index=pd.Index([f"g{i}" for i in range(matrix.shape[1])]))
        return make_screen(
            ad.AnnData(X=matrix, obs=obs, var=genes), Design("perturbation", context="context", **design)
        )

    return build
