"""Candidates: the conditions that compete in retrieval, with distances that several metrics share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.retrieval import cosine_distances, squared_distances

Array = NDArray[np.float64]


class Field:
    """One context, dose and time.

    Attributes
    ----------
    rows
        (m,) positions of its conditions.
    genes
        (k,) genes that are scored for all of them.
    pred, truth
        (m, k) effects.
    """

    def __init__(self, rows: NDArray[np.int64], genes: NDArray[np.int64], pred: Array, truth: Array) -> None:
        self.rows, self.genes = rows, genes
        self.pred, self.truth = pred[np.ix_(rows, genes)], truth[np.ix_(rows, genes)]

    @cached_property
    def cosine(self) -> Array:
        """(m, m) 1 - cosine of predictions (rows) and truths."""
        return cosine_distances(self.pred, self.truth)

    @cached_property
    def squared(self) -> Array:
        """(m, m) squared Euclidean distances of predictions (rows) and truths."""
        return squared_distances(self.pred, self.truth)


def find_fields(
    pred: Array,
    truth: Array,
    mask: NDArray[np.bool_],
    dose_time: NDArray[np.int64],
    detectable: NDArray[np.bool_] | None = None,
) -> tuple[Field, ...]:
    """Divide the conditions by what competes.

    Conditions with a detectable effect compete with each other, those without likewise. Among all, one answer for all
    would be above chance where there is an effect, because truths of mere noise are far from it.
    """
    out = []
    code = 2 * dose_time + (0 if detectable is None else detectable)
    for one in np.unique(code).tolist():
        rows = np.flatnonzero(code == one)
        out.append(Field(rows, np.flatnonzero(mask[rows].all(axis=0)), pred, truth))
    return tuple(out)


def in_fields(fields: Sequence[Field], of: Callable[[Field], Array]) -> Array:
    """(t,) values of a statistic that is worked out within each field."""
    out = np.full(sum(len(f.rows) for f in fields), np.nan)
    for field in fields:
        out[field.rows] = of(field)
    return out
