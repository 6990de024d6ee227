"""Agreement of one value a condition across conditions: overall, within groups, and beyond what a covariate tells.

A correlation is written as numerators a b and denominators (a^2 + b^2) / 2 of standardised values, one a condition:
their ratio of sums is the mean of the groups' correlations, each weighing as its number of conditions, and it is
aggregated and resampled as any other ratio of sums. A prediction that is constant in a group has a numerator of NaN
over a^2, what the group weighs at chance. What the truth leaves undefined is NaN in both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

FLAT = 1e-10
"""A spread below this share of the values' size is rounding."""


def equal_weights(group: Codes) -> Array:
    """(n,) weights of conditions by which every group has the same total, 1 a condition on average."""
    if not len(group):
        return np.zeros(0)
    _, code, count = np.unique(group, return_inverse=True, return_counts=True)
    return np.asarray(len(group) / (len(count) * count[code]))


def standardised(values: Array, group: Codes, weight: Array, given: Array | None = None, smallest: int = 3) -> Array:
    """Centre values within groups and scale them to a mean square of 1.

    Parameters
    ----------
    values
        (n,) values; a group with a NaN in it is NaN.
    group
        (n,) codes; below 0 belongs to none.
    weight
        (n,) weights for means and mean squares.
    given
        (n,) a covariate that is regressed out within each group first.
    smallest
        Groups of fewer conditions are NaN.

    Returns
    -------
    (n,) standardised values; NaN where a group is constant up to rounding, or is the covariate's straight line.
    """
    code = np.maximum(group, 0)
    w = np.where(group >= 0, weight, 0.0)
    n = np.bincount(code[group >= 0], minlength=int(code.max(initial=0)) + 1)
    x = _centred(values, code, w)
    size = _mean(np.abs(values), code, w)
    if given is not None:
        z = _centred(given, code, w)
        zz = _mean(z * z, code, w)
        told = np.sqrt(zz) > FLAT * _mean(np.abs(given), code, w)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(told, _mean(x * z, code, w) / zz, 0.0)
        x = x - slope * z
    spread = np.sqrt(_mean(x * x, code, w))
    with np.errstate(divide="ignore", invalid="ignore"):
        usable = (spread > FLAT * size) & (n[code] >= smallest) & (group >= 0)
        return np.where(usable, x / spread, np.nan)


def correlation(
    truth: Array,
    pred: Array,
    group: Codes,
    *,
    weight: Array | None = None,
    given: Array | None = None,
    smallest: int = 3,
) -> Ratio:
    """Pearson correlation within groups; with a covariate, the partial correlation.

    Parameters
    ----------
    truth, pred
        (n,) values.
    group, weight, given, smallest
        As of `standardised`; weights are 1 by default.

    Returns
    -------
    Numerators and denominators, NaN where a group's truth does not vary, or is too small; the numerator alone where
    the prediction does not vary, or is the covariate's straight line.
    """
    weight = np.ones(len(truth)) if weight is None else weight
    a = standardised(truth, group, weight, given, smallest)
    b = standardised(pred, group, weight, given, smallest)
    return _product(a, b)


def rank_correlation(truth: Array, pred: Array, group: Codes, given: Array | None = None, smallest: int = 3) -> Ratio:
    """Spearman correlation within groups; with a covariate, of the ranks of what is left of either beyond it.

    Parameters and returns are those of `correlation`.
    """
    one = np.ones(len(truth))
    ranked = []
    for values in (truth, pred):
        left = standardised(values, group, one, given, smallest)
        inside = np.where(np.isfinite(left), group, -1)
        ranked.append(standardised(_ranks(left, inside), inside, one, smallest=smallest))
    return _product(*ranked)


def _product(a: Array, b: Array) -> Ratio:
    return Ratio(a * b, np.where(np.isfinite(b), (a * a + b * b) / 2.0, a * a))


