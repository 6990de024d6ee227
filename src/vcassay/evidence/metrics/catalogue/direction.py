"""Direction: do called genes go where the prediction says, and as far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.direction import called_error, called_spearman, reach, signs
from vcassay.core import Threshold
from vcassay.evidence.metrics.catalogue.overlap import MIN_CALLED
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Order = NDArray[np.int32]

REACH_PURITY = Threshold("reach_purity", 0.9, "Virtual Cell Challenge 2026: at least nine in ten directions right")
MIN_EITHER = Threshold("min_called_each_way", 3, "fewer called genes of a direction do not tell its share")


@metric(
    "direction_match",
    title="Direction of called genes",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="calls",
    source="Adduri et al. 2025 (cell-eval)",
    fooled_by="a shift that all perturbations share: see the one over the majority, and the balanced one",
    undefined="where the truth calls no gene",
)
def direction_match(truth: Array, pred: Array, called: Mask) -> Array:
    """Share of called genes whose predicted effect has the right sign; no predicted change counts half, as a coin."""
    s = signs(truth, pred, called)
    return _share(s.right_up + s.right_down, s.up + s.down)


@metric(
    "direction_over_majority",
    title="Direction of called genes, over the majority's",
    family="calls",
    optimum=1.0,
    chance=None,
    higher_is_better=True,
    space="calls",
    source="our own: above what the more frequent true direction, said of every gene, would score",
    fooled_by="the mean response, which knows each gene's usual direction",
    undefined="where the truth calls no gene, or all in one direction",
)
def direction_over_majority(truth: Array, pred: Array, called: Mask) -> Ratio:
    """Called genes in the right direction beyond those that the majority's direction explains, over those it does not.

    Ratio of sums over conditions of (share right - share of the majority) and (1 - share of the majority). 0 is what
    the truth's more frequent direction scores, which a prediction without information does not know: a coin is below
    0, by as much as directions are uneven. So there is no chance level.
    """
    s = signs(truth, pred, called)
    majority = _share(np.maximum(s.up, s.down), s.up + s.down)
    spare = np.where(majority < 1.0, 1.0 - majority, np.nan)
    return Ratio(_share(s.right_up + s.right_down, s.up + s.down) - 1.0 + spare, spare)


@metric(
    "direction_balanced",
    title="Direction of called genes, balanced",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="calls",
    source="balanced accuracy of the sign",
    fooled_by="the mean response, which knows each gene's usual direction",
    undefined="where the truth calls fewer than 3 genes up, or fewer than 3 down",
)
def direction_balanced(truth: Array, pred: Array, called: Mask) -> Array:
    """Mean of the shares of genes called up, and called down, whose sign is right: one sign for all genes has .5."""
    s = signs(truth, pred, called)
    value = (_share(s.right_up, s.up) + _share(s.right_down, s.down)) / 2
    return np.where(np.minimum(s.up, s.down) >= MIN_EITHER.value, value, np.nan)


@metric(
    "reach",
    title="Reach of directions",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="Virtual Cell Challenge 2026; called genes in the order of predicted effects",
    fooled_by="one sign for all genes where nine in ten called genes go that way",
    undefined="where the truth calls fewer than 10 genes",
)
def direction_reach(truth: Array, pred_order: Order, pred: Array, called: Mask) -> Array:
    """How deep in the called genes, by falling predicted effect, nine in ten directions are right, over all called.

    No predicted change is no right direction and has 0; random signs reach about one gene deep, .1 of ten called genes.
    """
    value = reach(truth, pred_order, pred, called, REACH_PURITY.value)
    return np.where(called.sum(axis=1) >= MIN_CALLED.value, value, np.nan)


@metric(
    "spearman_called",
    title="Spearman of effects on called genes",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="ranks",
    source="Adduri et al. 2025 (cell-eval)",
    fooled_by="the mean response; genes were chosen for their measured effect",
    undefined="where the truth calls fewer than 10 genes, or the prediction is the same for all of them",
)
def spearman_called(truth: Array, pred: Array, called: Mask) -> Array:
    """Spearman correlation of predicted and measured effects over called genes."""
    return called_spearman(truth, pred, called, int(MIN_CALLED.value))


@metric(
    "nmae_called",
    title="Absolute error on called genes",
    family="calls",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="Virtual Cell Challenge 2026 (LFC NMAE), on effects of log1p profiles, which shrink those of few counts",
    fooled_by="nothing known; called effects are measured too large, which rewards overestimates",
    undefined="where the truth calls fewer than 10 genes",
)
def nmae_called(truth: Array, pred: Array, called: Mask) -> Array:
    """Sum of absolute errors over that of effects, on called genes: 0 is right, 1 no change."""
    return called_error(truth, pred, called, int(MIN_CALLED.value))


def _share(part: Array, whole: Array) -> Array:
    return np.asarray(np.where(whole > 0, part / np.maximum(whole, 1.0), np.nan))
