"""Matching: are rows more alike to their own partners than to those of others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.matching import Matching, match_own
from vcassay.arrays.percentiles import percentiles
from vcassay.arrays.permutations import permute_within
from vcassay.arrays.tiles import product

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def matched_rows(left: Array, right: Array, mask: Mask, group: Codes, orders: Codes) -> tuple[float, Array, int]:
    """Mean correlation of each row with its partner, and with partners exchanged within groups.

    Parameters
    ----------
    left, right
        (n, g); a row with NaN in either takes no part, and exchanges that would give it to another one are left out
        of that draw's mean.
    mask
        (n, g) genes that count; others are at the row's mean.
    group
        (n,) codes; rows are only exchanged, and compared, within these.
    orders
        (draws, n) from `vcassay.arrays.permutations.permute_within`.

    Returns
    -------
    The mean, (draws,) means under exchange, and the rows that count: those of groups with two or more.
    """
    known = np.isfinite(np.where(mask, left, 0.0)).all(axis=1) & np.isfinite(np.where(mask, right, 0.0)).all(axis=1)
    known &= np.bincount(group[known], minlength=int(group.max(initial=0)) + 1)[group] > 1
    total, drawn, weight = 0.0, np.zeros(len(orders)), np.zeros(len(orders))
    for c in np.unique(group[known]):
        at = np.flatnonzero((group == c) & known)
        similar = product(_standard(left[at], mask[at]), _standard(right[at], mask[at]).T)
        place = np.full(len(known), -1, dtype=np.int64)
        place[at] = np.arange(len(at))
        to = place[orders[:, at]]
        drawn += np.where(to >= 0, similar[np.arange(len(at)), to], 0.0).sum(axis=1)
        weight += (to >= 0).sum(axis=1)
        total += float(np.trace(similar))
    n = int(known.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return (total / n if n else np.nan), drawn / weight, n


def _standard(values: Array, mask: Mask) -> Array:
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    inside = np.where(mask, values, 0.0)
    centred = np.where(mask, inside - inside.sum(axis=1, keepdims=True) / count, 0.0)
    length = np.sqrt((centred * centred).sum(axis=1, keepdims=True))
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-12))


def ranked_target_mass(mass: Array, targets: Mask, draws: int, rng: np.random.Generator) -> Matching:
    """Mean rank of each agent's mass on its own genes among all agents' mass on these, and with sets exchanged.

    Parameters
    ----------
    mass
        (p, g), each row summing up to 1.
    targets
        (p, g) genes of each agent, at least one.

    Returns
    -------
    The mean of ranks from 0 (least) to 1 (most), ties sharing theirs, and (draws,) of it with sets permuted.
    """
    on = product(mass, targets.T.astype(np.float64))
    rank = percentiles(on.T).T
    orders = permute_within(np.zeros(len(mass), dtype=np.int64), draws, rng)
    return match_own(rank, np.ones_like(rank), orders)
