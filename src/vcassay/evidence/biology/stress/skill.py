"""Skill: agreement with the truth over genes, before and beyond axes, beside permuted perturbations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.shuffles import others_mean, part_products, permuted_sum
from vcassay.arrays.subspace import pearson_beyond_each, unit_beyond
from vcassay.evidence.biology.axes import Axes
from vcassay.evidence.biology.stress.asked import Asked, Pairs

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Skill(NamedTuple):
    """Pearson correlations of each condition that takes part.

    Attributes
    ----------
    before, after
        (n,) as it is, and beyond all axes; 0 where one side has nothing.
    others
        (n,) beyond all axes, with the other perturbations of the same context and dose.
    alone
        (n, k) beyond each axis alone.
    draws
        (draws,) weighted mean of ``after`` with permuted perturbations.
    """

    before: Array
    after: Array
    others: Array
    alone: Array
    draws: Array

    @property
    def own(self) -> Array:
        """(n,) what is beyond all axes and of this perturbation: ``after`` less ``others``."""
        return self.after - self.others


def measure_skill(
    pairs: Pairs, mask: Mask, axes: Axes, asked: Asked, *, truth: bool = False, each: bool = True
) -> Skill:
    """Correlate pairs of (t, g) effects, and average over the pairs that define a condition.

    Strata are gone through one by one, so that no second copy of the effects is made.

    Parameters
    ----------
    mask
        (t, g) genes that count; effects are 0 elsewhere.
    truth
        Whether these are the pairs that ``asked`` was made of; a single pair that is defined throughout otherwise.
    each
        Whether each axis is asked alone.
    """
    t, weight = len(mask), asked.spread()
    before, after, others = np.zeros(t), np.zeros(t), np.zeros(t)
    alone = np.zeros((t, len(axes) if each else 0))
    share = asked.share if truth else np.ones(t)
    found = asked.by_pair if truth else (asked.shuffles,)
    drawn = np.zeros(max((len(order) for own in found for order in own.orders[:1]), default=0))
    for (left, right), own in zip(pairs, found, strict=True):
        for at, order, part in zip(own.rows, own.orders, own.parts, strict=True):
            counts, times = mask[at], share[at]
            a, b = left[at], right[at]
            before[at] += times * np.nan_to_num(pearson(a, b, counts))
            units = unit_beyond(a, axes.matrix, counts), unit_beyond(b, axes.matrix, counts)
            matrix = part_products(*units, part)
            after[at] += times * np.diagonal(matrix)
            others[at] += times * others_mean(matrix, part)
            drawn += permuted_sum(matrix, weight[at] * times, order)
            if each:
                alone[at] += times[:, None] * pearson_beyond_each(a, b, axes.alone, counts)
    use = asked.rows
    return Skill(before[use], after[use], others[use], alone[use], drawn)
