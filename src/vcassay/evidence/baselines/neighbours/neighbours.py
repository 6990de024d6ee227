"""Neighbours: means over near training conditions as one sparse product, and how many of them are averaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.folds import MAX_CONTEXT_FOLDS
from vcassay.evidence.baselines.inner import inner_tasks, least, rotated
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]
Predict = Callable[[Conditions, int], tuple[Array, int]]


def choose_neighbours(task: Task, tried: Sequence[int], model: Callable[[Task], Predict]) -> int:
    """Number of neighbours with the least inner error; the largest where nothing can be left out.

    Inner folds are drawn by the rule of the outer split; errors are worked out in exact coordinates of the effects.
    """
    inner = inner_tasks(rotated(task)[1], MAX_CONTEXT_FOLDS)
    if not inner:
        return tried[-1]
    error = np.zeros(len(tried))
    for part, held_out in inner:
        predict = model(part)
        for i, k in enumerate(tried):
            gap = predict(part.wanted, k)[0] - held_out
            error[i] += float(np.vdot(gap, gap))
    return tried[least(error)]


def mean_weights(
    rows: NDArray[np.int64], weight: Array, use: NDArray[np.bool_], n: int
) -> tuple[csr_array, NDArray[np.bool_]]:
    """(m, n) weights that average training rows.

    Parameters
    ----------
    rows, weight, use
        (m, k) rows, their weights, and which of them count.
    n
        Number of training rows.

    Returns
    -------
    Weights that add up to 1 in every row that has some, and (m,) which these are.
    """
    total = np.where(use, weight, 0.0).sum(axis=1)
    known = np.asarray(total > 0)
    share = np.where(use & known[:, None], weight / np.where(known, total, 1.0)[:, None], 0.0)
    i, j = np.nonzero(use & known[:, None])
    return csr_array((share[i, j], (i, rows[i, j])), shape=(len(rows), n)), known
