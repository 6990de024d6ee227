"""Panels with known truth: noise-free, with Gaussian noise, and measured on simulated screens."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from vcassay.arrays.agreement import pearson
from vcassay.claim import make_claim, make_split
from vcassay.effects import measure
from vcassay.evidence.metrics import Panel, make_panel
from vcassay.prediction import Answer, match_prediction
from vcassay.simulate import SimulationPlan, simulate_screen


def codes(names: Any) -> np.ndarray:
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def hand_panel(truth: np.ndarray, half_a: np.ndarray, half_b: np.ndarray, context: Any, **changed: Any) -> Panel:
    """A panel from effects and halves: every condition its own family, all genes scored, all detectable."""
    n, g = truth.shape
    context = codes(context)
    inputs = {
        "truth": truth,
        "mask": np.ones((n, g), dtype=bool),
        "full_mask": np.ones((n, g), dtype=bool),
        "reference": np.tile(truth.mean(axis=0), (n, 1)),
        "half_mean": (half_a + half_b) / 2,
        "cross": half_a * half_b,
        "control": np.tile(np.linspace(0.0, 4.0, g), (n, 1)),
        "context": context,
        "dose_time": context,
        "detectable": np.ones(n, dtype=bool),
        "typical": np.full(n, np.mean(truth**2)),
        "half_a": half_a,
        "half_b": half_b,
        "se": np.abs(half_a - half_b) / 2,
        "family": np.arange(n),
        "perturbation": np.arange(n),
        "pathways": (np.arange(g)[:, None] % 9 == np.arange(8)).astype(float),
        "template": np.tile(truth.mean(axis=0), (n, 1)),
    }
    inputs |= {name: changed.pop(name) for name in list(changed) if name in inputs}
    line = np.full((n, g), np.median(np.abs(truth[truth != 0])))  # one bar for all: calls go by effect alone
    inputs |= {"threshold": line, "statistic": truth / line, "called": (np.abs(truth) >= line) & inputs["mask"]}
    with np.errstate(invalid="ignore"):
        inputs["reliability"] = changed.pop("reliability", pearson(half_a, half_b, inputs["mask"]))
    fields = {
        "inputs": inputs,
        "context": context,
        "family": np.arange(n),
        "strata": {"all": np.ones(n, dtype=bool), "detectable": inputs["detectable"]},
        "decision": "detectable",
        "no_signal": "",
    }
    return Panel(**(fields | changed))


class Noisy(NamedTuple):
    """A panel with Gaussian noise, the true effects, and the noise of cells and controls in the truth."""

    panel: Panel
    effect: np.ndarray
    noise: np.ndarray


def noisy_panel(
    seed: int,
    *,
    contexts: int = 1,
    each: int = 40,
    genes: int = 100,
    sizes: tuple[float, ...] = (0.5, 1.0, 2.0),
    control_noise: float = 0.0,
    **changed: Any,
) -> Noisy:
    """Effects of known sizes (root mean square, in units of the noise of a full-depth effect).

    Sizes are strata: weak, medium, strong. ``control_noise`` is the noise of the controls that all
    conditions of a context share, as a share of that of their own cells.
    """
    rng = np.random.default_rng([7, seed])
    n = contexts * each
    context = np.repeat(np.arange(contexts), each)
    size = np.array(sizes)[np.arange(n) % len(sizes)]
    effect = rng.normal(size=(n, genes))
    effect *= size[:, None] / np.sqrt((effect**2).mean(axis=1, keepdims=True))
    halves = []
    for _ in range(2):
        shared = control_noise * np.sqrt(2) * rng.normal(size=(contexts, genes))
        halves.append(effect + np.sqrt(2) * rng.normal(size=(n, genes)) - shared[context])
    truth = (halves[0] + halves[1]) / 2
    strata = {"all": np.ones(n, dtype=bool), "detectable": np.ones(n, dtype=bool)}
    names = ("weak", "medium", "strong")[: len(sizes)]
    strata |= {name: size == s for name, s in zip(names, sizes, strict=True)} if len(sizes) > 1 else {}
    panel = hand_panel(truth, *halves, context, **({"strata": strata} | changed))
    return Noisy(panel, effect, truth - effect)


def as_answer(name: str, values: np.ndarray) -> Answer:
    state = np.where(np.isnan(values).any(axis=1), "abstained", "ok")
    return Answer(name, "submission", values, state, np.ones(values.shape[1], dtype=bool))


class Measured(NamedTuple):
    """A simulated screen, measured, with its split, claim and panel."""

    simulation: Any
    effects: Any
    claim: Any
    panel: Panel
    wanted: Any

    def answer(self, prediction: Any, name: str) -> Answer:
        answer = match_prediction(prediction, self.effects, self.claim.split.test)
        return as_answer(name, answer.values)


@cache
def measured_screen(seed: int, **settings: Any) -> Measured:
    """A measured GEX screen of two contexts; settings of the plan may be changed."""
    plan = {
        "n_genes": 150,
        "n_contexts": 2,
        "n_siblings": 0,
        "n_crispri": 40,
        "n_drugs": 0,
        "cells_per_condition": 30,
        "controls_per_batch": 60,
    }
    simulation = simulate_screen(SimulationPlan(**(plan | settings)), seed=seed)
    conditions = simulation.screen.conditions
    split = make_split(conditions, "gex", fraction=0.5, seed=seed)
    effects = measure(simulation.screen, train=split.train, seed=seed)
    claim = make_claim(split, effects=effects)
    panel = make_panel(effects, claim, np.broadcast_to(effects.mask.any(axis=0), effects.mask.shape))
    return Measured(simulation, effects, claim, panel, conditions.take(split.test))


@pytest.fixture(scope="session")
def by_hand() -> Callable[..., Panel]:
    return hand_panel


@pytest.fixture(scope="session")
def noisy() -> Callable[..., Noisy]:
    return noisy_panel


@pytest.fixture(scope="session")
def answer() -> Callable[[str, np.ndarray], Answer]:
    return as_answer


@pytest.fixture(scope="session")
def measured() -> Callable[..., Measured]:
    return measured_screen
