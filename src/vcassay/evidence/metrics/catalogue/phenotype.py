"""Scalar phenotypes: one value a condition, scored across conditions.

A viability, an IC50 or a gene effect has no genes to correlate over. What correlates over all conditions is mostly
what contexts and perturbations do on average, which training tells without any model of the two together: so each
statistic stands beside the bias model (the mean, context and perturbation terms fitted on training conditions alone;
a term that training does not know is 0), and the one that carries the verdict looks beyond it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.choosing import group_ranks
from vcassay.arrays.phenotype import correlation, equal_weights, found_among, hits, rank_correlation
from vcassay.core import Threshold
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

TOP_SHARE = Threshold("phenotype_top_share", 0.2, "the lowest fifth of the contexts of a perturbation, at least one")
SMALLEST = Threshold("phenotype_smallest_group", 3, "a correlation of two values is 1 or -1 whatever they are")
SMALLEST_BEYOND = Threshold("phenotype_smallest_group_beyond", 4, "the bias model takes one more degree of freedom")

EFFECT = "Bias detector of EFFECT: Pearson of residuals, globally, by line and by perturbation; biases from training"


@metric(
    "phenotype_pearson",
    title="Pearson over all conditions",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="fewer than three conditions, or a truth that does not vary",
    fooled_by="the means of contexts and perturbations: the bias model alone scores high",
)
def phenotype_pearson(truth: Array, pred: Array, context: Codes) -> Ratio:
    """Pearson correlation over all test conditions, contexts weighing the same: kept to show why not."""
    t, d = _one(truth), _one(pred)
    return correlation(t, d, _known(t, np.zeros_like(context)), weight=equal_weights(context))


@metric(
    "phenotype_spearman",
    title="Spearman over all conditions",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="fewer than three conditions, or a truth that does not vary",
    fooled_by="the means of contexts and perturbations, as Pearson over all conditions",
)
def phenotype_spearman(truth: Array, pred: Array, context: Codes) -> Ratio:
    """Rank correlation over all test conditions, contexts weighing the same: kept to show why not."""
    group = _known(_one(truth), np.zeros_like(context))
    t, d = (group_ranks(_one(x), group) for x in (truth, pred))
    return correlation(t, d, group, weight=equal_weights(context))


@metric(
    "phenotype_pearson_context",
    title="Pearson across perturbations, by context",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="in contexts with fewer than three conditions",
    fooled_by="the means of perturbations: potent drugs are potent in most contexts",
)
def phenotype_pearson_context(truth: Array, pred: Array, context: Codes) -> Ratio:
    """Pearson correlation across the perturbations of a context, averaged over contexts."""
    t = _one(truth)
    return correlation(t, _one(pred), _known(t, context), smallest=int(SMALLEST.value))


@metric(
    "phenotype_pearson_perturbation",
    title="Pearson across contexts, by perturbation",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="for perturbations tested in fewer than three contexts",
    fooled_by="the means of contexts: frail lines are frail to most drugs",
)
def phenotype_pearson_perturbation(truth: Array, pred: Array, perturbation: Codes) -> Ratio:
    """Pearson correlation across the contexts of one perturbation, averaged: who responds to it."""
    t = _one(truth)
    return correlation(t, _one(pred), _known(t, perturbation), smallest=int(SMALLEST.value))


@metric(
    "phenotype_spearman_perturbation",
    title="Spearman across contexts, by perturbation",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="for perturbations tested in fewer than three contexts",
    fooled_by="the means of contexts: frail lines are frail to most drugs",
)
def phenotype_spearman_perturbation(truth: Array, pred: Array, perturbation: Codes) -> Ratio:
    """Rank correlation across the contexts of one perturbation, averaged: who responds to it."""
    t = _one(truth)
    return rank_correlation(t, _one(pred), _known(t, perturbation), smallest=int(SMALLEST.value))


@metric(
    "phenotype_pearson_residual",
    title="Pearson beyond the bias model",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    primary=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="in contexts with fewer than four conditions",
    fooled_by="for perturbations that were not trained, their mean potency, which the bias model cannot know",
)
def phenotype_pearson_residual(truth: Array, pred: Array, bias: Array, context: Codes) -> Ratio:
    """Partial correlation within contexts, given the bias model, averaged over contexts.

    What the mean, context and perturbation terms fitted on training conditions tell linearly is taken off truth and
    prediction: a shrunken, scaled or constant copy of them is at chance, and so is the error in these terms, which a
    plain difference would correlate with. What is left is the response of this context to this perturbation.
    """
    t, group = _one(truth), _known(_one(truth) + bias, context)
    return correlation(t, _one(pred), group, given=bias, smallest=int(SMALLEST_BEYOND.value))


@metric(
    "phenotype_spearman_residual",
    title="Spearman beyond the bias model",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="in contexts with fewer than four conditions",
    fooled_by="for perturbations that were not trained, their mean potency, which the bias model cannot know",
)
def phenotype_spearman_residual(truth: Array, pred: Array, bias: Array, context: Codes) -> Ratio:
    """Rank correlation within contexts of what is left of truth and prediction beyond the bias model."""
    t, group = _one(truth), _known(_one(truth) + bias, context)
    return rank_correlation(t, _one(pred), group, bias, int(SMALLEST_BEYOND.value))


@metric(
    "phenotype_pearson_residual_perturbation",
    title="Pearson across contexts, beyond the bias model",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source=EFFECT,
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="for perturbations tested in fewer than four contexts",
    fooled_by="for contexts that were not trained, their mean frailty, which the bias model cannot know",
)
def phenotype_pearson_residual_perturbation(truth: Array, pred: Array, bias: Array, perturbation: Codes) -> Ratio:
    """Partial correlation across the contexts of one perturbation, given the bias model, averaged."""
    t, group = _one(truth), _known(_one(truth) + bias, perturbation)
    return correlation(t, _one(pred), group, given=bias, smallest=int(SMALLEST_BEYOND.value))


@metric(
    "phenotype_error",
    title="Error against the bias model, noise-corrected",
    family="error",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    primary=True,
    source="our own (docs/methods.md, section 21): with the bias model in the place of no change",
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="where split halves are not measurable, or the bias model's error is not above noise",
    fooled_by="shrinking towards the bias model, when most interactions are weak",
)
def phenotype_error(pred: Array, bias: Array, half_mean: Array, cross: Array) -> Ratio:
    """Squared error as a share of the bias model's, both freed of noise by split halves.

    0 for a perfect model, 1 for the bias model, above 1 for one that is worse than sums of means.
    """
    d, t, c = (_one(x) for x in (pred, half_mean, cross))
    below = bias * bias - 2.0 * bias * t + c
    return Ratio(np.where(np.isfinite(below), d * d - 2.0 * d * t + c, np.nan), below)


@metric(
    "phenotype_error_raw",
    title="Error against the bias model, noise included",
    family="error",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    primary=True,
    source="root mean square error, as a share of the bias model's",
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="where no bias model can be fitted",
    fooled_by="the noise of the truth, which no model can predict and which is part of both errors",
)
def phenotype_error_raw(truth: Array, pred: Array, bias: Array) -> Ratio:
    """Squared error as a share of the bias model's, noise included: carries the verdict where replicates are missing.

    The root of it is the ratio of the root mean square errors.
    """
    t, d = _one(truth), _one(pred)
    below = (bias - t) ** 2
    return Ratio(np.where(np.isfinite(below), (d - t) ** 2, np.nan), below)


@metric(
    "phenotype_sensitive",
    title="Sensitive contexts told apart",
    family="ranking",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    primary=True,
    source="area under the ROC curve of the lowest fifth, by perturbation",
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="for perturbations tested in fewer than three contexts, or equal in all",
    fooled_by="the means of contexts; values of which the highest are the sensitive ones",
)
def phenotype_sensitive(truth: Array, pred: Array, perturbation: Codes) -> Ratio:
    """Whether the contexts most sensitive to a perturbation are predicted below the others.

    The lowest fifth of its contexts, at least one, are the sensitive ones: low is sensitive in an IC50, an area under
    the curve, a viability and a gene effect. 1 if all are told apart, .5 by chance.
    """
    t = _one(truth)
    return found_among(t, _one(pred), _known(t, perturbation), TOP_SHARE.value, int(SMALLEST.value))


@metric(
    "phenotype_hit_rate",
    title="Sensitive contexts found, above chance",
    family="ranking",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="hit rate of the lowest fifth, by perturbation, rescaled by its chance level",
    space="scalar",
    reference="none",
    readout="scalar",
    undefined="for perturbations tested in fewer than three contexts, or equal in all",
    fooled_by="the means of contexts; values of which the highest are the sensitive ones",
)
def phenotype_hit_rate(truth: Array, pred: Array, perturbation: Codes) -> Ratio:
    """Share of the contexts most sensitive to a perturbation that are among as many predicted ones.

    Minus what a random choice finds, over what there is to find beyond it: 1 if all are found, 0 by chance.
    """
    t = _one(truth)
    return hits(t, _one(pred), _known(t, perturbation), TOP_SHARE.value, int(SMALLEST.value))


def _one(matrix: Array) -> Array:
    """(t,) the one feature."""
    return np.asarray(matrix[:, 0], dtype=np.float64)


def _known(values: Array, group: Codes) -> Codes:
    """Groups of the conditions whose value is known; -1 for the others."""
    return np.where(np.isfinite(values), group, -1)
