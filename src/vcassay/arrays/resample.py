"""Intervals for means over conditions within contexts (methods 7).

A statistic is a mean over contexts of the mean (or ratio of sums) over a context's conditions. All
models, baselines and their differences use the same resampling weights, so that differences are
paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]

CONTEXTS_TO_RESAMPLE = 10
"""From this number of contexts up, contexts are resampled too."""
CONTEXTS_FOR_T = 5
"""From this number up to that, a t interval on context means; below, conditional on the contexts."""


NONE = "none"
"""Method of an interval that cannot be computed."""
FAMILIES_TO_RESAMPLE = 8
"""Within fewer than five contexts, from this number of families up; below there is no interval at all."""


class Weights(NamedTuple):
    """Resampling weights.

    Attributes
    ----------
    draws
        (b, n) weight of each condition in each draw; a context's conditions sum to the context's
        share. NaN in a draw that holds no condition, and in all if nothing can be resampled: a
        single family in contexts that are taken as given.
    base
        (n,) weights of the plain statistic.
    context
        (n,) context codes, 0..k-1.
    method
        ``contexts``, ``t on contexts``, ``these contexts``, or `NONE` (too few contexts and families).
    """

    draws: Array
    base: Array
    context: NDArray[np.int64]
    method: str


def draw_weights(
    context: NDArray[np.integer], family: NDArray[np.integer], draws: int, rng: np.random.Generator
) -> Weights:
    """Draw bootstrap weights: contexts (if there are enough), then perturbation families.

    Parameters
    ----------
    context
        (n,) code of each condition's context.
    family
        (n,) code of what is resampled together: all doses of a perturbation, in all contexts.
    draws
        Number of draws.
    """
    _, code = np.unique(context, return_inverse=True)
    _, fam = np.unique(family, return_inverse=True)
    k, m = int(code.max(initial=-1)) + 1, int(fam.max(initial=-1)) + 1
    if k >= CONTEXTS_TO_RESAMPLE:
        method = "contexts"
    elif k >= CONTEXTS_FOR_T:
        method = "t on contexts"
    else:
        method = "these contexts" if m >= FAMILIES_TO_RESAMPLE else NONE
    base = np.ones(len(code))
    base = _normalised(base[None, :], np.ones((1, k)), code)[0]
    times = rng.multinomial(m, np.full(m, 1.0 / m), size=draws).astype(np.float64) if m else np.empty((draws, 0))
    per_condition = times[:, fam] if m else np.empty((draws, 0))
    weight = rng.multinomial(k, np.full(k, 1.0 / k), size=draws) if method == "contexts" else np.ones((draws, k))
    drawn = _normalised(per_condition, weight.astype(np.float64), code)
    drawn[~drawn.any(axis=1) | (m < 2 and method != "contexts")] = np.nan
    return Weights(drawn, base, code, method)


def _normalised(count: Array, context_weight: Array, code: NDArray[np.int64]) -> Array:
    """Scale counts so that each context has its weight, shared equally by its drawn conditions."""
    k = context_weight.shape[1]
    total = np.zeros((len(count), k))
    for c in range(k):
        total[:, c] = count[:, code == c].sum(axis=1)
    present = total > 0
    weight = np.where(present, context_weight, 0.0)
    weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(present, weight / total, 0.0)
    return np.asarray(count * share[:, code])


def take_weights(weights: Weights, keep: NDArray[np.bool_], family: NDArray[np.integer]) -> Weights:
    """Weights of some of the conditions, drawn together with those of all.

    Every context that keeps conditions keeps its share; what lost all of them in a draw leaves its share to the
    others. So a statistic of a part stays paired with that of the whole.

    Parameters
    ----------
    keep
        (n,) conditions that are kept.
    family
        (n,) codes of what is resampled together, to tell whether there are enough for an interval.
    """
    contexts, code = np.unique(weights.context[keep], return_inverse=True)
    k = len(contexts)
    rows = np.vstack([weights.base[None], weights.draws])
    share = np.zeros((len(rows), k))
    for i, c in enumerate(contexts.tolist()):
        share[:, i] = rows[:, weights.context == c].sum(axis=1)
    drawn = _normalised(rows[:, keep], np.nan_to_num(share), code)
    drawn[~drawn.any(axis=1) | ~np.isfinite(rows[:, keep]).all(axis=1)] = np.nan
    method = weights.method
    if k < CONTEXTS_FOR_T:
        enough = len(np.unique(np.asarray(family)[keep])) >= FAMILIES_TO_RESAMPLE
        method = "these contexts" if enough else NONE
    return Weights(drawn[1:], drawn[0], code.astype(np.int64), method)


class Estimate(NamedTuple):
    """An aggregate with its 95 % interval and standard error."""

    value: float
    low: float
    high: float
    se: float


def aggregate(values: Array, weights: Weights, denominator: Array | None = None) -> tuple[float, Array, Array]:
    """Aggregate one statistic.

    A ratio is the weighted sum of numerators over the weighted sum of denominators, each context
    having the same weight in both: ratios of single contexts, whose denominators may be near 0, are
    never averaged.

    Parameters
    ----------
    values
        (n,) per-condition values (or numerators); no NaN: what is undefined is decided before.
    weights
        From `draw_weights`.
    denominator
        (n,) denominators of a ratio of sums.

    Returns
    -------
    value, (b,) bootstrap draws, (k,) values by context (of a ratio: linearised, so that their mean
    is the ratio and their spread its delta-method error); NaN where there is no condition or the
    denominator is not above 0.
    """
    return aggregate_many(values[:, None], weights, [denominator])[0]


@numba.njit(cache=True, nogil=True)
def _weigh(first: int, last: int, draws: Array, values: Array, out: Array) -> None:
    for b in range(first, last):
        for j in range(values.shape[1]):
            out[b, j] = 0.0
        for i in range(draws.shape[1]):
            w = draws[b, i]
            if w != 0.0:  # NaN is not 0
                for j in range(values.shape[1]):
                    out[b, j] += w * values[i, j]


def weigh(draws: Array, values: Array) -> Array:
    """(b, m) weighted sums of (n, m) values; each the same bits whatever the other columns are."""
    out = np.empty((len(draws), values.shape[1]))
    in_threads(_weigh, len(draws), np.ascontiguousarray(draws), np.ascontiguousarray(values), out)
    return out


def aggregate_many(
    values: Array, weights: Weights, denominators: Sequence[Array | None]
) -> list[tuple[float, Array, Array]]:
    """Aggregate m statistics of the same conditions, with one pass over the draws.

    Parameters
    ----------
    values
        (n, m) per-condition values (or numerators).
    denominators
        One a statistic, as `aggregate` takes it.

    Returns
    -------
    What `aggregate` returns, one a statistic.
    """
    k, m = int(weights.context.max(initial=-1)) + 1, values.shape[1]
    if k == 0:
        return [(np.nan, np.full(len(weights.draws), np.nan), np.empty(0))] * m
    drawn = weigh(weights.draws, values)
    below = {i: d for i, d in enumerate(denominators) if d is not None}
    shared = {id(d): d for d in below.values()}
    below_drawn = {key: weigh(weights.draws, d[:, None])[:, 0] for key, d in shared.items()}
    out = []
    for i in range(m):
        value, draws = float((weights.base * values[:, i]).sum()), np.ascontiguousarray(drawn[:, i])
        by_context = _by_context(values[:, i], weights, k)
        if i not in below:
            out.append((value, draws, by_context))
            continue
        base, base_drawn = float((weights.base * below[i]).sum()), below_drawn[id(below[i])]
        if not base > 0:
            out.append((np.nan, np.full(len(draws), np.nan), np.full(k, np.nan)))
            continue
        ratio = value / base
        with np.errstate(divide="ignore", invalid="ignore"):
            draws = np.where(base_drawn > 0, draws / base_drawn, np.nan)
        out.append((ratio, draws, ratio + (by_context - ratio * _by_context(below[i], weights, k)) / base))
    return out


def _by_context(values: Array, weights: Weights, k: int) -> Array:
    """(k,) mean of each context's conditions."""
    total = np.bincount(weights.context, weights=values, minlength=k)
    return np.asarray(total / np.bincount(weights.context, minlength=k))


