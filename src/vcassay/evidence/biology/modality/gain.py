"""Gain: how much better compounds are predicted by what learned from genetic perturbations as well."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.resample import Weights, aggregate, interval, take_weights

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Gain(NamedTuple):
    """A paired difference of mean Pearson delta over compounds.

    Attributes
    ----------
    with_, without
        Mean correlation with the truth of what learned with genetic perturbations and without.
    value, low, high
        Difference with its interval; bounds are NaN where there are too few compounds.
    n
        Compounds.
    """

    with_: float
    without: float
    value: float
    low: float
    high: float
    n: int


def gain_of(
    truth: Array, with_: Array, without: Array, mask: Mask, weights: Weights, keep: Mask, *, level: float = 0.95
) -> Gain:
    """Difference of correlations with the truth, families of conditions resampled together.

    Parameters
    ----------
    truth, with_, without
        (n, g) effects; a prediction without a defined correlation (constant, zero) counts 0.
    weights
        Of the n conditions.
    keep
        (n,) conditions that count.

    Returns
    -------
    `Gain`; NaN without any condition.
    """
    if not keep.any():
        return Gain(*(np.nan,) * 5, 0)
    rows = [np.nan_to_num(pearson(truth[keep], x[keep], mask[keep])) for x in (with_, without)]
    part = take_weights(weights, keep, weights.family)
    found = interval(*aggregate(rows[0] - rows[1], part), part.method, level, part.families)
    each = [float((part.base * r).sum()) for r in rows]
    return Gain(each[0], each[1], found.value, found.low, found.high, len(np.unique(weights.family[keep])))
