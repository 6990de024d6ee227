"""Study: a small simulated study on which a check can be called as an assessment calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from vcassay.claim import Claim, Related, Split, find_related, make_claim
from vcassay.core import Conditions, Finding, Regime
from vcassay.core.registry import call
from vcassay.effects import Effects, measure
from vcassay.evidence.leakage import CHECKS
from vcassay.knowledge import Knowledge
from vcassay.prediction import Answer, Disclosure, Materials, Prediction, match_prediction
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.demo import hold_out

SMALL: Mapping[str, Any] = {
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
"""Settings of a simulation that takes a tenth of a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A simulated screen, its split and its effects, with what is handed in beside them."""

    simulation: Simulation
    split: Split
    effects: Effects
    knowledge: Knowledge = field(default_factory=Knowledge)

    @property
    def related(self) -> Related:
        """Kin by what is handed in."""
        return find_related(self.split.conditions, self.knowledge)

    @property
    def claim(self) -> Claim:
        """The claim of the split."""
        return make_claim(self.split, related=self.related, batches=self.simulation.screen.batches)

    @property
    def wanted(self) -> Conditions:
        """Test conditions."""
        return self.effects.conditions.take(self.split.test)

    def answer(self, prediction: Prediction) -> Answer:
        """Bring a prediction to the test conditions."""
        return match_prediction(prediction, self.effects, self.split.test)

    def run(self, check: str, **given: Any) -> Finding:
        """Call a check; what it asks for and is not given comes from the study."""
        return run_check(
            check,
            **{
                "screen": self.simulation.screen,
                "design": self.simulation.screen.design,
                "conditions": self.effects.conditions,
                "split": self.split,
                "claim": self.claim,
                "effects": self.effects,
                "knowledge": self.knowledge,
            }
            | given,
        )


def run_check(check: str, **given: Any) -> Finding:
    """Call a check by argument name, as an assessment does."""
    answer = given.get("answer")
    own = {
        "disclosure": Disclosure() if answer is None else answer.disclosure,
        "materials": Materials() if answer is None else answer.materials,
        "rng": np.random.default_rng(3),
    }
    found = call(CHECKS[check], own | given)
    return found if isinstance(found, Finding) else next(f for f in found if f.check == check)


def run_tables(check: str, split: Split, knowledge: Knowledge | None = None, **given: Any) -> Finding:
    """Call a check that needs the tables alone."""
    known = knowledge or Knowledge()
    expect: Regime | None = given.pop("declared", None)
    claim = make_claim(split, declared=expect, related=find_related(split.conditions, known))
    tables = {"conditions": split.conditions, "split": split, "claim": claim, "knowledge": known}
    return run_check(check, **tables | given)


def assemble(simulation: Simulation, seed: int, split: Split | None = None, **more: Any) -> Study:
    """Measure a simulation under a split; half of the contexts are held out if none is given."""
    conditions = simulation.screen.conditions
    contexts = np.unique(conditions.context)
    split = split or hold_out(conditions, tuple(contexts[len(contexts) // 2 :].tolist()))
    effects = measure(simulation.screen, train=split.train, test_shards=split.test_shards, seed=seed)
    return Study(simulation, split, effects, **more)


@lru_cache(maxsize=64)
def simulated(seed: int, **settings: Any) -> Study:
    """A clean study of a small screen; settings are those of `SimulationPlan`."""
    return assemble(simulate_screen(SimulationPlan(**{**SMALL, **settings}), seed=seed), seed)
