"""Pathways: whether a prediction moves the gene sets that the perturbation moves, and no others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, pearson
from vcassay.arrays.enrichment import activities, activity_errors, call_activities
from vcassay.core import Threshold
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Signs = NDArray[np.int8]

CALL_LEVEL = Threshold("pathway_call_level", 0.05, "false discovery rate over the gene sets of a condition")
LEAST_SETS = Threshold("least_sets", 5, "a correlation over fewer gene sets is mostly chance")

SOURCE = "scArchon (Genome Biology 2026) on biological hallucinations; methods 3"


def _activities(mask: Mask, pathways: sp.csr_array, *effects: Array) -> list[Array]:
    """Activities of the sets that are defined on the genes scored for all conditions."""
    scored: Mask = np.asarray(mask.all(axis=0))
    defined = np.isfinite(activities(np.zeros((1, mask.shape[1])), pathways, scored)[0])
    if defined.sum() < LEAST_SETS.value:
        return [np.full((len(e), 1), np.nan) for e in effects]
    return [activities(e, pathways, scored)[:, defined] for e in effects]


@metric(
    "pathway_pearson",
    title="Agreement of pathway activities",
    family="pathway",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="methods 11",
    fooled_by="the stress programme that most perturbations share: compare with the perturbation's mean",
)
def pathway_pearson(truth: Array, pred: Array, mask: Mask, pathways: sp.csr_array) -> Array:
    """Pearson correlation of predicted and measured pathway activities, over pathways.

    The activity of a gene set is the mean effect of its members minus that of the other scored genes, scaled by the
    set's size. Undefined with fewer than 5 gene sets, and where either has no variance.
    """
    true, mine = _activities(mask, pathways, truth, pred)
    return pearson(true, mine, np.ones(true.shape[1], dtype=bool))


@metric(
    "pathway_nmse",
    title="Error of pathway activities, noise-corrected",
    family="pathway",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="methods 3 and 11",
    fooled_by="gene sets that overlap: what they share counts in each",
)
def pathway_nmse(pred: Array, mask: Mask, half_a: Array, half_b: Array, pathways: sp.csr_array) -> Ratio:
    """Squared error of pathway activities over their squared size, both by cross-products of disjoint halves.

    0 for a perfect model, 1 for no change: activities are linear in the effect, so the noise of the halves leaves no
    bias. Undefined without halves and with fewer than 5 gene sets.
    """
    mine, a, b = _activities(mask, pathways, pred, half_a, half_b)
    return Ratio(((mine - a) * (mine - b)).sum(axis=1), (a * b).sum(axis=1))


class Called(NamedTuple):
    """Signs of the called gene sets, (t, k) each, and which conditions can be called at all."""

    truth: Signs
    pred: Signs
    known: Mask


def called_sets(
    truth: Array,
    pred: Array,
    mask: Mask,
    halves: tuple[Array, Array],
    se: Array,
    context: Codes,
    pathways: sp.csr_array,
) -> Called:
    """Call gene sets in the truth, and in the prediction at the truth's precision.

    The error of an activity is pooled over the conditions of a context (`vcassay.arrays.enrichment.activity_errors`);
    a set is called in the prediction where it would have been called in the truth, had it been measured so.
    """
    true, mine, a, b = _activities(mask, pathways, truth, pred, *halves)
    scored = mask.all(axis=0)
    error = activity_errors(a, b, (se[:, scored] ** 2).mean(axis=1), context)
    calls = call_activities(true, error, CALL_LEVEL.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = mine / error
    signs = np.where(np.abs(z) >= calls.limit[:, None], np.sign(np.nan_to_num(z)), 0.0).astype(np.int8)
    return Called(calls.sign, signs, np.isfinite(calls.limit))


def replicate_sets(
    mask: Mask, halves: tuple[Array, Array], se: Array, context: Codes, pathways: sp.csr_array
) -> tuple[Called, Called]:
    """What one half calls beside the other, both ways, at the precision of a half."""
    a, b = halves
    half_se = np.sqrt(2.0) * se
    apart = (np.sqrt(2.0) * a, np.sqrt(2.0) * b)  # the error of one half is root 2 that of the mean of both
    return (
        called_sets(a, b, mask, apart, half_se, context, pathways),
        called_sets(b, a, mask, apart, half_se, context, pathways),
    )


def hallucinated(c: Called) -> Ratio:
    """Sets called in the prediction but not, or the other way round, in the truth; of all called in the prediction."""
    return _share((c.pred != 0) & (c.pred != c.truth), c.pred != 0, c.known)


def missed(c: Called) -> Ratio:
    """Sets called in the truth but not, or the other way round, in the prediction; of all called in the truth."""
    return _share((c.truth != 0) & (c.pred != c.truth), c.truth != 0, c.known)


def shared(c: Called) -> Ratio:
    """Sets called in both, one way; twice their number over the calls of both (Dice)."""
    both = (c.truth != 0) & (c.pred == c.truth)
    n = (c.truth != 0).sum(axis=1) + (c.pred != 0).sum(axis=1)
    return Ratio(np.where(c.known, 2.0 * both.sum(axis=1), np.nan), np.where(c.known, n, np.nan).astype(np.float64))


def _share(part: Mask, whole: Mask, known: Mask) -> Ratio:
    top, below = part.sum(axis=1).astype(np.float64), whole.sum(axis=1).astype(np.float64)
    return Ratio(np.where(known, top, np.nan), np.where(known, below, np.nan))


@metric(
    "pathway_hallucination",
    title="Pathways called in the prediction only",
    family="pathway",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    source=SOURCE,
    fooled_by="predicting little: read it beside the pathways missed",
)
def pathway_hallucination(
    truth: Array,
    pred: Array,
    mask: Mask,
    half_a: Array,
    half_b: Array,
    se: Array,
    context: Codes,
    pathways: sp.csr_array,
) -> Ratio:
    """Share of the pathways that the prediction moves which the truth does not move, or moves the other way.

    Both are called at the truth's precision (false discovery rate 5 % over gene sets). A perfect model moves weak
    pathways that the truth is too noisy to call: the replicate's rate says how many that are. Undefined for a
    prediction that moves none.
    """
    return hallucinated(called_sets(truth, pred, mask, (half_a, half_b), se, context, pathways))


@metric(
    "pathway_missed",
    title="Pathways called in the truth only",
    family="pathway",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source=SOURCE,
    fooled_by="predicting every pathway to move: read it beside those called in the prediction only",
)
def pathway_missed(
    truth: Array,
    pred: Array,
    mask: Mask,
    half_a: Array,
    half_b: Array,
    se: Array,
    context: Codes,
    pathways: sp.csr_array,
) -> Ratio:
    """Share of the pathways that the perturbation moves which the prediction does not move, or moves the other way.

    1 for no change. Undefined where the truth calls none.
    """
    return missed(called_sets(truth, pred, mask, (half_a, half_b), se, context, pathways))


@metric(
    "pathway_shared",
    title="Pathways called in both",
    family="pathway",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=SOURCE,
    fooled_by="pathways that every perturbation of the screen moves",
)
def pathway_shared(
    truth: Array,
    pred: Array,
    mask: Mask,
    half_a: Array,
    half_b: Array,
    se: Array,
    context: Codes,
    pathways: sp.csr_array,
) -> Ratio:
    """Pathways moved one way by prediction and truth: twice their number over those of both (Dice).

    0 for no change, 1 where the calls are the same.
    """
    return shared(called_sets(truth, pred, mask, (half_a, half_b), se, context, pathways))
