"""Overlap: are the genes of largest predicted effect those of largest measured effect."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.overlap import above_chance, top_overlap, top_precision
from vcassay.core import Threshold
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Order = NDArray[np.int32]

MIN_CALLED = Threshold("min_called_genes", 10, "cell-eval: ranks and errors over fewer genes are noise")


def _overlap_at(k: int) -> Callable[[Array, Order, Array, Mask, Array], Array]:
    def overlap(truth: Array, pred_order: Order, pred: Array, mask: Mask, threshold: Array) -> Array:
        tested = mask & np.isfinite(threshold)
        return above_chance(top_overlap(truth, pred_order, pred, tested, np.full(len(truth), k)))

    overlap.__doc__ = f"""Genes shared by the top {k} of measured and of predicted effects, above chance.

    Over tested genes, ranked by absolute effect: (overlap - {k} / genes) / (1 - {k} / genes). 1 if the tops are the
    same, 0 by chance and for no change. The measured top is chosen by noisy effects: a perfect model stays below 1.
    """
    return overlap


for _k in (50, 100, 200):
    metric(
        f"overlap_at_{_k}",
        title=f"Overlap of the top {_k} genes",
        family="calls",
        optimum=1.0,
        chance=0.0,
        higher_is_better=True,
        space="ranks",
        source="Adduri et al. 2025 (cell-eval), chance taken off",
        fooled_by="genes that vary much in every perturbation; blind to direction",
        undefined=f"with {_k} tested genes or fewer",
    )(_overlap_at(_k))


@metric(
    "overlap_at_called",
    title="Overlap of as many genes as are called",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="ranks",
    source="Adduri et al. 2025 (cell-eval, overlap at N), chance taken off",
    fooled_by="genes that vary much in every perturbation; blind to direction",
    undefined="where the truth calls fewer than 10 genes, or all",
)
def overlap_at_called(
    truth: Array, pred_order: Order, pred: Array, mask: Mask, threshold: Array, called: Mask
) -> Array:
    """Genes shared by the tops of measured and of predicted effects, as deep as genes are called, above chance.

    The number of called genes sets the depth k; both tops are chosen by absolute effect, so that a copy has 1.
    """
    k = called.sum(axis=1)
    tested = mask & np.isfinite(threshold)
    return above_chance(top_overlap(truth, pred_order, pred, tested, k, int(MIN_CALLED.value)))


def _precision_at(k: int) -> Callable[[Mask, Order, Array, Mask, Array], Array]:
    def precision(called: Mask, pred_order: Order, pred: Array, mask: Mask, threshold: Array) -> Array:
        tested = mask & np.isfinite(threshold)
        return above_chance(top_precision(called, pred_order, pred, tested, k, int(MIN_CALLED.value)))

    precision.__doc__ = f"""Called genes among the top {k} of predicted effects, above chance.

    Over min({k}, called genes), the most there could be, less what a random top would hold. Calls go by effect over
    standard error, the top by effect alone, so that even a copy of the truth may stay below 1.
    """
    return precision


for _k in (50, 100, 200):
    metric(
        f"precision_at_{_k}",
        title=f"Called genes among the top {_k}",
        family="calls",
        optimum=1.0,
        chance=0.0,
        higher_is_better=True,
        space="ranks",
        source="Adduri et al. 2025 (cell-eval), chance taken off",
        fooled_by="genes that respond to every perturbation; blind to direction",
        undefined=f"where the truth calls fewer than 10 genes, or all; with {_k} tested genes or fewer",
    )(_precision_at(_k))
