"""Inner validation: tasks of the inner folds, and what is worked out once for all rungs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.baselines.response import Rotated, rotate
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]

FOLDS = 3
"""Inner folds of the T3 learners; folds are shared, so that what they need is worked out once."""


def least(error: Array) -> int:
    """First setting with the least error; rounding does not decide between settings that do not differ."""
    lowest = float(error.min())
    return int(np.flatnonzero(error <= lowest + 1e-9 * abs(lowest))[0])


def rotated(task: Task) -> tuple[Rotated, Task]:
    """Training effects in an orthonormal basis, and the task in its coordinates; worked out once a task."""

    def make() -> tuple[Rotated, Task]:
        turned = rotate(task.effects)
        return turned, replace(task, effects=turned.coordinates)

    return task.memo.once("rotated", make)


def inner_tasks(task: Task, most: int = FOLDS) -> list[tuple[Task, Array]]:
    """Tasks of the inner folds, each with the effects held out; worked out once, so that designs are shared."""

    def make() -> list[tuple[Task, Array]]:
        found = []
        for fold in task.folds(most):
            rest = np.setdiff1d(np.arange(len(task.train)), fold)
            found.append((task.part(rest, fold), task.effects[fold]))
        return found

    return task.memo.once(f"inner {most}", make)
