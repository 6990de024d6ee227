"""Drawn: sums over conditions and their ratios, resampled as scores are, whatever the number of conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import Estimate, draw_weights, interval
from vcassay.core import Conditions
from vcassay.evidence.metrics.score import MAX_UNDEFINED_DRAWS

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CELLS = 20_000_000
"""Resampling weights that are held at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Sums over conditions, contexts weighing alike: (k,) plain, (b, k) drawn and (contexts, k) by context."""

    plain: Array
    drawn: Array
    by_context: Array
    method: str
    families: float

    def over(self, weights: Array, first: int = 0) -> Array:
        """(k,) weights of columns from ``first`` on; the others 0."""
        out = np.zeros(len(self.plain))
        out[first : first + len(weights)] = weights
        return out

    def ratio(self, numerator: Array, below: Sequence[int], power: float = 1.0) -> Estimate:
        """Ratio of a sum of columns to the product of others to a power; NaN where these are not above 0."""
        over, under = self.plain @ numerator, self.plain[list(below)]
        drawn_under = self.drawn[:, list(below)]
        with np.errstate(divide="ignore", invalid="ignore"):
            positive = np.asarray((drawn_under > 0).all(axis=1))
            draws = np.where(positive, self.drawn @ numerator / drawn_under.prod(axis=1) ** power, np.nan)
        undefined = 0.0 if np.isnan(self.drawn).all() else float(np.isnan(draws).mean())
        if not bool(np.all(under > 0)) or undefined > MAX_UNDEFINED_DRAWS.value:
            return Estimate(np.nan, np.nan, np.nan, np.nan)
        whole = under.prod() ** power
        value = over / whole
        change = power * (self.by_context[:, list(below)] / under).sum(axis=1)
        by_context = value + self.by_context @ numerator / whole - value * change
        by_context -= value * (1.0 - power * len(below))
        return interval(float(value), draws, by_context, self.method, families=self.families)


def resample(table: Conditions, rows: Codes, columns: Sequence[Array], seed: int, draws: int) -> Drawn:
    """Resample perturbation families (and contexts, where there are enough) and sum columns over conditions.

    Parameters
    ----------
    rows
        (n,) positions of the conditions in the table.
    columns
        (n,) each; no NaN.
    """
    context = np.unique(table.context[rows], return_inverse=True)[1]
    families = np.array(["+".join(table.parts[i]) for i in rows.tolist()])
    family = np.unique(families, return_inverse=True)[1]
    rng = np.random.default_rng([seed, len(rows), *b"template"])
    values = np.stack(columns, axis=1)
    drawn, left, step = [], draws, max(1, CELLS // max(1, len(rows)))
    while left > 0:
        weights = draw_weights(context, family, min(step, left), rng)
        drawn.append(weights.means(values))
        left -= step
    k = int(context.max()) + 1
    by_context = np.stack([values[context == c].mean(axis=0) for c in range(k)])
    return Drawn(weights.base @ values, np.concatenate(drawn), by_context, weights.method, weights.families)