def interval(value: float, draws: Array, by_context: Array, method: str, level: float = 0.95) -> Estimate:
    """95 % interval of a statistic by the method that its number of contexts allows.

    With 5 to 9 contexts a t interval on context means is joined (root of the sum of squares) with
    the bootstrap over perturbation families, which contexts share.

    Returns
    -------
    `Estimate`; bounds are NaN if the value is, or if there is nothing to resample.
    """
    tail = (1.0 - level) / 2.0
    if method == "t on contexts":
        # a t on context means alone misses families that all contexts share (24 % coverage at worst)
        k, shared = len(by_context), draws[np.isfinite(draws)]
        between = float(by_context.std(ddof=1) / np.sqrt(k))
        within = float(shared.std(ddof=1)) if len(shared) > 1 else 0.0
        half = float(np.hypot(stats.t.ppf(1 - tail, k - 1) * between, stats.norm.ppf(1 - tail) * within))
        return Estimate(value, value - half, value + half, float(np.hypot(between, within)))
    ok = draws[np.isfinite(draws)]
    if method == NONE or len(ok) < 2 or not np.isfinite(value):
        return Estimate(value, np.nan, np.nan, np.nan)
    low, high = np.quantile(ok, [tail, 1 - tail])
    return Estimate(value, float(low), float(high), float(ok.std(ddof=1)))
