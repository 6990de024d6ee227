"""Batches that follow the split or the effect (L13), and replicate plates on both sides of it (L14)."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.claim import Split, make_claim, make_split
from vcassay.core import Finding
from vcassay.prediction import Answer
from vcassay.simulate import Simulation
from vcassay.simulate.leaks import batches_follow_effect, batches_follow_split, replicate_plates
from vcassay.testing.leaks.study import assemble, run_check, simulated
from vcassay.testing.power import Case

BY_MECHANISM: dict[str, Any] = {
    "n_batches": 4,
    "n_pathways": 4,
    "n_crispri": 40,
    "n_drugs": 0,
    "n_contexts": 1,
    "cells_per_condition": 40,
    "pathway_share": 0.9,
    "interaction_share": 0.0,
    "context_share": 0.0,
    "stress_share": 0.0,
}

LINES: dict[str, Any] = {"n_contexts": 12, "n_crispri": 3, "n_drugs": 0, "cells_per_condition": 16}


def _with_batches(check: str, simulation: Simulation, split: Split) -> Finding:
    claim = make_claim(split, batches=simulation.screen.batches)
    return run_check(check, conditions=split.conditions, split=split, claim=claim)


def _followed(seed: int, amount: float) -> Finding:
    study = simulated(seed, **LINES)
    made = study.simulation
    if amount:
        made = batches_follow_split(made, study.split, np.random.default_rng(seed), amount=amount)
    return _with_batches("L13", made, study.split)


def _by_mechanism(seed: int, planted: bool) -> Finding:  # noqa: FBT001 - what is planted
    study = simulated(seed, **BY_MECHANISM)
    split = make_split(study.split.conditions, "gex", seed=seed, fraction=0.5)
    study = assemble(batches_follow_effect(study.simulation) if planted else study.simulation, seed, split)
    rng, effects = np.random.default_rng(seed), study.effects
    batches = study.simulation.screen.batches
    share = np.array([[name in own for name in sorted({b for own in batches for b in own})] for own in batches]) * 1.0
    share /= share.sum(axis=1, keepdims=True)
    of_batch = share[split.train].T @ effects.delta_train[split.train] / share[split.train].sum(axis=0)[:, None]
    truth = study.simulation.truth.delta[split.test]
    values = {"batch_only": share[split.test] @ of_batch, "model": truth + rng.normal(0, truth.std(), truth.shape)}
    roles = {"batch_only": "probe", "model": "submission"}
    state, genes = np.full(len(split.test), "ok"), np.ones(truth.shape[1], dtype=bool)
    answers = {name: Answer(name, roles[name], v, state, genes) for name, v in values.items()}
    return study.run("L13m", answers=answers)


def _replicated(seed: int, amount: float) -> Finding:
    study = simulated(seed)
    split = study.split
    if amount:
        split = replicate_plates(split, study.simulation.screen.batches, np.random.default_rng(seed), amount=amount)
    return _with_batches("L14", study.simulation, split)


def _planted(found: Finding, seed: int) -> bool:
    study = simulated(seed)
    split = replicate_plates(study.split, study.simulation.screen.batches, np.random.default_rng(seed), amount=0.025)
    return [row["such as"] for row in found.evidence] == split.conditions.take(split.also_train).ids


CASES = (
    Case(
        "L13",
        "test cells kept in one batch, training cells in the other",
        "80 % of the conditions",
        lambda seed: _followed(seed, 0.8),
        lambda seed: _followed(seed, 0.0),
        lambda found, _: [row["batch"] for row in found.evidence] != [] and len(found.evidence) == 2,
    ),
    Case(
        "L13m",
        "each perturbation in the batch of those that act alike",
        "four batches",
        lambda seed: _by_mechanism(seed, planted=True),
        lambda seed: _by_mechanism(seed, planted=False),
    ),
    Case(
        "L14",
        "one plate of test conditions trained, the other tested",
        "1 of 44 conditions",
        lambda seed: _replicated(seed, 0.025),
        lambda seed: _replicated(seed, 0.0),
        _planted,
    ),
)
