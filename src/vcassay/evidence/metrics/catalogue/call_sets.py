"""Call sets: the genes that the prediction would call, at the truth's precision, against those that the truth calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays import call_sets
from vcassay.arrays.agreement import Ratio
from vcassay.arrays.placement import rank_contributions
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SOME = "where the truth calls no gene, or all"


def _table(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> call_sets.Table:
    return call_sets.count(truth, pred, called, pred_called, mask & np.isfinite(threshold))


@metric(
    "jaccard_called",
    title="Jaccard of called genes, above chance",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="Virtual Cell Challenge 2026 (sig. Jaccard), chance taken off",
    fooled_by="effects of the right size in a wrong direction",
    undefined="where the truth calls no gene: what is called there is false (null_calls)",
)
def jaccard_called(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Genes called by both over genes called by either, less what as many random calls would share.

    Undefined where the truth calls none: silence would be perfect there, whatever the model knows.
    """
    table = _table(truth, pred, called, pred_called, mask, threshold)
    return np.where(table.truth > 0, call_sets.jaccard(table), np.nan)


@metric(
    "fidelity",
    title="Direction fidelity of calls, above chance",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="Virtual Cell Challenge 2026 (direction fidelity), of genes that the truth calls too, chance taken off",
    fooled_by="a programme common to all perturbations",
    undefined="where the truth calls no gene",
)
def fidelity(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Genes that both call in one direction, over the larger of the two sets, less what random calls would have.

    Calling every gene in random directions scores 0.
    """
    return call_sets.fidelity(_table(truth, pred, called, pred_called, mask, threshold))


@metric(
    "mcc_called",
    title="Matthews correlation of calls",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="Matthews 1975",
    fooled_by="genes that respond to every perturbation; blind to direction",
    undefined=SOME,
)
def mcc_called(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Matthews correlation of the two sets of calls over tested genes; 0 for calling none, or all."""
    return call_sets.matthews(_table(truth, pred, called, pred_called, mask, threshold))


@metric(
    "informedness",
    title="Informedness of calls",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="Youden 1950; Powers 2011",
    fooled_by="calling many genes where few are called: it weighs false calls by the many genes that could be",
    undefined=SOME,
)
def informedness(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Share of called genes that the prediction calls, minus that of other genes: recall, chance taken off."""
    return call_sets.informedness(_table(truth, pred, called, pred_called, mask, threshold))


@metric(
    "markedness",
    title="Markedness of calls",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="Powers 2011",
    fooled_by="calling only the surest genes",
    undefined=SOME,
)
def markedness(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Precision of calls, minus the share of missed genes among those not called; 0 for calling none, or all."""
    return call_sets.markedness(_table(truth, pred, called, pred_called, mask, threshold))


@metric(
    "call_precision",
    title="Precision of calls, above prevalence",
    family="calls",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="standard; shown beside recall and the ratio of call counts",
    fooled_by="calling only the surest genes",
    undefined=f"{SOME}; for a prediction that calls none",
)
def call_precision(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Share of predicted calls that the truth makes too, above the prevalence of calls: (p - q) / (1 - q)."""
    return call_sets.precision_above_prevalence(_table(truth, pred, called, pred_called, mask, threshold))


@metric(
    "call_recall",
    title="Recall of calls",
    family="raw",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="standard; shown beside precision and the ratio of call counts",
    fooled_by="calling every gene; informedness takes chance off",
    undefined="where the truth calls no gene",
)
def call_recall(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Share of the truth's calls that the prediction makes too; its chance level is that of calling nothing, 0."""
    return call_sets.recall(_table(truth, pred, called, pred_called, mask, threshold))


@metric(
    "call_ratio",
    title="Number of calls (log2 of predicted over measured)",
    family="magnitude",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    space="calls",
    source="shown beside precision and recall",
    fooled_by="as many calls of wrong genes",
    undefined="where no gene was tested",
)
def call_ratio(truth: Array, pred: Array, called: Mask, pred_called: Mask, mask: Mask, threshold: Array) -> Array:
    """Log2 of the number of genes that the prediction calls over that of the truth, one added to either.

    0 is right, positive too many. A perfect model makes about as many calls as the truth, somewhat fewer: noise
    carries weak effects over the bar more often than it hides strong ones.
    """
    table = _table(truth, pred, called, pred_called, mask, threshold)
    return np.asarray(np.log2((table.pred + 1.0) / (table.truth + 1.0)))


@metric(
    "call_count_spearman",
    title="Number of calls across conditions",
    family="magnitude",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="calls",
    source="Adduri et al. 2025 (cell-eval, DE counts)",
    fooled_by="the number of cells, if the model knows it: more cells, more calls",
    undefined="in contexts with fewer than 3 conditions, or equal numbers of calls in all",
)
def call_count_spearman(truth: Array, pred: Array, mask: Mask, threshold: Array, context: NDArray[np.int64]) -> Ratio:
    """Spearman correlation, over a context's conditions, of the numbers of predicted and of measured calls.

    Both are counted against one bar a gene, the harmonic mean over the context: a condition's own is lower the more
    genes are called in it, and would tell their number to a prediction of mere noise.
    """
    tested = mask & np.isfinite(threshold)
    none = ~tested.any(axis=1)
    bar = np.full(threshold.shape, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for c in np.unique(context).tolist():
            here = context == c
            inverse = np.where(tested[here], 1.0 / threshold[here], 0.0)
            bar[here] = tested[here].sum(axis=0) / inverse.sum(axis=0)

    def beyond(x: Array) -> Array:
        return np.where(none, np.nan, ((np.abs(x) >= bar) & tested).sum(axis=1))

    return rank_contributions(beyond(truth), beyond(pred), context)
