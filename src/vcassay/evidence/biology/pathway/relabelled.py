"""Relabelled: which agent stands for which under permutation, among agents of one kind and alike in strength."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Threshold

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

STRENGTH_BANDS = Threshold("strength_bands", 3, "agents are permuted within thirds of effect size (proposal)")
STRENGTH_LEAST = Threshold("strength_least_agents", 30, "with fewer agents of a kind they are one band (proposal)")


def strata_of(kind: Mask, strength: Array) -> Codes:
    """(p,) codes of agents of one kind and one band of strength; an unknown strength is in the lowest."""
    out = np.zeros(len(kind), dtype=np.int64)
    for own in np.unique(kind):
        at = np.flatnonzero(kind == own)
        bands = int(STRENGTH_BANDS.value) if len(at) >= STRENGTH_LEAST.value else 1
        order = at[np.lexsort((at, np.nan_to_num(strength[at])))]
        out[order] = int(own) * int(STRENGTH_BANDS.value) + np.arange(len(order)) * bands // max(len(order), 1)
    return out


def permute_within(strata: Codes, draws: int, rng: np.random.Generator) -> Codes:
    """(draws, n) permutations of n positions within strata."""
    n = len(strata)
    home = np.argsort(strata, kind="stable")
    order = np.argsort(rng.random((draws, n)) + strata, axis=1, kind="stable")
    out = np.empty((draws, n), dtype=np.int64)
    out[:, home] = order
    return out


def stand_ins(values: Array, plus: Mask, minus: Mask) -> Array:
    """What the statistic of an agent would be if another stood for it.

    Parameters
    ----------
    values
        (p, c) of every agent in every context, NaN where not measured; 1 - value is the same asked the other way round
        for ranks, see ``minus``.
    plus, minus
        (i, c) contexts that are asked of each of i agents, and those asked the other way round.

    Returns
    -------
    (i, p) mean of the values of each agent over the contexts asked; NaN where it was measured in none of them.
    """
    known = np.isfinite(values)
    filled, have = np.where(known, values, 0.0), known.astype(np.float64)
    total = plus.astype(np.float64) @ filled.T + minus.astype(np.float64) @ (have - filled).T
    count = (plus | minus).astype(np.float64) @ have.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))
