"""Controls that scoring and training share (L15, L15m), that a model saw (L16), or that are not of the batch."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from vcassay.claim import make_split
from vcassay.core import Finding
from vcassay.effects.measure import ALL
from vcassay.evidence.leakage.cells.inflation import training_mean
from vcassay.prediction import Prediction, declare
from vcassay.screen import CONTROL
from vcassay.simulate import SimulationPlan, simulate_screen
from vcassay.simulate.answers import honest
from vcassay.simulate.leaks import shared_controls
from vcassay.simulate.leaks.rebuild import subset
from vcassay.testing.leaks.study import SMALL, Study, assemble, simulated
from vcassay.testing.power import Case

SCARCE: dict[str, Any] = {
    "n_contexts": 2,
    "n_crispri": 24,
    "n_drugs": 0,
    "null_share": 1.0,
    "cells_per_condition": 40,
    "cells_spread": 0.0,
    "controls_per_batch": 20,
}
"""Nothing happens, and there are as many controls as cells of a condition."""


@lru_cache(maxsize=64)
def within_contexts(seed: int, **settings: Any) -> Study:
    """A study in which other perturbations of the same contexts are trained."""
    made = simulate_screen(SimulationPlan(**{**SMALL, **SCARCE, **settings}), seed=seed)
    split = make_split(made.screen.conditions, "gex", seed=seed, fraction=0.5)
    return assemble(made, seed, split)


def mean_on_all_controls(study: Study) -> Prediction:
    """The mean training effect of each context, taken against all controls, those kept for scoring among them."""
    effects, split = study.effects, study.split
    moved = effects.moments.control(ALL, ALL) - effects.control_train
    context = effects.conditions.context
    values = training_mean(effects, split)
    for c in np.unique(context[split.test]):
        mine = split.train[context[split.train] == c]
        values[context[split.test] == c] -= moved[mine].mean(axis=0)
    return Prediction("mean on all controls", study.wanted, effects.genes, values)


def _shared(seed: int, *, reserved: bool) -> Finding:
    study = within_contexts(seed)
    return study.run("L15", split=study.split if reserved else shared_controls(study.split))


def _mean(seed: int) -> Finding:
    study = within_contexts(seed)
    return study.run("L15m", answer=study.answer(mean_on_all_controls(study)), disclosure=declare(controls="all"))


def _honest(seed: int) -> Finding:
    """Many controls and strong effects: that a model saw all controls is no matter."""
    study = simulated(seed, controls_per_batch=400, effect_size=0.5)
    answer = study.answer(honest(study.simulation, study.wanted, np.random.default_rng(seed)))
    return study.run("L15m", answer=answer, disclosure=declare(controls="all"))


def _declares(seed: int, controls: str, *inputs: str) -> Finding:
    return simulated(seed).run("L16", disclosure=declare(controls=controls, inputs=inputs))


def _unmatched(seed: int, kept: int) -> Finding:
    """Keep some controls only of one batch of a test context."""
    study = simulated(seed)
    table = study.simulation.screen.table
    context = study.effects.conditions.context[study.split.test[0]]
    pool = [i for i, c in enumerate(table.pool_context) if c == context]
    at = np.flatnonzero((table.condition == CONTROL) & np.isin(table.pool, pool) & (table.batch == 1))
    keep = np.ones(len(table.condition), dtype=bool)
    keep[at[kept:]] = False
    return assemble(subset(study.simulation, keep), seed, study.split).run("batch_match")


def _in_context(found: Finding, seed: int) -> bool:
    study = simulated(seed)
    context = study.effects.conditions.context[study.split.test[0]]
    return all(str(row["condition"]).startswith(context) for row in found.evidence)


CASES = (
    Case(
        "L15",
        "no controls are kept for scoring",
        "nothing happens; as many controls as cells of a condition",
        lambda seed: _shared(seed, reserved=False),
        lambda seed: _shared(seed, reserved=True),
    ),
    Case(
        "L15m",
        "a mean of training effects taken against all controls",
        "nothing happens; as many controls as cells of a condition. Clean: an honest model, 20 times as many",
        _mean,
        _honest,
    ),
    Case(
        "L16",
        "a model that declares no controls reads their expression",
        "one input",
        lambda seed: _declares(seed, "none", "smiles", "control_expression"),
        lambda seed: _declares(seed, "training", "smiles", "control_expression"),
        lambda found, _: found.evidence[0] == {"input": "control_expression"},
    ),
    Case(
        "batch_match",
        "a batch of a test context has too few controls of its own",
        "7 controls; clean: 8",
        lambda seed: _unmatched(seed, 7),
        lambda seed: _unmatched(seed, 8),
        _in_context,
    ),
)
