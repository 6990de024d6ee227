"""Rankings within groups: rank correlation, hits among the best k, and what choosing them gains.

Every statistic is written as numerators and denominators, one a condition, whose ratio of sums (a group weighing as its
number of conditions) is the statistic: so it is aggregated and resampled as any other ratio. Values are "the higher,
the better"; ties share what they tie for, so that a constant prediction is exactly at chance; a missing prediction
(NaN) counts at chance; a condition with a missing truth belongs to no group.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


class _Runs(NamedTuple):
    """Values sorted within groups, the lowest first: for each condition where its ties begin and how many they are."""

    start: Array
    length: Array
    size: Array


def _runs(values: Array, group: Codes) -> _Runs:
    """Find ties within groups; NaN in all three for a NaN value or a negative group."""
    out = np.full((3, len(values)), np.nan)
    at = np.flatnonzero(np.isfinite(values) & (group >= 0))
    if len(at):
        order = at[np.lexsort((values[at], group[at]))]
        g, v = group[order], values[order]
        place = np.arange(len(order))
        new_group = np.r_[True, g[1:] != g[:-1]]
        new_run = new_group | np.r_[True, v[1:] != v[:-1]]
        first = place[new_group][np.cumsum(new_group) - 1]
        run = np.cumsum(new_run) - 1
        size = np.bincount(np.cumsum(new_group) - 1)[np.cumsum(new_group) - 1]
        out[:, order] = place[new_run][run] - first, np.bincount(run)[run], size
    return _Runs(*out)


def group_ranks(values: Array, group: Codes) -> Array:
    """(n,) mid-ranks 1, 2, ... within groups, the lowest first; NaN where the value is, or the group is below 0."""
    runs = _runs(values, group)
    return np.asarray(runs.start + (runs.length + 1.0) / 2.0)


def group_sizes(group: Codes) -> Codes:
    """(n,) number of conditions of each condition's group; 0 for a group below 0."""
    count = np.bincount(group[group >= 0], minlength=1)
    return np.where(group >= 0, count[np.maximum(group, 0)], 0)


def centred_ranks(values: Array, group: Codes) -> Array:
    """Ranks within groups, centred and scaled so that their squares sum to the size of the group.

    Returns
    -------
    (n,); 0 for a missing value and in a group of equal values, which tell nothing; NaN for a group below 0.
    """
    ranks = group_ranks(values, group)
    present = np.isfinite(ranks)
    code = np.maximum(group, 0)
    k = int(code.max(initial=0)) + 1
    count = np.bincount(code[present], minlength=k)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(code[present], weights=ranks[present], minlength=k) / count
        away = np.where(present, ranks - mean[code], 0.0)
        length = np.sqrt(np.bincount(code, weights=away**2, minlength=k))[code]
        scaled = np.where(length > 0, away / length, 0.0) * np.sqrt(group_sizes(group))
    return np.where(group >= 0, scaled, np.nan)


def known_group(truth: Array, group: Codes, smallest: int) -> Codes:
    """Keep groups in which at least ``smallest`` conditions have a truth, and these conditions: -1 for the others."""
    kept = np.where(np.isfinite(truth), group, -1)
    return np.where(group_sizes(kept) >= smallest, kept, -1)


def rank_correlation(truth: Array, pred: Array, group: Codes) -> Ratio:
    """Spearman correlation within groups.

    Returns
    -------
    a b and (a^2 + b^2) / 2 of `centred_ranks`, with b^2 taken as that of a complete ranking; NaN for a group below 0
    and where all truths of a group are equal.
    """
    a, b = centred_ranks(truth, group), centred_ranks(pred, group)
    code = np.maximum(group, 0)
    varied = np.bincount(code, weights=np.nan_to_num(a**2))[code] > 0 if len(code) else np.zeros(0, dtype=bool)
    informed = np.bincount(code, weights=np.nan_to_num(b**2))[code] > 0 if len(code) else varied
    below = np.where(informed, (a**2 + b**2) / 2.0, a**2)
    return Ratio(np.where(varied, a * b, np.nan), np.where(varied, below, np.nan))


