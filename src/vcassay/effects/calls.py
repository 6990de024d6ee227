"""Calls: which genes each condition changes, by a moderated t of its measured effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.calls import call_rows
from vcassay.arrays.moderated import fit_prior, squeeze
from vcassay.arrays.residual import Residuals, pooled_residuals, relative_variance
from vcassay.arrays.shards import N_SHARDS, RESERVED
from vcassay.core import Threshold
from vcassay.effects.effects import Effects
from vcassay.effects.moments import Moments

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CALL_FDR = Threshold("call_fdr", 0.05, "Benjamini-Hochberg over the tested genes of a condition")
MIN_EXPECTED_COUNT = Threshold(
    "min_expected_count", 5.0, "fewer counts, expected from training controls, make no call; they only cost power"
)
SKEW_WEIGHT = Threshold("call_skew_weight", 0.36, "Edgeworth's tail at t = 4 against that of Student's t")
KURTOSIS_WEIGHT = Threshold("call_kurtosis_weight", 0.7, "calibrated on null screens of 2 to 300 counts a gene")


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """Differential expression of conditions against their controls.

    Attributes
    ----------
    statistic, df, se
        (t, g) moderated t, its degrees of freedom, and the standard error of the effect; NaN where not tested.
    called
        (t, g) genes called at `CALL_FDR`.
    threshold
        (t, g) smallest absolute effect that would be called; NaN where a gene was not tested.
    reason
        Why nothing could be tested; empty otherwise.
    """

    statistic: Array
    df: Array
    se: Array
    called: NDArray[np.bool_]
    threshold: Array
    reason: str = ""


def find_calls(effects: Effects, rows: Codes, shards: tuple[int, ...] = ()) -> Calls:
    """Test the effects of some conditions.

    The variance of a gene is pooled over all conditions and controls of a context, as in one linear model of
    it whose replicates are shards: hundreds of degrees of freedom instead of the seven of a condition's own
    shards. It is moderated over genes (Smyth 2004), and scaled by how variable each condition and control is
    over all genes. Few counts are skewed, which Student's t with that many degrees of freedom would take for
    effects: skewness and kurtosis, pooled alike, lower the degrees of freedom until the tail is as heavy.

    A gene is tested where it is scored and its expected count, from the rate in the training controls (not
    in the condition, and not in the controls that the effect is measured against, either of which would
    select by the sign of the effect), is at least `MIN_EXPECTED_COUNT`.

    Parameters
    ----------
    rows
        (t,) positions of the conditions.
    shards
        Shards of the perturbed rows on which the truth is measured (`vcassay.claim.Split.test_shards`); all if empty.
    """
    shards = shards or tuple(range(N_SHARDS))
    moments = effects.moments
    shape = (len(rows), len(effects.genes))
    names, code = np.unique(np.asarray(effects.conditions.context, dtype=str), return_inverse=True)
    code = code.astype(np.int64)
    group_code = _group_codes(effects, names)
    size, target = (moments.sums, moments.sizes), moments.target_sum
    control = (moments.control_sums, moments.control_sizes)
    pooled = pooled_residuals(*size, code, len(names), target)
    if len(group_code):
        pooled = pooled_residuals(*control, group_code, len(names), target, into=pooled)
    if not (pooled.df > 0).any():
        nothing, none = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
        return Calls(nothing, nothing, nothing, none, nothing, "no condition or control has two replicates or cells")
    variance, df = np.empty_like(pooled.squares), np.empty_like(pooled.squares)
    for c in range(len(names)):
        variance[c], df[c] = squeeze(pooled.variance[c], pooled.df[c], fit_prior(pooled.variance[c], pooled.df[c]))
    scale, scale_df = _scales(*size, code, pooled, target)
    group_scale, _ = _scales(*control, group_code, pooled, target)
    parts = _Parts(_own(moments, rows, shards, scale[rows]), _control(moments, rows, shards, group_scale))
    se, total = _precision(
        parts, variance[code[rows]], df[code[rows]], pooled.third[code[rows]], scale_df[rows], target
    )
    tested = effects.mask[rows] & _expected(effects, rows, parts)
    effect = effects.delta[rows]
    found = call_rows(effect, se, total, tested, CALL_FDR.value)
    off = np.isnan(found.threshold)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(off, np.nan, effect / se)
    reason = "" if (found.n_tested > 0).any() else "no scored gene has enough counts to be tested"
    return Calls(statistic, total, se, found.called, found.threshold, reason)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Of the condition and of its controls: sums of scale x weight^2 / size, weight^3 / size^2, weight^4 / size^3."""

    own: tuple[Array, Array, Array]
    control: tuple[Array, Array, Array]


