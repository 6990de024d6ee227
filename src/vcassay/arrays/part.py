"""Part: statistics of some of the conditions beside those of all, on the same draws, so that they compare in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import NONE, Estimate, Weights, aggregate_many, interval, take_weights

Array = NDArray[np.float64]

WEAKEST = (NONE, "these contexts", "t on contexts", "contexts")
"""Methods of intervals, what they are conditional on most first."""


class Statistic(NamedTuple):
    """Value, (b,) draws, and (k,) values by context, linearised so that their mean is the value."""

    value: float
    draws: Array
    by_context: Array


class Basis(NamedTuple):
    """What an interval rests on: its method, and the effective number of resampled families."""

    method: str
    families: float


def basis(*weights: Weights) -> Basis:
    """The weakest basis of several sets of conditions: that of a difference between them."""
    method = min((w.method for w in weights), key=WEAKEST.index)
    return Basis(method, min(w.families for w in weights))


BLOCK = 256
"""Draws that are multiplied at a time."""


class CellWeights(Weights):
    """The same weights; draws are made of sums by family and context, at a cost that does not grow with conditions."""

    __slots__ = ()

    def means(self, values: Array) -> Array:
        """(b, m) weighted sums of (n, m) values in each draw; each the same bits whatever the other columns are."""
        n_families, k = self.times.shape[1], self.share.shape[1]
        cell = self.family * k + self.context
        sums = [np.bincount(cell, weights=column, minlength=n_families * k) for column in values.T]
        out = np.empty((len(self.times), values.shape[1]))
        for start in range(0, len(out), BLOCK):
            times, share = self.times[start : start + BLOCK].astype(np.float64), self.share[start : start + BLOCK]
            for j, total in enumerate(sums):
                out[start : start + BLOCK, j] = ((times @ total.reshape(n_families, k)) * share).sum(axis=1)
        return out


def by_cells(weights: Weights) -> CellWeights:
    """Let weights make their draws from sums by family and context."""
    w = weights
    return CellWeights(w.times, w.share, w.family, w.context, w.base, w.method, w.families)


class Part:
    """Some of the conditions of a set of weights.

    Parameters
    ----------
    whole
        Weights of all n conditions.
    keep
        (n,) conditions of the part.
    family
        (n,) codes of what is resampled together.
    """

    def __init__(self, whole: Weights, keep: NDArray[np.bool_], family: NDArray[np.integer]) -> None:
        self.keep = keep
        self.weights = by_cells(take_weights(whole, keep, family))
        self.contexts = np.unique(whole.context[keep])
        self.n_contexts = int(whole.context.max(initial=-1)) + 1

    def statistics(self, values: Array, denominators: Sequence[Array | None]) -> list[Statistic]:
        """Aggregate m statistics on the part (see `vcassay.arrays.resample.aggregate_many`).

        Parameters
        ----------
        values
            (n, m) per-condition values (or numerators) of all conditions.
        denominators
            One a statistic, of all conditions.
        """
        below = [None if d is None else d[self.keep] for d in denominators]
        return [Statistic(*found) for found in aggregate_many(values[self.keep], self.weights, below)]

    def spread(self, found: Statistic) -> Statistic:
        """The same statistic with values for all contexts of the whole, for differences to a statistic of the whole.

        A context of the part counts k / (contexts of the part) times its distance to the value, one without conditions
        in the part not at all: the mean stays the value, the spread its error.
        """
        by_context = np.full(self.n_contexts, found.value)
        scale = self.n_contexts / max(len(self.contexts), 1)
        by_context[self.contexts] += scale * (found.by_context - found.value)
        return Statistic(found.value, found.draws, by_context)


def part_means(
    values: Array, denominators: Sequence[Array | None], weights: Weights, keep: NDArray[np.bool_]
) -> list[float]:
    """Values alone of m statistics on some of the conditions; each context that keeps any has its share.

    Returns
    -------
    m values; NaN where nothing is kept or a denominator is not above 0.
    """
    code, k = weights.context[keep], int(weights.context.max(initial=-1)) + 1
    n, share = np.bincount(code, minlength=k), np.bincount(weights.context, weights=weights.base, minlength=k)
    if not n.any():
        return [np.nan] * values.shape[1]
    base = (share / np.maximum(n, 1))[code] / share[n > 0].sum()
    out = []
    for j, denominator in enumerate(denominators):
        value = float((base * values[keep, j]).sum())
        if denominator is not None:
            below = float((base * denominator[keep]).sum())
            value = value / below if below > 0 else np.nan
        out.append(value)
    return out


def combine(*terms: tuple[float, Statistic]) -> Statistic:
    """Weighted sum of statistics on the same draws and contexts."""
    value = sum(w * s.value for w, s in terms)
    draws = np.sum([w * s.draws for w, s in terms], axis=0)
    by_context = np.sum([w * s.by_context for w, s in terms], axis=0)
    return Statistic(float(value), np.asarray(draws), np.asarray(by_context))


def estimate(found: Statistic, on: Basis) -> Estimate:
    """Statistic with its 95 % interval; bounds are NaN if the basis allows none."""
    if on.method == "t on contexts" and np.isnan(found.draws).all():
        return Estimate(found.value, np.nan, np.nan, np.nan)
    return interval(found.value, found.draws, found.by_context, on.method, families=on.families)
