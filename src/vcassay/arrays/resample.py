"""Intervals for means over conditions within contexts (DECISIONS 7).

A statistic is a mean over contexts of the mean (or ratio of sums) over a context's conditions. All
models, baselines and their differences use the same resampling weights, so that differences are
paired.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

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


class Estimate(NamedTuple):
    """An aggregate with its 95 % interval and standard error."""

    value: float
    low: float
    high: float
    se: float


def aggregate(values: Array, weights: Weights, denominator: Array | None = None) -> tuple[float, Array, Array]:
    """Aggregate one statistic.

    Parameters
    ----------
    values
        (n,) per-condition values (or numerators); no NaN: what is undefined is decided before.
    weights
        From `draw_weights`.
    denominator
        (n,) denominators of a ratio of sums, taken within each context.

    Returns
    -------
    value, (b,) bootstrap draws, (k,) values by context; NaN where there is no condition or a
    denominator is 0.
    """
    k = int(weights.context.max(initial=-1)) + 1
    if k == 0:
        return np.nan, np.full(len(weights.draws), np.nan), np.empty(0)
    by_context = np.array([_mean(values, denominator, weights.context == c) for c in range(k)])
    if denominator is None:
        return float(weights.base @ values), weights.draws @ values, by_context
    total = np.zeros(len(weights.draws))
    share = np.zeros(len(weights.draws))
    for c in range(k):
        at = weights.context == c
        w = weights.draws[:, at]
        num, den, part = w @ values[at], w @ denominator[at], w.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(part == 0, 0.0, num / den)
        total += part * ratio
        share += part
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.mean(by_context)), total / share, by_context


def _mean(values: Array, denominator: Array | None, at: NDArray[np.bool_]) -> float:
    if denominator is None:
        return float(values[at].mean())
    den = float(denominator[at].sum())
    return float(values[at].sum()) / den if den != 0 else np.nan


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
