"""Learner: what all T3 learners on a table of features share: components of responses, inner validation, weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Baseline
from vcassay.evidence.baselines.design import Design, make_design
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.response import Rotated, components, rotate
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]
Params = Mapping[str, Any]
Predict = Callable[[Array], Array]


class Learner(Baseline):
    """A regression of responses on the columns of a `Design`.

    Responses are taken in an orthonormal basis of the training effects, less their mean, so that a constant effect
    comes back as it is, and what is linear in the responses is exact. The member of the grid with the least squared
    error in inner folds, drawn by the rule of the outer split, is fitted on all training conditions.
    """

    grid: ClassVar[tuple[Params, ...]]
    """Settings tried, the simplest first: ties go to it."""
    components: ClassVar[int | None] = None
    """How many leading components of the responses are learned; all coordinates if ``None``."""
    folds: ClassVar[int] = 3
    """Inner folds used."""

    def fit_one(self, x: Array, y: Array, weights: Array, params: Params, seed: int) -> Predict:
        """Fit (n, d) features to (n, k) centred responses, (n,) weights of mean 1; return what predicts rows."""
        raise NotImplementedError

    def design(self, task: Task) -> Design:
        """Columns to learn from."""
        return make_design(task)

    def fit(self, task: Task) -> Learner:
        """Choose settings by inner validation, then learn from all training conditions."""
        self.rotated, whole = rotated(task)
        self.params = self._choose(whole)
        self.columns, self.answer = self._learn(whole, self.params)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        known = self.columns.knows(wanted)
        self.fell_back(int((~known).sum()), "what context and dose say, no prior feature knowing their perturbation,")
        return self.rotated.back(self.answer(self.columns.of(wanted)))

    def _learn(self, task: Task, params: Params) -> tuple[Design, Predict]:
        design = self.design(task)
        reduced = components(task.effects, self.components) if self.components is not None else None
        mean = task.effects.mean(axis=0)
        y = task.effects - mean if reduced is None else reduced.scores
        weights = task.weights / task.weights.mean()
        fitted = self.fit_one(design.train, y, weights, params, task.seed)
        back = (lambda rows: mean + rows) if reduced is None else reduced.back
        return design, lambda x: back(fitted(x))

    def _choose(self, task: Task) -> Params:
        inner = inner_tasks(task, self.folds)
        if len(self.grid) == 1 or not inner:
            return self.grid[0]
        error = np.zeros(len(self.grid))
        for part, held_out in inner:
            for i, params in enumerate(self.grid):
                design, answer = self._learn(part, params)
                gap = answer(design.of(part.wanted)) - held_out
                error[i] += float((gap * gap).sum())
        # rounding must not decide between settings that do not differ
        return self.grid[int(np.flatnonzero(error <= error.min() * (1.0 + 1e-9))[0])]


def rotated(task: Task) -> tuple[Rotated, Task]:
    """Training effects in an orthonormal basis, and the task in its coordinates; worked out once a task."""

    def make() -> tuple[Rotated, Task]:
        turned = rotate(task.effects)
        return turned, replace(task, effects=turned.coordinates)

    return task.memo.once("rotated", make)


def inner_tasks(task: Task, most: int) -> list[tuple[Task, Array]]:
    """Tasks of the inner folds, each with the effects held out; worked out once, so that designs are shared."""

    def make() -> list[tuple[Task, Array]]:
        found = []
        for fold in inner_folds(task.train, task.regime, task.seed, most):
            rest = np.setdiff1d(np.arange(len(task.train)), fold)
            found.append((task.part(rest, fold), task.effects[fold]))
        return found

    return task.memo.once(f"inner {most}", make)
