"""Across drugs: whether drugs are ordered alike within contexts, drugs permuted alike in all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.induced import permuted_products, stratum_ranks
from vcassay.core import Threshold
from vcassay.evidence.biology.dose.series import Strata
from vcassay.evidence.biology.tested import DRAWS, Tested, tested

DOSE_DRUGS = Threshold("dose_min_drugs", 5, "orders of fewer drugs cannot reach p < .01 by far")
LEAST = 3
"""Series that a stratum needs."""

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


def comparable(stratum: Index, use: Mask) -> Mask:
    """(m,) whether a series has at least two others to be compared with."""
    n = np.bincount(stratum[use], minlength=int(stratum.max(initial=0)) + 1)
    return np.asarray(use & (n[stratum] >= LEAST))


def across_drugs(pairs: Sequence[tuple[Array, Array]], strata: Strata, use: Mask, seed: int) -> Tested:
    """Rank correlation within strata, averaged over pairs of measurements.

    Parameters
    ----------
    pairs
        (m,) values of every series, twice; an undefined one counts as the middle of its stratum.
    strata
        Drug and stratum of every series.
    use
        (m,) series that take part.
    seed
        Of the permutations of drugs, the same for every arm.

    Returns
    -------
    `Tested` over series. 0 where one side does not tell drugs apart; NaN without series.
    """
    at = np.flatnonzero(use)
    n = len(at)
    if not n:
        return Tested(np.nan, np.nan, np.nan, np.nan, np.nan, 0)
    stratum, drug = np.unique(strata.stratum[at], return_inverse=True)[1], strata.drug[at]
    x, y, scale = [], [], []
    for left, right in pairs:
        a, b = stratum_ranks(left[at], stratum), stratum_ranks(right[at], stratum)
        size = float(np.sqrt((a @ a) * (b @ b)))
        x.append(a)
        y.append(b)
        scale.append(1.0 / size if size > 0 else 0.0)
    left, right = np.stack(x, axis=1), np.stack(y, axis=1)
    weight = np.asarray(scale) / len(scale)
    value = float((left * right).sum(axis=0) @ weight)
    drugs = int(strata.drug.max()) + 1
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(drugs), (DRAWS, 1)), axis=1)
    draws = np.concatenate([block @ weight for block in permuted_products(left, right, drug, stratum, orders)])
    return tested(value, draws, n)
