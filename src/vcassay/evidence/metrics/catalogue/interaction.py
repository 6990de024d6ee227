"""Interaction: what training conditions alone do not foretell, and what differs between contexts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.across import across_contexts
from vcassay.arrays.agreement import Ratio, cross_product_error
from vcassay.arrays.partial import SAME, partial_correlation
from vcassay.core import Threshold
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MIN_CONTEXTS_ACROSS = Threshold(
    "min_contexts_across", 3, "less their mean, two contexts are mirror images: one number cannot vary"
)


@metric(
    "pearson_interaction",
    title="Pearson, template removed",
    family="interaction",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="our own (docs/methods.md, section 18); Molina and Zhang (template decomposition)",
    fooled_by="knowing the conserved effect of a perturbation better than few training contexts tell it; "
    "in an unseen context, what all of its perturbations share, or the mean of the scored effects themselves",
    faults=("one answer for all",),
    reference="template",
    undefined="where the prediction is a template at any scale, and where there are no training effects",
)
def pearson_interaction(truth: Array, pred: Array, mask: Mask, reference: Array, template: Array) -> Array:
    """Correlation of what truth and prediction hold beyond the template of training effects.

    The template is mean + context term + conserved effect of the perturbation, as far as training
    knows them. Template and mean training effect are regressed out of truth and prediction (a partial
    correlation over genes). Subtracting the template instead would reward no change, noise and shrunken
    templates, because its error is then on both sides. Undefined where the prediction is a template, at
    any scale, up to single precision, and where there is no template.
    """
    return partial_correlation(truth, pred, (reference, template), mask)


@metric(
    "nmse_interaction",
    title="Error relative to the template's",
    family="interaction",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    source="our own (docs/methods.md, section 18)",
    fooled_by="shrinking or smoothing the template, whose least squares carry the noise of few training contexts",
    reference="template",
    undefined="without split halves or training effects, and where nothing beyond the template is above noise",
)
def nmse_interaction(pred: Array, mask: Mask, half_mean: Array, cross: Array, template: Array) -> Ratio:
    """Squared error over that of the template of training effects, both freed of the truth's noise.

    0 for a perfect model, 1 for the template and no more; no change may lie above 1. By cross-products
    of split halves; the denominator is what truth holds beyond the template as it was fitted. Undefined
    where there is no template, or nothing beyond it that is above noise.
    """
    model = cross_product_error(pred, half_mean, cross, mask)
    return Ratio(model.numerator, cross_product_error(template, half_mean, cross, mask).numerator)


@metric(
    "pearson_across_contexts",
    title="Correlation across contexts",
    family="interaction",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="our own (docs/methods.md, section 18)",
    fooled_by="what all perturbations of a context share",
    faults=("one answer for all", "shuffled labels"),
    reference="none",
    undefined="for perturbations in fewer than three contexts of the panel",
)
def pearson_across_contexts(truth: Array, pred: Array, mask: Mask, perturbation: NDArray[np.int64]) -> Ratio:
    """Correlation, over contexts and genes, of a perturbation's effects less their mean over its contexts.

    The conserved effect drops out of both sides, so that only sensitivity to context scores. The mean over
    perturbations, as a ratio of sums to which a condition contributes its part. 0 for a prediction that is the
    same in all contexts; undefined for perturbations (same dose and time) with fewer than three contexts in the
    panel.
    """
    return across_contexts(truth, pred, mask, perturbation, int(MIN_CONTEXTS_ACROSS.value), SAME)


@metric(
    "pearson_context_specific",
    title="Correlation across contexts, specific to the perturbation",
    family="interaction",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="our own (docs/methods.md, section 18)",
    fooled_by="nothing known; it is blind to what contexts, or perturbations, share",
    reference="none",
    undefined="for perturbations in fewer than three contexts of the panel, and with one perturbation a context",
)
def pearson_context_specific(
    truth_specific: Array, pred_specific: Array, mask: Mask, perturbation: NDArray[np.int64]
) -> Ratio:
    """Correlation across contexts, with what all perturbations of a context share removed as well.

    From truth and prediction alike, the panel's own mean, context terms and conserved effects are taken
    (least squares within each), so that one answer for all perturbations of a context scores 0, and controls that
    a context's conditions share do not matter. Undefined for perturbations (same dose and time) with
    fewer than three contexts in the panel.
    """
    least = int(MIN_CONTEXTS_ACROSS.value)
    return across_contexts(truth_specific, pred_specific, mask, perturbation, least, SAME)
