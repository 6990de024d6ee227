"""vcc2026's metrics: pooled profiles, and differentially expressed genes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.retrieval import cosine_distances
from vcassay.evidence.metrics.profiles.profile import profile_metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

PURITY = 0.9
"""Share of right directions down to which the ranking is followed."""
LEAST_GENES = 10
"""Significant genes from which the error of fold changes is taken."""
CELLS = "predicting more cells, or cells that vary less, makes more genes significant"


@profile_metric(
    "vcc2026",
    "pds_cosine",
    optimum=1.0,
    chance="0.5",
    higher_is_better=True,
    fooled_by="unequal numbers of cells, which shape the profile of small groups: a prediction without effect that "
    "copies them scores above chance",
    quirk="1 with a single perturbation; distances tie only when equal to the bit",
)
def pds_cosine(profile_pred: Array, truth: Array, control: Array, panel_genes: Mask, predicted: Codes) -> Array:
    """Share of the panel that is farther from the predicted effect than its own truth, by cosine, ties by mid-rank.

    Genes that any perturbation of the panel is named after are left out; an effect of length 0 is at distance 1.
    """
    n = len(truth)
    if n == 1:
        return np.ones(len(predicted))
    pred, real = (profile_pred - control)[:, panel_genes], (truth - control)[:, panel_genes]
    distance = np.clip(cosine_distances(pred, real), 0.0, 2.0)
    own = distance[np.arange(len(predicted)), predicted][:, None]
    ahead = (distance < own).sum(axis=1) + ((distance == own).sum(axis=1) - 1) / 2
    return np.where(np.isnan(distance).any(axis=1), np.nan, 1.0 - ahead / (n - 1))


def _squared(a: Array, b: Array, kept: Mask) -> Array:
    gap = np.where(kept, a - b, 0.0)
    return np.asarray((gap * gap).sum(axis=1))


@profile_metric(
    "vcc2026",
    "expr_distance_unbiased",
    optimum=None,
    chance="none: a property of the truth",
    higher_is_better=None,
    quirk="may be negative; the sampling variances are not reduced for the gene left out",
)
def expr_distance_unbiased(
    profile_real: Array, control: Array, kept: Mask, spread_real: Array, spread_control: float
) -> Array:
    """Mean squared effect a gene, less the sampling variance of the profile and of the controls (jackknife).

    (|b - b_control|^2 - C - C_control) / G without the gene the perturbation is named after.
    """
    return np.asarray((_squared(profile_real, control, kept) - spread_real - spread_control) / kept.sum(axis=1))


@profile_metric(
    "vcc2026",
    "expr_mse_unbiased",
    optimum=0.0,
    chance="the size of the effects",
    higher_is_better=False,
    fooled_by="cells that scatter without need: the whole of their sampling variance is credited",
    quirk="below 0 for a copy of the truth, whose errors are shared; below about 100,000 counts a group the jackknife "
    "takes off too much",
)
def expr_mse_unbiased(
    profile_real: Array, profile_pred: Array, kept: Mask, spread_real: Array, spread_pred: Array
) -> Array:
    """Mean squared error a gene of the pooled profile, less the sampling variance of both sides."""
    return np.asarray((_squared(profile_pred, profile_real, kept) - spread_pred - spread_real) / kept.sum(axis=1))


def credit(profile_pred: Array, kept: Mask, spread_real: Array, spread_pred: Array) -> Array:
    """Sampling variance that predictions are credited with.

    The smaller of both sides', times the part that the spread of the predictions over perturbations
    can hold, at most all.

    Returns
    -------
    (m,) summed over genes.
    """
    weight = kept / kept.sum(axis=1, keepdims=True)
    several = kept.sum(axis=0) > 1
    whole = weight.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weight * profile_pred).sum(axis=0) / whole
    gap = np.where(kept & several, profile_pred - mean, 0.0)
    between = float((weight * gap * gap).sum())
    least = np.minimum(spread_pred, spread_real)
    wanted = float((least / kept.sum(axis=1)).sum())
    return np.asarray(least * (min(1.0, between / wanted) if wanted > 0 else 1.0))


@profile_metric(
    "vcc2026",
    "expr_mse_unbiased_capped",
    optimum=0.0,
    chance="the size of the effects",
    higher_is_better=False,
    fooled_by="little: the credit is capped by the truth's variance and by the spread of the predictions",
    quirk="below 0 for a copy of the truth, whose errors are shared",
)
def expr_mse_unbiased_capped(
    profile_real: Array, profile_pred: Array, kept: Mask, spread_real: Array, spread_pred: Array
) -> Array:
    """Mean squared error a gene, less the truth's sampling variance and a capped credit for the prediction's."""
    credited = credit(profile_pred, kept, spread_real, spread_pred)
    return np.asarray((_squared(profile_pred, profile_real, kept) - credited - spread_real) / kept.sum(axis=1))


@profile_metric(
    "vcc2026",
    "expr_mse_unbiased_capped_norm",
    optimum=0.0,
    chance="1: no change",
    higher_is_better=False,
    undefined="the effects are no larger than their sampling variance",
    fooled_by="little; most submissions lie beyond 1, where the challenge's scale ends",
    quirk="a ratio of sums with no value a perturbation; below 0 for a copy of the truth",
    panel=True,
)
def expr_mse_unbiased_capped_norm(
    profile_real: Array,
    profile_pred: Array,
    control: Array,
    kept: Mask,
    spread_real: Array,
    spread_pred: Array,
    spread_control: float,
) -> float:
    """Sum of `expr_mse_unbiased_capped` over the sum of `expr_distance_unbiased`."""
    error = expr_mse_unbiased_capped(profile_real, profile_pred, kept, spread_real, spread_pred)
    size = expr_distance_unbiased(profile_real, control, kept, spread_real, spread_control).sum()
    return float(error.sum() / size) if size > 0 else np.nan


@profile_metric(
    "vcc2026",
    "expr_real_mass_ratio",
    optimum=None,
    chance="none: a property of the truth",
    higher_is_better=None,
    quirk="1 but for rounding",
)
def expr_real_mass_ratio(profile_real: Array) -> Array:
    """Total of the measured profile without its logarithm, over the depth it was scaled to."""
    return np.asarray(np.expm1(profile_real).sum(axis=1) / 5e4)


@profile_metric(
    "vcc2026",
    "de_wilcoxon_direction_fidelity_yield_raw",
    optimum=1.0,
    chance="about half of the ratio of the numbers of calls",
    higher_is_better=True,
    undefined="neither side has a significant gene",
    fooled_by="predicting the majority's direction for as many genes as are truly significant; " + CELLS,
    quirk="which perturbations count depends on the prediction: those where neither side calls a gene drop out",
)
def direction_fidelity_yield_raw(sig_real: Mask, sig_pred: Mask, fold_real: Array, fold_pred: Array) -> Array:
    """Genes called by the prediction with the true direction, over the larger number of calls of both sides."""
    called = sig_pred & judged(fold_real)
    right = called & (np.sign(fold_pred) == np.sign(fold_real))
    most = np.maximum(called.sum(axis=1), sig_real.sum(axis=1))
    with np.errstate(invalid="ignore"):
        return np.asarray(right.sum(axis=1) / np.where(most > 0, most, np.nan))


def judged(fold_real: Array) -> Mask:
    """Genes whose true direction is known."""
    return np.asarray(np.isfinite(fold_real) & (fold_real != 0))


@profile_metric(
    "vcc2026",
    "de_wilcoxon_direction_reach_raw",
    optimum=1.0,
    chance="small; large where most significant genes move one way",
    higher_is_better=True,
    undefined="the truth has no significant gene",
    fooled_by="the majority's direction for all genes; noise on genes outside the truly significant ones is not seen",
    quirk="the deepest prefix, not the first failure, counts",
)
def direction_reach_raw(
    sig_real: Mask,
    sig_pred: Mask,
    fold_real: Array,
    fold_pred: Array,
    padj_pred: Array,
    pvalue_pred: Array,
    name_order: Codes,
) -> Array:
    """Depth to which the prediction's ranking of truly significant genes is 90 % right in direction, over their number.

    Genes the prediction calls come first, then by adjusted p, p, larger absolute fold change and name.
    """
    row, gene = np.nonzero(sig_real & judged(fold_real))
    size = sig_real.sum(axis=1)
    lfc = np.abs(np.nan_to_num(fold_pred[row, gene], posinf=np.inf, neginf=-np.inf))
    p, q = (np.nan_to_num(x[row, gene], nan=np.inf) for x in (pvalue_pred, padj_pred))
    order = np.lexsort((name_order[gene], -lfc, p, q, ~sig_pred[row, gene], row))
    row, gene = row[order], gene[order]
    right = np.sign(fold_pred[row, gene]) == np.sign(fold_real[row, gene])
    begin = np.searchsorted(row, np.arange(len(size)))
    before = np.r_[0, np.cumsum(right)]
    depth = np.arange(len(row)) - begin[row] + 1
    hits = before[1:] - before[begin[row]]
    deepest = np.zeros(len(size))
    np.maximum.at(deepest, row, np.where(hits / depth >= PURITY, depth, 0))
    return np.asarray(deepest / np.where(size > 0, size, np.nan))


@profile_metric(
    "vcc2026",
    "de_wilcoxon_sig_jaccard",
    optimum=1.0,
    chance="small; 1 for silence on perturbations without effect",
    higher_is_better=True,
    fooled_by="silence on perturbations without effect; directions are not seen; " + CELLS,
    quirk="1 where neither side calls a gene",
)
def sig_jaccard(sig_real: Mask, sig_pred: Mask) -> Array:
    """Genes significant on both sides over those significant on either."""
    either = (sig_real | sig_pred).sum(axis=1)
    return np.where(either > 0, (sig_real & sig_pred).sum(axis=1) / np.maximum(either, 1), 1.0)


@profile_metric(
    "vcc2026",
    "de_wilcoxon_lfc_nmae",
    optimum=0.0,
    chance="1: no change",
    higher_is_better=False,
    undefined="fewer than ten truly significant genes",
    fooled_by="shrinking towards no change when directions are unsure",
    quirk="a gene silent in the perturbed cells alone has a fold change of about -40 and outweighs all others",
)
def lfc_nmae(sig_real: Mask, fold_real: Array, fold_pred: Array) -> Array:
    """Sum of absolute errors of log2 fold changes over the truly significant genes, over that of no change."""
    use = sig_real & np.isfinite(fold_real)
    truth = np.where(use, fold_real, 0.0)
    gap = np.abs(np.where(use & np.isfinite(fold_pred), fold_pred, 0.0) - truth).sum(axis=1)
    size = np.abs(truth).sum(axis=1)
    return np.asarray(gap / np.where((use.sum(axis=1) >= LEAST_GENES) & (size > 0), size, np.nan))