def _own(moments: Moments, rows: Codes, shards: tuple[int, ...], scale: Array) -> tuple[Array, Array, Array]:
    with np.errstate(divide="ignore"):
        inverse = 1.0 / moments.sizes[rows][:, list(shards)].sum(axis=1)
    return scale[:, None] * inverse, inverse**2, inverse**3


def _control(moments: Moments, rows: Codes, shards: tuple[int, ...], scale: Array) -> tuple[Array, Array, Array]:
    if not len(moments.control_sums):
        zero = np.zeros((len(rows), 1))
        return zero, zero, zero
    groups = moments.control_sizes[:, list(RESERVED)].sum(axis=1)
    with np.errstate(divide="ignore"):
        inverse = np.where(groups > 0, 1.0 / np.where(groups > 0, groups, 1.0), 0.0)
    links = sum((moments.links[s] for s in shards[1:]), moments.links[shards[0]])[rows]
    total = np.asarray(links.sum(axis=1)).ravel()
    weight = sp.csr_matrix(links.multiply(1.0 / np.where(total > 0, total, np.nan)[:, None]))
    first, second, third = weight.power(2), weight.power(3), weight.power(4)
    return first @ (scale[:, None] * inverse), second @ inverse**2, third @ inverse**3


def _precision(
    parts: _Parts, variance: Array, df: Array, third: Array, scale_df: Array, target: float | None
) -> tuple[Array, Array]:
    """Standard errors, and degrees of freedom that make Student's tails as heavy as those of few counts.

    With third cumulants k3 of a unit of size, a sum of n units has skewness k3 / sqrt(n v^3), and a kurtosis
    of about k3^2 / (n v^3) (exactly so for Poisson counts). log1p takes 3 v^2 off the third cumulant.
    """
    spread = variance * (parts.own[0] + parts.control[0])
    bent = third - 3.0 * variance**2 if target is not None else third
    with np.errstate(divide="ignore", invalid="ignore"):
        skew = (bent * (parts.own[1] - parts.control[1])) ** 2 / spread**3
        kurtosis = third**2 / variance * (parts.own[2] + parts.control[2]) / spread**2
        inverse = 1.0 / df + (1.0 / scale_df)[:, None] + SKEW_WEIGHT.value * skew + KURTOSIS_WEIGHT.value * kurtosis
        return np.sqrt(spread), np.asarray(np.where(inverse > 0, 1.0 / inverse, np.where(inverse == 0, np.inf, np.nan)))


def _expected(effects: Effects, rows: Codes, parts: _Parts) -> NDArray[np.bool_]:
    target = effects.moments.target_sum
    if target is None:
        return np.ones((len(rows), len(effects.genes)), dtype=bool)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = 1.0 / (np.sqrt(parts.own[1]) + np.sqrt(parts.control[1]))
        return np.asarray(np.expm1(effects.control_train[rows]) / target * size >= MIN_EXPECTED_COUNT.value)


def _scales(sums: Array, sizes: Array, code: Codes, pooled: Residuals, target: float | None) -> tuple[Array, Array]:
    """Variance of each group relative to its context's, shrunk towards what groups have in common; 1 where unknown."""
    scale, df = relative_variance(sums, sizes, code, pooled.variance, target)
    for c in np.unique(code[code >= 0]).tolist():
        at = np.flatnonzero(code == c)
        scale[at], df[at] = squeeze(scale[at], df[at], fit_prior(scale[at], df[at]))
    known = np.isfinite(scale)
    return np.where(known, scale, 1.0), np.where(known, df, np.inf)


def _group_codes(effects: Effects, names: NDArray[np.str_]) -> Codes:
    """(groups,) context of each control group that some condition is compared with; -1 for others."""
    moments = effects.moments
    slots = moments.slots
    code = np.full(len(moments.control_sums), -1, dtype=np.int64)
    position = {name: k for k, name in enumerate(names.tolist())}
    used = np.zeros(len(code), dtype=bool)
    if len(code):
        used = np.asarray(sum(moments.links[1:], moments.links[0]).sum(axis=0)).ravel() > 0
    for pool, context in enumerate(effects.pool_context):
        groups = np.unique(slots.group_of[pool])
        code[groups] = position.get(context, -1)
        code[slots.whole_pool[pool]] = position.get(context, -1)
    code[~used] = -1
    return code
