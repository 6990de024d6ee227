"""Classification: does the size of predicted effects find the genes that the truth calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.placement import gene_area
from vcassay.arrays.ranked import chance_precision, curves, matched_area
from vcassay.evidence.metrics.catalogue.overlap import MIN_CALLED
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Order = NDArray[np.int32]

FEW = "where the truth calls fewer than 10 genes, or all"


@metric(
    "auroc_de",
    title="AUROC of called genes",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="ranks",
    source="Adduri et al. 2025 (cell-eval)",
    fooled_by="well expressed genes, which are called more often in any perturbation: see the matched version",
    undefined=FEW,
)
def auroc_de(called: Mask, pred_order: Order, pred: Array, mask: Mask, threshold: Array) -> Array:
    """Area under the ROC curve of finding called genes by the size of predicted effects; ties count half."""
    area, _, n, _ = curves(called, pred_order, pred, mask & np.isfinite(threshold))
    return np.where(n >= MIN_CALLED.value, area, np.nan)


@metric(
    "auprc_de",
    title="AUPRC of called genes, above chance",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="ranks",
    source="Adduri et al. 2025 (cell-eval), chance taken off",
    fooled_by="genes that respond to every perturbation",
    undefined=FEW,
)
def auprc_de(called: Mask, pred_order: Order, pred: Array, mask: Mask, threshold: Array) -> Array:
    """Average precision of finding called genes by the size of predicted effects, above that of a random order.

    (average precision - chance) / (1 - chance). Chance is somewhat more than the prevalence of called genes. Ties count
    as a coin would break them, so that no change scores 0.
    """
    _, precision, n, of = curves(called, pred_order, pred, mask & np.isfinite(threshold))
    ok = (n >= MIN_CALLED.value) & (n < of)
    chance = chance_precision(n, of)
    return np.where(ok, (precision - chance) / np.where(ok, 1.0 - chance, 1.0), np.nan)


@metric(
    "auroc_matched",
    title="AUROC of called genes, expression matched",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="ranks",
    source="our own: pairs of a called and another gene of like control expression",
    fooled_by="genes that respond to every perturbation",
    undefined=FEW,
)
def auroc_matched(called: Mask, pred_order: Order, pred: Array, mask: Mask, threshold: Array, control: Array) -> Array:
    """Area under the ROC curve over pairs of genes of like expression in the control (twentieths of the tested genes).

    A model that predicts large effects for well expressed genes, whatever the perturbation, has .5.
    """
    tested = mask & np.isfinite(threshold)
    area = matched_area(called, pred_order, pred, tested, control)
    return np.where((called & tested).sum(axis=1) >= MIN_CALLED.value, area, np.nan)


def _signed(sign: int, called: Mask, truth: Array, order: Order, pred: Array, tested: Mask) -> Array:
    label = called & (sign * truth > 0)
    area, _, n, _ = curves(label, order, pred, tested, sign)
    return np.where(n >= MIN_CALLED.value, area, np.nan)


@metric(
    "auroc_up",
    title="AUROC of genes called up",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="ranks",
    source="our own: signed version of the AUROC of called genes",
    fooled_by="a programme that all perturbations switch on",
    undefined="where the truth calls fewer than 10 genes up, or all",
)
def auroc_up(called: Mask, truth: Array, pred_order: Order, pred: Array, mask: Mask, threshold: Array) -> Array:
    """Area under the ROC curve of finding the genes called up by the predicted effect with its sign."""
    return _signed(1, called, truth, pred_order, pred, mask & np.isfinite(threshold))


@metric(
    "auroc_down",
    title="AUROC of genes called down",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="ranks",
    source="our own: signed version of the AUROC of called genes",
    fooled_by="a programme that all perturbations switch off",
    undefined="where the truth calls fewer than 10 genes down, or all",
)
def auroc_down(called: Mask, truth: Array, pred_order: Order, pred: Array, mask: Mask, threshold: Array) -> Array:
    """Area under the ROC curve of finding the genes called down by minus the predicted effect."""
    return _signed(-1, called, truth, pred_order, pred, mask & np.isfinite(threshold))


@metric(
    "auroc_per_gene",
    title="AUROC of a gene across conditions",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    space="ranks",
    source="macro-averaged AUROC over genes, as in newer evaluations of perturbation models",
    fooled_by="the size of the whole effect, which ranks the conditions of every gene alike",
    undefined="for conditions of contexts in which no gene is called in 3 conditions and not in 3 others",
)
def auroc_per_gene(
    called: Mask, pred: Array, mask: Mask, threshold: Array, context: NDArray[np.int64], present: Mask
) -> Ratio:
    """In which conditions does a gene respond: its area under the ROC curve over a context's conditions, mean of genes.

    A prediction that is the same for all conditions has .5, however well it fits each of them.
    """
    tested = mask & np.isfinite(threshold)
    return gene_area(pred, called, tested, context, present)
