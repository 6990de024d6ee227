"""Simulated drug screens with a held-out half of the contexts; no test changes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from vcassay.claim import Split
from vcassay.effects import Effects, measure
from vcassay.prediction import Answer, Prediction, match_prediction
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.demo import hold_out


@dataclass(frozen=True)
class Study:
    simulation: Simulation
    split: Split
    effects: Effects

    @property
    def wanted(self):
        return self.effects.conditions.take(self.split.test)

    def answer(self, prediction: Prediction) -> Answer:
        return match_prediction(prediction, self.effects, self.split.test)


@pytest.fixture(scope="session")
def make_study() -> Callable[..., Study]:
    @cache
    def make(seed: int, **settings) -> Study:
        plan = {
            "n_genes": 120,
            "n_pathways": 6,
            "n_contexts": 4,
            "n_siblings": 0,
            "n_crispri": 6,
            "n_drugs": 9,
            "null_share": 0.2,
            "cells_per_condition": 32,
            "controls_per_batch": 40,
        }
        simulation = simulate_screen(SimulationPlan(**plan | settings), seed=seed)
        conditions = simulation.screen.conditions
        contexts = np.unique(conditions.context)
        split = hold_out(conditions, tuple(contexts[len(contexts) // 2 :].tolist()))
        return Study(simulation, split, measure(simulation.screen, train=split.train, seed=seed))

    return make
