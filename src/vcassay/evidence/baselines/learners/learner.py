"""Learner: what all T3 learners on a table of features share: components of responses, inner validation, weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Baseline
from vcassay.evidence.baselines.inner import inner_tasks, least, rotated
from vcassay.evidence.baselines.learners.design import WIDTH, make_design
from vcassay.evidence.baselines.response import Components, components
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]
Params = Mapping[str, Any]
Predict = Callable[[Array], Array]

MOST_COMPONENTS = 50
"""Leading components of the responses that a learner may ask for."""
GRID_BITS = 20
"""Columns and responses that trees see are rounded to so many bits below the largest value."""


class Learner(Baseline):
    """A regression of the leading components of responses on the columns of a `Design`.

    The mean training effect is taken off first, so a constant effect comes back as it is. The member of the grid with
    the least squared error over all features in inner folds, drawn by the rule of the outer split, is fitted on all
    training conditions.
    """

    grid: ClassVar[tuple[Params, ...]]
    """Settings tried, the simplest first: ties go to it."""
    components: ClassVar[int] = MOST_COMPONENTS
    """How many leading components of the responses are learned."""
    width: ClassVar[int] = WIDTH
    """Columns that a block of prior features may have."""

    def fit_one(self, x: Array, y: Array, weights: Array, params: Params, seed: int) -> Predict:
        """Fit (n, d) features to (n, k) centred responses, (n,) weights of mean 1; return what predicts rows."""
        raise NotImplementedError

    def tried(self, x: Array, y: Array, weights: Array, new: Array, seed: int) -> Iterator[Array]:
        """(m, k) predictions for (m, d) held-out rows by each member of the grid in turn."""
        for params in self.grid:
            yield self.fit_one(x, y, weights, params, seed)(new)

    def fit(self, task: Task) -> Learner:
        """Choose settings by inner validation, then learn from all training conditions."""
        self.rotated, whole = rotated(task)
        self.params = self._choose(whole)
        self.columns, self.responses = make_design(whole, self.width), leading_components(whole, self.components)
        x, y = self.columns.train, self.responses.scores
        self.answer = self.fit_one(x, y, whole.weights / whole.weights.mean(), self.params, whole.seed)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        known = self.columns.knows(wanted)
        self.fell_back(int((~known).sum()), "what context and dose say, no prior feature knowing their perturbation,")
        return self.rotated.back(self.responses.back(self.answer(self.columns.of(wanted))))

    def _choose(self, task: Task) -> Params:
        inner = inner_tasks(task)
        if len(self.grid) == 1 or not inner:
            return self.grid[0]
        error = np.zeros(len(self.grid))
        for part, held_out in inner:
            design, responses = make_design(part, self.width), leading_components(part, self.components)
            target = responses.onto(held_out)
            # loadings are orthonormal: what lies outside of them is missed by every member alike
            error += max(float(((held_out - responses.mean) ** 2).sum() - (target * target).sum()), 0.0)
            weights = part.weights / part.weights.mean()
            found = self.tried(design.train, responses.scores, weights, held_out_columns(part, self.width), part.seed)
            for i, scores in enumerate(found):
                error[i] += float(((scores - target) ** 2).sum())
        return self.grid[least(error)]


def leading_components(task: Task, k: int) -> Components:
    """At most ``k`` leading components of the training effects; worked out once for all learners."""
    every = task.memo.once("components", lambda: components(task.effects, MOST_COMPONENTS))
    return every.first(k)


def held_out_columns(task: Task, width: int) -> Array:
    """Columns of what a task wants; worked out once for all learners."""
    return task.memo.once(f"wanted columns {width}", lambda: make_design(task, width).of(task.wanted))


def grid_of(values: Array) -> Callable[[Array], Array]:
    """Return what rounds to `GRID_BITS` bits below the largest of these values.

    Where trees split hangs on comparisons. Rounding errors of what led to the values, which differ with the order of
    features and the linear algebra at hand, are rounded away, so that they cannot send a tree another way.
    """
    most = float(np.abs(values).max(initial=0.0))
    unit = 2.0 ** (np.ceil(np.log2(most)) - GRID_BITS) if most > 0.0 else 1.0
    return lambda other: np.asarray(np.round(other / unit) * unit)


def nothing(y: Array) -> Predict:
    """Predict the mean."""
    return lambda rows: np.zeros((len(rows), y.shape[1]))
