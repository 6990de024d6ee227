"""Tasks made by hand, so that what a baseline ought to answer is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from vcassay.claim import make_claim, make_split
from vcassay.core import Conditions, Regime
from vcassay.effects import measure
from vcassay.evidence.baselines import BASELINES, Task, make_task
from vcassay.evidence.baselines.prior import coexpression, label_features
from vcassay.knowledge import Features, Knowledge
from vcassay.simulate import SimulationPlan, simulate_screen

Key = tuple[str, str] | tuple[str, str, float]


def conditions_of(keys: Sequence[Key], annotation: Mapping[str, Mapping[str, str]] | None = None) -> Conditions:
    """Conditions of (context, ``A`` or ``A+B``[, dose]); annotation by perturbation."""
    parts = [k[1].split("+") for k in keys]
    columns = {name: [of.get(k[1], "") for k in keys] for name, of in (annotation or {}).items()}
    return Conditions.make(
        [k[0] for k in keys], parts, [k[2] if len(k) > 2 else np.nan for k in keys], None, None, columns
    )


def task_of(
    train: Mapping[Key, np.ndarray],
    wanted: Sequence[Key],
    *,
    regime: Regime = Regime.GEX,
    genes: Sequence[str] | None = None,
    controls: Mapping[str, np.ndarray] | None = None,
    embedding: np.ndarray | None = None,
    features: tuple[Features, ...] = (),
    weights: Mapping[Key, float] | None = None,
    annotation: Mapping[str, Mapping[str, str]] | None = None,
    seed: int = 0,
    relatives: Mapping[str, tuple[str, ...]] | None = None,
    siblings: Mapping[str, tuple[str, ...]] | None = None,
) -> Task:
    """A task of learning from (condition to effect) and answering for others."""
    table = conditions_of(list(train), annotation)
    place = {key: i for i, key in enumerate(table.keys)}
    order = [place[conditions_of([k]).keys[0]] for k in train]
    effects, weight = np.empty((len(train), len(next(iter(train.values()))))), np.ones(len(train))
    for at, (key, effect) in zip(order, train.items(), strict=True):
        effects[at] = effect
        weight[at] = (weights or {}).get(key, 1.0)
    g = effects.shape[1]
    names = np.asarray(genes if genes is not None else [f"x{i}" for i in range(g)], dtype=str)
    embedding = np.zeros((g, 0)) if embedding is None else embedding
    every = conditions_of([*train, *(k for k in wanted if k not in train)], annotation)
    features = (*features, *label_features(every, Knowledge()), *coexpression(every, names, embedding))
    return Task(
        train=table,
        effects=effects,
        weights=weight,
        wanted=conditions_of(wanted, annotation),
        genes=names,
        controls=dict(controls or {}),
        embedding=embedding,
        features=features,
        regime=regime,
        seed=seed,
        relatives=relatives or {},
        siblings=siblings or {},
    )


def run(name: str, task: Task) -> np.ndarray:
    return BASELINES[name].obj().fit(task).predict(task.wanted)


class Study(NamedTuple):
    simulation: Any
    split: Any
    effects: Any
    claim: Any
    knowledge: Knowledge
    task: Task

    @property
    def truth(self) -> np.ndarray:
        """(t, g) true effects of the test conditions."""
        return self.simulation.truth.delta[self.split.test]


@cache
def simulated(make: str, seed: int = 0, seen: int | None = None, shots: int | None = None, **settings: Any) -> Study:
    """A simulated screen under a split, with its prior features and its task."""
    plan = {"n_genes": 120, "n_contexts": 5, "n_siblings": 0, "n_crispri": 24, "n_drugs": 0}
    plan |= {"cells_per_condition": 24, "controls_per_batch": 48}
    simulation = simulate_screen(SimulationPlan(**(plan | settings)), seed=seed)
    conditions = simulation.screen.conditions
    split = make_split(conditions, make, seed=seed, seen=seen, shots=shots)
    effects = measure(simulation.screen, train=split.train, seed=seed)
    claim = make_claim(split, effects=effects)
    prior = simulation.features
    knowledge = Knowledge((Features("pathways", prior.names, prior.matrix),))
    return Study(simulation, split, effects, claim, knowledge, make_task(effects, claim, knowledge, seed))


@pytest.fixture(scope="session")
def make() -> Callable[..., Task]:
    return task_of


@pytest.fixture(scope="session")
def table() -> Callable[..., Conditions]:
    return conditions_of


@pytest.fixture(scope="session")
def answer() -> Callable[[str, Task], np.ndarray]:
    return run


@pytest.fixture(scope="session")
def study() -> Callable[..., Study]:
    return simulated