def best(values: Array, group: Codes, k: Array) -> Array:
    """Expected membership of each condition in the best k of its group, ties broken at random.

    Parameters
    ----------
    k
        (n,) number that is chosen in each condition's group.

    Returns
    -------
    (n,) in [0, 1], summing to k in every group. A missing value has k / n, what it would have by chance; NaN for a
    group below 0.
    """
    runs = _runs(-values, group)
    n = group_sizes(group)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = k / n
        chosen = np.clip((chance * runs.size - runs.start) / runs.length, 0.0, 1.0)
    return np.where(group >= 0, np.where(np.isfinite(values), chosen, chance), np.nan)


def hits(truth: Array, pred: Array, group: Codes, k: Array) -> Ratio:
    """Hit rate at k: the share of the truly best k of a group that are among its predicted best k.

    Returns
    -------
    Numerators and denominators; by chance k / n. NaN for a group below 0.
    """
    wanted = best(truth, group, k)
    return Ratio(wanted * best(pred, group, k), wanted)


def chance_hits(truth: Array, group: Codes, k: Array) -> Array:
    """(n,) numerators of the hit rate that is expected of a random order: its ratio to them is the enrichment."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(best(truth, group, k) * k / group_sizes(group))


def gain(values: Array, chosen: Array, group: Codes, k: Array) -> Ratio:
    """What a choice gains: mean value of the chosen k minus the mean of the group.

    Parameters
    ----------
    values
        (n,) measured without the data that the choice was made by, else the best of the noise is chosen and the gain
        is too high (the winner's curse).
    chosen
        (n,) membership in the choice, from `best`.

    Returns
    -------
    Numerators and denominators, the values taken from the mean of their group: their ratio of sums is the mean of the
    groups' gains, weighed by their sizes.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(group >= 0, group_sizes(group) * chosen / k, np.nan)
    return Ratio(weight * _centred(values, group), weight)


class HalfGains(NamedTuple):
    """What choosing by one half gains, both ways together.

    Attributes
    ----------
    crossed
        On the other half: what a replicate of half the depth gains, free of the winner's curse.
    own
        On the same half: too high by the curse.

    Notes
    -----
    With normal true values and noise, choosing the best k of n by the true values gains i s (i the mean of the best k
    standard normal values, s the sd of the true values), choosing by a half of correlation r with them gains r i s on
    the other half, and i s / r on itself: the root of the product of the two is the gain of the truly best k, whatever
    k, r and s are.
    """

    crossed: Ratio
    own: Ratio


def half_gains(half_a: Array, half_b: Array, group: Codes, k: Array) -> HalfGains:
    """Choose by either half, and evaluate on the other and on itself."""
    by_a, by_b = best(half_a, group, k), best(half_b, group, k)
    crossed = _joined(gain(half_b, by_a, group, k), gain(half_a, by_b, group, k))
    return HalfGains(crossed, _joined(gain(half_a, by_a, group, k), gain(half_b, by_b, group, k)))


def _joined(a: Ratio, b: Ratio) -> Ratio:
    return Ratio(a.numerator + b.numerator, a.denominator + b.denominator)


def _centred(values: Array, group: Codes) -> Array:
    member = group >= 0
    code = np.maximum(group, 0)
    total = np.bincount(code[member], weights=values[member], minlength=int(code.max(initial=0)) + 1)
    return np.where(
        member, values - (total / np.maximum(np.bincount(code[member], minlength=len(total)), 1))[code], np.nan
    )


def without_main_effects(values: Array, row: Codes, column: Codes, sweeps: int = 100) -> Array:
    """Residuals of an additive fit of rows and columns: what is specific to their combination.

    Alternating means, which converge to least squares on tables with gaps; NaN stays NaN and is not fitted.
    """
    out = np.array(values, dtype=np.float64)
    at = np.flatnonzero(np.isfinite(out))
    if not len(at):
        return out
    rest, tolerance = out[at], 1e-12 * np.abs(out[at]).max()
    codes = [np.unique(c[at], return_inverse=True)[1] for c in (row, column)]
    for _ in range(sweeps):
        moved = 0.0
        for code in codes:
            mean = np.bincount(code, weights=rest) / np.bincount(code)
            rest = rest - mean[code]
            moved = max(moved, float(np.abs(mean).max()))
        if moved <= tolerance:
            break
    out[at] = rest
    return out
