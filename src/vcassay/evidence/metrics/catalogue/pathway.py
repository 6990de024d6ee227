"""Pathways: whether a prediction moves the gene sets that the perturbation moves, and no others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, pearson
from vcassay.evidence.metrics.gene_sets import Activities, Called, hallucinated, missed, shared
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]

SOURCE = "scArchon (Genome Biology 2026) on biological hallucinations; calls as in docs/methods.md, section 20"


@metric(
    "pathway_pearson",
    title="Agreement of pathway activities",
    family="pathway",
    space="pathways",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="our own (docs/methods.md, section 20)",
    undefined="no gene sets or fewer than 5 with scored genes; constant activities",
    fooled_by="the stress programme that most perturbations share: compare with the perturbation's mean",
)
def pathway_pearson(pathway_activities: Activities) -> Array:
    """Pearson correlation of predicted and measured pathway activities, over pathways.

    The activity of a gene set is the mean effect of its members minus that of the other scored genes, scaled by the
    set's size. Undefined with fewer than 5 gene sets, and where either has no variance.
    """
    true = pathway_activities.truth
    return pearson(true, pathway_activities.pred, np.ones(true.shape[1], dtype=bool))


@metric(
    "pathway_nmse",
    title="Error of pathway activities, noise-corrected",
    family="pathway",
    space="pathways",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="our own (docs/methods.md, sections 3 and 20)",
    undefined="no gene sets or fewer than 5 with scored genes; no split halves; true activities not above noise",
    fooled_by="gene sets that overlap: what they share counts in each",
)
def pathway_nmse(pathway_activities: Activities) -> Ratio:
    """Squared error of pathway activities over their squared size, both by cross-products of disjoint halves.

    0 for a perfect model, 1 for no change: activities are linear in the effect, so the noise of the halves leaves no
    bias. Undefined without halves and with fewer than 5 gene sets.
    """
    mine, _, a, b = pathway_activities
    return Ratio(((mine - a) * (mine - b)).sum(axis=1), (a * b).sum(axis=1))


@metric(
    "pathway_hallucination",
    title="Pathways called in the prediction only",
    family="pathway",
    space="pathways",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    source=SOURCE,
    undefined="no gene sets; no split halves; a prediction that moves no pathway",
    fooled_by="predicting little: read it beside the pathways missed",
)
def pathway_hallucination(pathway_calls: Called) -> Ratio:
    """Share of the pathways that the prediction moves which the truth does not move, or moves the other way.

    Both are called at the truth's precision (false discovery rate 5 % over gene sets). A perfect model moves weak
    pathways that the truth is too noisy to call: the replicate's rate says how many that are. Undefined for a
    prediction that moves none.
    """
    return hallucinated(pathway_calls)


@metric(
    "pathway_missed",
    title="Pathways called in the truth only",
    family="pathway",
    space="pathways",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source=SOURCE,
    undefined="no gene sets; no split halves; a truth that moves no pathway",
    fooled_by="predicting every pathway to move: read it beside those called in the prediction only",
    faults=("flooding",),
)
def pathway_missed(pathway_calls: Called) -> Ratio:
    """Share of the pathways that the perturbation moves which the prediction does not move, or moves the other way.

    1 for no change. Undefined where the truth calls none.
    """
    return missed(pathway_calls)


@metric(
    "pathway_shared",
    title="Pathways called in both",
    family="pathway",
    space="pathways",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=SOURCE,
    undefined="no gene sets; no split halves; neither moves a pathway",
    fooled_by="pathways that every perturbation of the screen moves",
    faults=("flooding",),
)
def pathway_shared(pathway_calls: Called) -> Ratio:
    """Pathways moved one way by prediction and truth: twice their number over those of both (Dice).

    0 for no change, 1 where the calls are the same.
    """
    return shared(pathway_calls)
