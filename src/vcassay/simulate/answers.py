"""Answers: models of known quality, as predictions.

Those that take a `Simulation` know the truth, or the test cells, and degrade or copy it as their
docstring says; `mean_in_disguise` is made of training effects alone. Each carries a plausible
disclosure and, where a model has inputs to disturb, its ablations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.core import Conditions, InputError
from vcassay.prediction import Disclosure, Prediction, declare
from vcassay.screen import CONTROL
from vcassay.simulate.ablations import Disturbance, ablate, disturbances
from vcassay.simulate.observed import observed_effects
from vcassay.simulate.simulation import Simulation

Floats = NDArray[np.float64]
NULL_FLOOR = 0.1
"""Size of an honest model's answer where nothing happens, relative to the median true effect."""
INPUTS = ("target_gene", "smiles", "dose", "control_expression")
NOTHING_ELSE: dict[str, Any] = {
    "graphs": (),
    "priors": (),
    "pretraining": (),
    "genes": "none",
    "scaling": "training",
    "filters": (),
    "selection": "validation",
    "looks": 1,
    "submissions": 0,
}
"""What a model declares that was given its inputs and the training view, and nothing else."""


def honest(
    simulation: Simulation, conditions: Conditions, rng: Generator, *, skill: float = 0.8, name: str = "honest"
) -> Prediction:
    """A model that learnt real biology, but not all of it.

    The true effect with an independent error, as large as makes their correlation ``skill``, shrunk so
    that the answer's size is right (about their means over genes, the regression of truth on prediction
    has slope 1 and the squared error is 1 - skill^2 of the effect's energy). The error of a perturbation
    in a context is the same at all its doses, up to size, so that dose curves stay monotone. A
    condition's own knocked-down gene is answered exactly and does not count towards ``skill``.

    Parameters
    ----------
    conditions
        (n,) what is asked for, all of them simulated.
    skill
        Expected Pearson correlation over genes with the true effect, above 0 and at most 1.

    Raises
    ------
    InputError
        If a condition was not simulated or the skill is out of range.
    """
    if not 0 < skill <= 1:
        raise InputError(f"skill is {skill:g}", where="honest", mend="give a correlation above 0 and at most 1")
    at = _locate(simulation, conditions)
    truth = simulation.truth
    lowered = truth.component("target") != 0
    free = np.where(lowered, 0.0, truth.delta)
    spread = np.sqrt(np.mean(free**2, axis=0))
    spread = np.maximum(spread, 1e-6 * (spread.max() or 1.0))  # nothing happens anywhere: all genes alike
    size = np.linalg.norm(free - free.mean(axis=1, keepdims=True), axis=1)
    working = size[~truth.is_null]
    size = np.maximum(size, NULL_FLOOR * float(np.median(working)) if len(working) else 1e-2)

    who, of_row = np.unique([f"{c}\n{p}" for c, p in _pairs(conditions)], return_inverse=True)
    error = rng.standard_normal((len(who), len(spread))) * spread
    error -= error.mean(axis=1, keepdims=True)
    error /= np.linalg.norm(error, axis=1, keepdims=True)
    answer = skill**2 * free[at] + skill * np.sqrt(1 - skill**2) * size[at, None] * error[of_row]
    values = np.where(lowered[at], truth.delta[at], answer)
    disclosure = declare(inputs=INPUTS, controls="training", **NOTHING_ELSE)
    return _answer(simulation, name, conditions, values, disclosure, disturbances(conditions, rng))


def perfect(simulation: Simulation, conditions: Conditions, *, name: str = "perfect") -> Prediction:
    """The true effect, without any noise: the best that a model can be."""
    values = simulation.truth.delta[_locate(simulation, conditions)]
    return _answer(
        simulation,
        name,
        conditions,
        values,
        declare(inputs=INPUTS, controls="training", **NOTHING_ELSE),
    )


def no_change(simulation: Simulation, conditions: Conditions, *, name: str = "no change") -> Prediction:
    """Zero everywhere: the control, whatever is done to it."""
    values = np.zeros((len(conditions), len(simulation.truth.genes)))
    return _answer(
        simulation,
        name,
        conditions,
        values,
        declare(inputs=(), controls="none", **NOTHING_ELSE),
    )


def noisy(
    simulation: Simulation, conditions: Conditions, rng: Generator, *, noise: float = 2.0, name: str = "noisy"
) -> Prediction:
    """The true effect plus Gaussian noise, ``noise`` times as large (root mean square) as a typical effect.

    The typical effect is the root mean square over the conditions that do something; not shrunk.
    """
    truth = simulation.truth
    working = truth.delta[~truth.is_null]
    sd = noise * float(np.sqrt(np.mean(working**2))) if len(working) else noise * 0.1
    values = truth.delta[_locate(simulation, conditions)]
    values = values + sd * rng.standard_normal(values.shape)
    disclosure = declare(inputs=INPUTS, controls="training", **NOTHING_ELSE)
    return _answer(simulation, name, conditions, values, disclosure, disturbances(conditions, rng))


