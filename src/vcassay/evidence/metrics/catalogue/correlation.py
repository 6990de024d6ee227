"""Correlation of effects: against the control, and against the perturbed reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import cosine, masked_ranks, pearson
from vcassay.arrays.largest import largest
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SAME = 1e-6
"""Relative difference below which a prediction in single precision is the reference."""


@metric(
    "pearson_delta",
    title="Pearson delta",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    primary=True,
    source="Roohani et al. 2023 (GEARS) and most later work",
    fooled_by="a programme common to all perturbations; controls shared by truth and prediction; blind to scale",
    undefined="either effect is constant over the scored genes, as for no change",
)
def pearson_delta(truth: Array, pred: Array, mask: Mask) -> Array:
    """Pearson correlation over genes of predicted and measured effect against control.

    Undefined where either effect is constant over the scored genes, as for no change.
    """
    return pearson(truth, pred, mask)


@metric(
    "pearson_delta_perturbed",
    title="Pearson delta, perturbed reference",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Vinas Torne et al. 2025 (Systema)",
    fooled_by="no change, noise and a scaled mean: less the mean, they correlate with effects weaker than it",
    reference="perturbed mean",
    undefined="the prediction is the mean training effect, or the truth is",
)
def pearson_delta_perturbed(truth: Array, pred: Array, mask: Mask, reference: Array) -> Array:
    """Pearson correlation of what differs from the mean training effect.

    The mean over training perturbations (of the test context, or where it has none of the training
    contexts) is taken off truth and prediction, so that a shared programme scores nothing.
    Undefined where the prediction equals that mean up to single precision, in which it may have
    been written.
    """
    apart = np.where(mask, pred - reference, 0.0)
    size = np.abs(np.where(mask, pred, 0.0)).max(axis=1, keepdims=True, initial=0.0)
    same = np.abs(apart).max(axis=1, keepdims=True, initial=0.0) <= SAME * size
    return pearson(truth - reference, np.where(same, 0.0, apart), mask)


@metric(
    "cosine_delta",
    title="Cosine delta",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Wu et al. 2024 (PerturBench)",
    fooled_by="as Pearson delta; also a constant shift of all genes",
    undefined="either effect is zero",
)
def cosine_delta(truth: Array, pred: Array, mask: Mask) -> Array:
    """Cosine of predicted and measured effect: unlike Pearson it keeps a shift of all genes.

    Undefined where either effect is zero.
    """
    return cosine(truth, pred, mask)


@metric(
    "pearson_delta_targets",
    title="Pearson delta, targets kept",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="our own (docs/methods.md, section 10)",
    fooled_by="the knock-down of the target itself, a free hit",
    undefined="as Pearson delta",
    faults=("target genes",),
)
def pearson_delta_targets(truth: Array, pred: Array, full_mask: Mask) -> Array:
    """Pearson delta with the panel's target genes kept: shown beside the score without them."""
    return pearson(truth, pred, full_mask)


@metric(
    "spearman_delta",
    title="Spearman delta",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Spearman 1904; PerturBench, scPerturBench",
    space="ranks",
    fooled_by="as Pearson delta; ranks of thousands of genes without an effect are noise",
    undefined="either effect is constant over the scored genes",
)
def spearman_delta(truth_ranks: Array, pred: Array, mask: Mask) -> Array:
    """Spearman correlation over genes of predicted and measured effect, ties by mid-rank."""
    return pearson(truth_ranks, masked_ranks(pred, mask), mask)


LEAST_CALLED = 10
"""Called genes below which a correlation over them says nothing."""


@metric(
    "pearson_delta_called",
    title="Pearson delta, significant genes",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Adduri et al. 2025 (cell-eval); Wu et al. 2024 (PerturBench)",
    fooled_by="genes chosen on the scored truth inflate it; leaves out weak perturbations",
    undefined="fewer than 10 genes are called significant in the truth",
)
def pearson_delta_called(truth: Array, pred: Array, mask: Mask, called: Mask) -> Array:
    """Pearson delta on the genes whose measured effect is called significant."""
    inside = mask & called
    return np.where(inside.sum(axis=1) >= LEAST_CALLED, pearson(truth, pred, inside), np.nan)


def _top(k: int) -> None:
    """Register Pearson delta on the k genes with the largest measured effect."""

    def pearson_top(truth: Array, pred: Array, mask: Mask) -> Array:
        return pearson(truth, pred, largest(np.abs(truth), mask, k))

    pearson_top.__doc__ = f"""Pearson delta on the {k} genes with the largest measured effect."""
    metric(
        f"pearson_delta_top{k}",
        title=f"Pearson delta, {k} largest effects",
        family="correlation",
        optimum=1.0,
        chance=0.0,
        higher_is_better=True,
        source="Roohani et al. 2023 (GEARS) and most later work (k = 20)",
        fooled_by="genes chosen on the scored truth inflate it, most of all where the effect is noise",
        undefined=f"fewer than {k} genes are scored, or either effect is constant on them",
    )(pearson_top)


for _k in (20, 50, 100, 200):
    _top(_k)
