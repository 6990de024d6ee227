"""Rank correlation within groups, tested over families."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

MIN_GROUP = 3
"""Rows that a group needs for ranks within it."""
MIN_FAMILIES = 9
"""2 of 2^9 sign patterns are below p = .01."""
DRAWS = 4999
BLOCK = 500


class RankCorrelation(NamedTuple):
    """Spearman correlation within groups, its p-value, and the families it rests on.

    NaN if a side is constant in every group, or groups and families are too few.
    """

    rho: float
    p_value: float
    families: int


def within_group_spearman(
    x: Array,
    y: Array,
    group: NDArray[np.integer],
    family: NDArray[np.integer],
    rng: np.random.Generator,
    *,
    min_families: int = MIN_FAMILIES,
) -> RankCorrelation:
    """Spearman correlation on ranks within groups, with a p-value that respects families.

    Ranks are taken and centred within each group and divided by its size, so that groups that differ
    as a whole do not correlate. The same family in several groups is not independent evidence: its
    product of ranks, summed over groups, is the unit, and the null flips the signs of these units.

    Parameters
    ----------
    x, y
        (n,) values; rows with NaN take no part.
    group, family
        (n,) codes: context, and perturbation.
    min_families
        With fewer there is no value.
    """
    ok = np.isfinite(x) & np.isfinite(y)
    a, b = np.zeros(len(x)), np.zeros(len(x))
    used = np.zeros(len(x), dtype=bool)
    for g in np.unique(group[ok]):
        at = np.flatnonzero(ok & (group == g))
        if len(at) < MIN_GROUP or np.ptp(x[at]) == 0 or np.ptp(y[at]) == 0:
            continue
        used[at] = True
        for ranks, values in ((a, x), (b, y)):
            ranks[at] = (scipy.stats.rankdata(values[at]) - (len(at) + 1) / 2) / len(at)
    _, code = np.unique(family[used], return_inverse=True)
    families = int(code.max(initial=-1)) + 1
    if families < min_families:
        return RankCorrelation(np.nan, np.nan, families)
    unit = np.bincount(code, weights=a[used] * b[used])
    rho = unit.sum() / np.sqrt((a @ a) * (b @ b))
    at_least = 0
    for start in range(0, DRAWS, BLOCK):
        signs = rng.integers(0, 2, size=(min(BLOCK, DRAWS - start), families)) * 2 - 1
        at_least += int((np.abs(signs @ unit) >= abs(unit.sum()) * (1 - 1e-12)).sum())
    return RankCorrelation(float(rho), (1 + at_least) / (DRAWS + 1), families)