def mean_in_disguise(
    conditions: Conditions,
    genes: NDArray[np.str_],
    training: Conditions,
    effects: Floats,
    rng: Generator,
    *,
    by: str = "perturbation",
    scale: float = 1.2,
    jitter: float = 0.15,
    name: str = "mean in disguise",
) -> Prediction:
    """A mean of training effects, scaled and jittered so that it looks like a model.

    Parameters
    ----------
    training, effects
        (m,) training conditions and their (m, g) measured effects, rows with NaN left out; no truth enters.
    by
        ``perturbation``: the mean over training contexts of the same treatment, or the mean of all
        where it was never seen. ``all``: the mean of all training effects.
    scale, jitter
        Factor on the mean, and root mean square of Gaussian noise relative to each row's.

    Raises
    ------
    InputError
        If ``by`` is neither, or no row of the effects is complete.
    """
    if by not in ("perturbation", "all"):
        raise InputError(f"by is '{by}'", where="mean_in_disguise", mend="give 'perturbation' or 'all'")
    measured = np.flatnonzero(~np.isnan(effects).any(axis=1))
    training, effects = training.take(measured), effects[measured]
    if not len(measured):
        raise InputError("no training effect is complete", where="mean_in_disguise", mend="give measured effects")
    overall = effects.mean(axis=0)
    rows: dict[object, list[int]] = {}
    for i, treatment in enumerate(training.treatments if by == "perturbation" else []):
        rows.setdefault(treatment, []).append(i)
    values = np.asarray(
        [effects[rows[treatment]].mean(axis=0) if treatment in rows else overall for treatment in conditions.treatments]
    ).reshape(len(conditions), len(genes))
    root = np.sqrt(np.mean(values**2, axis=1, keepdims=True))
    values = scale * values + jitter * root * rng.standard_normal(values.shape)
    disclosure = declare(inputs=("perturbation", "control_expression"), controls="training", **NOTHING_ELSE)
    ablations = ablate(name, conditions, genes, values, disclosure, disturbances(conditions, rng))
    return Prediction(name, conditions, genes, values, disclosure=disclosure, ablations=ablations)


def memorised(
    simulation: Simulation,
    conditions: Conditions,
    *,
    rows: NDArray[np.bool_] | None = None,
    share: float = 1.0,
    rng: Generator | None = None,
    name: str = "memorised",
) -> Prediction:
    """The observed effect of the test cells themselves, sampling noise included.

    Parameters
    ----------
    rows
        (rows of the screen,) which cells and controls the model saw; all if ``None``. To have it see
        one of the halves that an assessment compares, hand in the rows of those shards.
    share
        If below 1, a random share of the perturbed cells among ``rows``; needs ``rng``.
    """
    screen = simulation.screen
    seen = np.ones(screen.n_rows, dtype=bool) if rows is None else rows
    if share < 1:
        if rng is None:
            raise InputError("a share needs a generator", where="memorised", mend="give rng")
        seen = seen & ((screen.table.condition == CONTROL) | (rng.random(screen.n_rows) < share))
    at = screen.conditions.locate(conditions)
    if np.any(at < 0):
        raise InputError("a condition is not in the screen", where="memorised", mend="ask for the screen's conditions")
    values = observed_effects(screen, seen)[at]
    return _answer(simulation, name, conditions, values, declare(inputs=INPUTS, controls="all"))


def ignores_perturbation(
    simulation: Simulation,
    conditions: Conditions,
    rng: Generator,
    *,
    noise: float = 0.2,
    name: str = "ignores the perturbation",
) -> Prediction:
    """One vector a context: the mean true effect of all perturbations there, with noise.

    It depends on the context and not on the perturbation, so shuffling or zeroing the perturbation
    changes nothing.
    """
    _locate(simulation, conditions)
    truth = simulation.truth
    names, of_row = np.unique(conditions.context, return_inverse=True)
    mean = np.asarray([truth.delta[truth.conditions.context == c].mean(axis=0) for c in names])
    root = np.sqrt(np.mean(mean**2, axis=1, keepdims=True))
    values = (mean + noise * root * rng.standard_normal(mean.shape))[of_row]
    disclosure = declare(inputs=INPUTS, controls="training", **NOTHING_ELSE)
    return _answer(simulation, name, conditions, values, disclosure, disturbances(conditions, rng))


def _pairs(conditions: Conditions) -> list[tuple[str, str]]:
    return list(zip(conditions.context.tolist(), conditions.perturbation.tolist(), strict=True))


def _locate(simulation: Simulation, conditions: Conditions) -> NDArray[np.int64]:
    at = simulation.truth.conditions.locate(conditions)
    if np.any(at < 0):
        missing = conditions.ids[int(np.flatnonzero(at < 0)[0])]
        raise InputError(
            f"'{missing}' was not simulated", where="simulate.answers", mend="ask for simulated conditions"
        )
    return at


def _answer(
    simulation: Simulation,
    name: str,
    conditions: Conditions,
    values: Floats,
    disclosure: Disclosure,
    disturbed: Mapping[str, Disturbance] | None = None,
) -> Prediction:
    genes = simulation.truth.genes
    ablations = ablate(name, conditions, genes, values, disclosure, disturbed or {})
    return Prediction(name, conditions, genes, values, disclosure=disclosure, ablations=ablations)
