"""Effects on the scale of rates: their expectation does not depend on how many rows were summed.

The logarithm of a thin profile is biased downwards (by about half its relative variance), alike in all
halves and shards of a condition, so that products of log profiles grow as rows get fewer. Checks that
compare parts of different depth therefore measure on rates.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.profile import matched_control, rate
from vcassay.arrays.shards import TRAINING
from vcassay.effects.measure import ALL, halves_of
from vcassay.effects.moments import Moments

Array = NDArray[np.float64]
Shards = tuple[int, ...]


class LinearEffects:
    """Effects of some conditions, linear in their counts.

    Difference of rates over the training controls' rate plus one count in the profile's depth, which
    is the slope of log1p there; readouts that are averaged are linear already.

    Parameters
    ----------
    moments
        Sums of the screen.
    rows
        (t,) positions of the conditions.
    mask
        (t, g) genes that count; the others are 0.
    """

    def __init__(self, moments: Moments, rows: NDArray[np.int64], mask: NDArray[np.bool_]) -> None:
        self.moments, self.mask = moments, mask
        self.links = tuple(link[rows] for link in moments.links)
        self.sums, self.sizes = moments.sums[rows], moments.sizes[rows]
        depth = moments.target_sum
        self.scale = np.ones(1) if depth is None else self._control(ALL, TRAINING) + 1.0 / depth

    def __call__(self, shards: Shards, controls: Shards) -> Array:
        """(t, g) effects of some shards against some control shards; NaN where either is empty."""
        difference = rate(self.sums, self.sizes, shards) - self._control(shards, controls)
        return np.asarray(np.where(self.mask, difference / self.scale, 0.0))

    def halves(self, shards: Shards = ALL) -> Iterator[tuple[Array, Array]]:
        """Effects of both halves of each balanced split, cells and scoring controls disjoint."""
        splits, controls = halves_of(shards)
        for k, (a, b) in enumerate(splits):
            c_a, c_b = controls[k % len(controls)]
            yield self(a, c_a), self(b, c_b)

    def _control(self, shards: Shards, controls: Shards) -> Array:
        group = rate(self.moments.control_sums, self.moments.control_sizes, controls)
        return matched_control(self.links, shards, group, len(self.sums))


def linear_sizes(effects: LinearEffects, shards: Shards = ALL) -> Array:
    """(t,) mean over genes of the product of halves: unbiased for the squared effect at any number of rows.

    Negative values occur; NaN where a half is empty.
    """
    products = [(a * b).sum(axis=1) for a, b in effects.halves(shards)]
    return np.asarray(np.mean(products, axis=0) / effects.mask.sum(axis=1))
