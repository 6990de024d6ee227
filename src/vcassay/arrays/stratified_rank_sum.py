"""Stratified rank sum: whether chosen rows lie lower than the others of their group, families being chosen whole."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.codes import join

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Lower(NamedTuple):
    """Rank sum within groups.

    Attributes
    ----------
    below
        Probability that a chosen row lies below another one of its group, ties counting half; 0.5 by chance.
    p_value
        One-sided, of chosen rows lying as low when families are exchanged.
    chosen, others
        Rows that took part.
    """

    below: float
    p_value: float
    chosen: int
    others: int


def lower_within(
    values: Array, chosen: Flags, group: Codes, family: Codes, draws: int, rng: np.random.Generator
) -> Lower:
    """Compare chosen rows with the other rows of their group.

    Values are ranked within each group. The null exchanges families: which groups (and which of its rows in each, in
    the order given) a family is chosen in goes to another family, so that a family that is low in all groups counts
    once. Rows that a family does not have are passed over.

    Parameters
    ----------
    values
        (n,) values; rows with NaN take no part, nor do groups in which none or all are chosen.
    chosen
        (n,) rows to compare.
    group, family
        (n,) codes: context, and perturbation.
    draws
        Exchanges drawn.

    Returns
    -------
    `Lower`; NaN if no group has rows of both kinds.
    """
    ok = np.isfinite(values)
    n_groups = int(group.max(initial=-1)) + 1
    some, most = (np.bincount(group[ok & flag], minlength=n_groups) for flag in (chosen, ~chosen))
    ok &= ((some > 0) & (most > 0))[group]
    if not ok.any():
        return Lower(np.nan, np.nan, 0, 0)
    value, pick = values[ok], chosen[ok]
    _, where = np.unique(group[ok], return_inverse=True)
    _, kin = np.unique(family[ok], return_inverse=True)
    size = np.bincount(where)
    rank = np.zeros(len(value))
    for g in range(len(size)):
        at = np.flatnonzero(where == g)
        rank[at] = (scipy.stats.rankdata(value[at]) - (len(at) + 1) / 2.0) / len(at)
    slot = _slots(kin.astype(np.int64), where.astype(np.int64))
    have = np.zeros((int(kin.max()) + 1, int(slot.max()) + 1))
    ranks, picks = have.copy(), have.copy()
    have[kin, slot], ranks[kin, slot], picks[kin, slot] = 1.0, rank, pick
    active = np.flatnonzero(picks.any(axis=1))
    pairs = float((some[some > 0] * most[some > 0])[most[some > 0] > 0].sum())
    own = float((picks * ranks).sum() / picks.sum())
    low = 0
    for _ in range(draws):
        other = rng.permutation(len(have))[active]
        count = float((picks[active] * have[other]).sum())
        drawn = float((picks[active] * ranks[other]).sum()) / count if count else 0.0
        low += drawn <= own + 1e-12
    return Lower(_below(value, pick, where, pairs), (1 + low) / (draws + 1), int(pick.sum()), int((~pick).sum()))


def _slots(family: Codes, group: Codes) -> Codes:
    """(n,) group and place among the family's rows in it, as one code."""
    pair = join(family, group)
    order = np.argsort(pair, kind="stable")
    sizes = np.bincount(pair)
    place = np.empty(len(pair), dtype=np.int64)
    place[order] = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return join(group, place)


def _below(value: Array, pick: Flags, where: Codes, pairs: float) -> float:
    """Share of the pairs within groups in which the chosen row lies below."""
    total = 0.0
    for g in range(int(where.max()) + 1):
        at = where == g
        a, b = value[at & pick], value[at & ~pick]
        rank = scipy.stats.rankdata(np.concatenate([a, b]))[: len(a)]
        total += len(a) * len(b) - (rank.sum() - len(a) * (len(a) + 1) / 2.0)
    return total / pairs
