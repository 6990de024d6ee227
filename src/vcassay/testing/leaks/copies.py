"""Predictions that are copies of training effects, or of one another (L26)."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Finding
from vcassay.simulate.answers import honest, mean_in_disguise
from vcassay.testing.leaks.shortcut import answered
from vcassay.testing.leaks.study import Study, simulated
from vcassay.testing.power import Case

SHARE = 0.6
JITTER = 0.05
"""Noise on top of a copy, relative to it: the correlation is 0.999."""


def _rows(study: Study, seed: int) -> NDArray[np.bool_]:
    n = len(study.wanted)
    return np.random.default_rng([seed, 1]).permutation(n) < SHARE * n


def _copies(seed: int, kind: str) -> Finding:
    study = simulated(seed)
    rng = np.random.default_rng(seed)
    values = honest(study.simulation, study.wanted, rng).values
    train, effects, rows = study.split.train, study.effects, _rows(study, seed)
    if kind == "training":
        given = study.wanted, effects.genes, effects.conditions.take(train), effects.delta_train[train]
        copied = mean_in_disguise(*given, rng, jitter=JITTER).values
        values = np.where(rows[:, None], copied, values)
    elif kind == "twins":
        for context in np.unique(study.wanted.context).tolist():
            at = np.flatnonzero(rows & (study.wanted.context == context))
            size = np.sqrt(np.mean(values[at[0], effects.mask[train[0]]] ** 2))  # the target itself is not scored
            values[at] = values[at[0]] + JITTER * size * rng.standard_normal((len(at), values.shape[1]))
    return study.run("L26", answer=answered(study, values, {}))


def _named(found: Finding, seed: int) -> bool:
    study = simulated(seed)
    names = {i for i, yes in zip(study.wanted.ids, _rows(study, seed).tolist(), strict=True) if yes}
    touched = np.zeros(len(study.wanted)) if found.affected is None else found.affected.touched
    inside = np.mean([i in names for i, yes in zip(study.wanted.ids, touched.tolist(), strict=True) if yes])
    return bool(inside > 0.95) and {str(row["condition"]) for row in found.evidence} <= names


CASES = (
    Case(
        "L26",
        "predictions that are means of training effects of the same treatment",
        "60 % of them, with 5 % noise",
        partial(_copies, kind="training"),
        partial(_copies, kind=""),
        _named,
    ),
    Case(
        "L26",
        "predictions that are copies of that of another perturbation",
        "60 % of them, with 5 % noise",
        partial(_copies, kind="twins"),
        partial(_copies, kind=""),
        _named,
    ),
)
