"""Averages of training effects: of each context, over contexts, over cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]


class ContextMeans:
    """Mean training effect of each context.

    Attributes
    ----------
    of_context
        Trained context to (g,) mean over its conditions.
    overall
        (g,) mean over contexts, which stands for one that is not trained.
    """

    def __init__(self, task: Task) -> None:
        contexts = task.train.context
        self.of_context = {c: task.effects[contexts == c].mean(axis=0) for c in sorted(set(contexts.tolist()))}
        self.overall = np.asarray(np.mean(list(self.of_context.values()), axis=0))

    def of(self, wanted: Conditions) -> Array:
        """(m, g) mean of each condition's context."""
        rows = [self.of_context.get(c, self.overall) for c in wanted.context.tolist()]
        return np.array(rows).reshape(len(wanted), len(self.overall))


def overall_mean(task: Task) -> Array:
    """Mean over training contexts of the mean over their conditions."""
    return ContextMeans(task).overall


def overall_mean_of_cells(task: Task) -> Array:
    """Mean over training cells, whatever their condition: conditions weigh by their number of rows."""
    return np.asarray(task.weights @ task.effects / task.weights.sum())
