"""Yardstick: one way of scoring for checks that compare answers, so that they need no other room's metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.resample import Estimate, Weights, aggregate, draw_weights, interval
from vcassay.claim import Split
from vcassay.effects import Effects

DRAWS = 2000

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Yardstick:
    """Pearson correlation over genes with the measured effect, conditions weighted alike within contexts.

    Attributes
    ----------
    at
        (n,) positions in the test set of the conditions that count.
    truth, mask
        (n, g) measured effects, and genes that count.
    weights
        Resampling weights of the n conditions, the same for every answer: whole perturbations are drawn.
    """

    at: Codes
    truth: Array
    mask: Mask
    weights: Weights

    def each(self, values: Array) -> Array:
        """(n,) agreement of (t, g) answers; one that is missing or undefined counts 0, chance."""
        own = values[self.at]
        whole: Mask = np.asarray(np.isfinite(np.where(self.mask, own, 0.0)).all(axis=1))
        return np.nan_to_num(pearson(self.truth, np.where(whole[:, None], own, 0.0), self.mask))

    def estimate(self, each: Array) -> Estimate:
        """Mean over conditions with its 95 % interval, of agreements or of their differences."""
        return interval(*aggregate(each, self.weights), self.weights.method, families=self.weights.families)

    def score(self, values: Array) -> Estimate:
        """Score of (t, g) answers."""
        return self.estimate(self.each(values))


def make_yardstick(
    effects: Effects, split: Split, rng: np.random.Generator, *, genes: Mask | None = None, truth: Array | None = None
) -> Yardstick:
    """Prepare the test conditions that have a detectable effect, or all where that could not be assessed.

    Parameters
    ----------
    genes
        (g,) genes that every answer has; all if ``None``.
    truth
        (n, g) effects of all conditions to agree with; the measured ones if ``None``.
    """
    test = split.test
    use = effects.detectable[test] if effects.assessed[test].any() else np.ones(len(test), dtype=bool)
    truth = effects.delta if truth is None else truth
    mask = effects.mask[test] if genes is None else effects.mask[test] & genes
    use &= np.isfinite(pearson(truth[test], truth[test], mask))
    at = np.flatnonzero(use)
    table = effects.conditions.take(test[at])
    context, family = (np.unique(x, return_inverse=True)[1] for x in (table.context, table.perturbation))
    return Yardstick(at, truth[test[at]], mask[at], draw_weights(context, family, DRAWS, rng))