def found_among(truth: Array, pred: Array, group: Codes, share: float, smallest: int = 3) -> Ratio:
    """Whether the lowest values of a group are predicted below the others: the area under the ROC curve.

    Parameters
    ----------
    share
        The lowest ``share`` of a group's truths, at least one and all that tie with the last, are to be found.

    Returns
    -------
    Half of a group's sum is that of the values to be found, each with the share of the others that is predicted above
    it; half is that of the others, each with the share of those to be found that is predicted below it. Ties count
    half; by chance .5. So every condition has a part, and no resample of contexts is without any. NaN in groups that
    are too small, or in which all are to be found.
    """
    to_find, n, m = _wanted(truth, group, share, smallest)
    defined = np.isfinite(to_find) & (m < n)
    inside = np.where(defined, group, -1)
    among_all = _ranks(pred, inside)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1.0 - (among_all - _ranks(pred, np.where(to_find == 1.0, inside, -1))) / (n - m)
        passed = (among_all - _ranks(pred, np.where(to_find == 0.0, inside, -1))) / m
        weight = np.where(to_find == 1.0, n / (2.0 * m), n / (2.0 * (n - m)))
    placed = np.where(to_find == 1.0, found, passed)
    return Ratio(np.where(defined, weight * placed, np.nan), np.where(defined, weight, np.nan))


def hits(truth: Array, pred: Array, group: Codes, share: float, smallest: int = 3) -> Ratio:
    """Hit rate above chance among as many predictions as there are values to be found.

    Parameters
    ----------
    share
        As of `found_among`.

    Returns
    -------
    Ratio whose sums over a group give (hits - expected) / (possible - expected), the covariance of being chosen with
    being wanted over the variance of the latter: 1 if all are found, 0 by chance. With ties among the predictions,
    hits are what a random order of them gives. NaN as of `found_among`.
    """
    to_find, n, m = _wanted(truth, group, share, smallest)
    defined = np.isfinite(to_find) & (m < n)
    inside = np.where(defined, group, -1)
    upper, lower = _ranks(pred, inside, "max"), _ranks(pred, inside, "min")
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = m / n
        chosen = np.clip((m - lower + 1.0) / (upper - lower + 1.0), 0.0, 1.0)
        a, b, variance = to_find - chance, chosen - chance, chance * (1.0 - chance)
        above, below = a * b / variance, a * a / variance
    return Ratio(np.where(defined, above, np.nan), np.where(defined, below, np.nan))


def _wanted(truth: Array, group: Codes, share: float, smallest: int) -> tuple[Array, Array, Array]:
    """(n,) 1 for the values to be found, 0 for the others, NaN in groups that are too small; sizes; numbers to find."""
    code = np.maximum(group, 0)
    k = int(code.max(initial=0)) + 1
    n = np.bincount(code[group >= 0], minlength=k)[code].astype(np.float64)
    last = np.maximum(1.0, np.rint(share * n))
    wanted = np.where((group >= 0) & (n >= smallest), (_ranks(truth, group, "min") <= last).astype(np.float64), np.nan)
    m = np.bincount(code[wanted == 1.0], minlength=k)[code].astype(np.float64)
    return wanted, n, m


def _ranks(values: Array, group: Codes, ties: str = "mean") -> Array:
    """(n,) ranks 1, 2, ... within groups, the lowest first; NaN for a group below 0."""
    out = np.full(len(values), np.nan)
    at = np.flatnonzero(group >= 0)
    if not len(at):
        return out
    order = at[np.lexsort((values[at], group[at]))]
    g, v = group[order], values[order]
    new_group = np.r_[True, g[1:] != g[:-1]]
    new_tie = new_group | np.r_[True, v[1:] != v[:-1]]
    place = np.arange(len(order), dtype=np.float64)
    rank = place - place[new_group][np.cumsum(new_group) - 1] + 1.0
    tie = np.cumsum(new_tie) - 1
    length = np.bincount(tie)[tie]
    first = rank[new_tie][tie]
    out[order] = {"min": first, "max": first + length - 1.0, "mean": first + (length - 1.0) / 2.0}[ties]
    return out


def _centred(values: Array, code: Codes, w: Array) -> Array:
    return np.asarray(values - _mean(values, code, w))


def _mean(values: Array, code: Codes, w: Array) -> Array:
    """(n,) weighted mean of each value's group; rows without weight take no part."""
    total = np.bincount(code, weights=w)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((np.bincount(code, weights=np.where(w > 0, w * values, 0.0)) / total)[code])
