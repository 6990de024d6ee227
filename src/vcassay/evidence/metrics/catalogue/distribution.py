"""Distribution: whether predicted cells are spread as measured ones. Only for models that predict cells."""

from __future__ import annotations

from collections.abc import Mapping

from vcassay.evidence.metrics.metric import Values, metric

Cells = Mapping[str, Values]

UNDEFINED = "the model predicts no cells, or a condition has fewer than 20 measured cells"
FOOLED = "a copy of measured cells; cells of the right mean and any shape, where the shift is most of the distance"


@metric(
    "energy_skill",
    title="Energy distance, skill",
    family="distribution",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="cells",
    source="Székely and Rizzo 2013; floors as in docs/methods.md, section 16",
    undefined=UNDEFINED,
    fooled_by=f"{FOOLED}; nearly blind to gene-gene dependence (Heidari et al. 2026)",
)
def energy_skill(cells: Cells) -> Values:
    """Share of the energy distance from control to truth that the predicted cells close.

    Unsquared distances in principal components of training cells; equal numbers of cells; the floors of truth and
    prediction taken off. A ratio of sums over conditions: 1 for a perfect model, 0 for a copy of the controls, below 0
    for cells farther from the truth than the controls are.
    """
    return cells["energy"]


@metric(
    "mmd_skill",
    title="Maximum mean discrepancy, skill",
    family="distribution",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="cells",
    source="Gretton et al. 2012",
    undefined=UNDEFINED,
    fooled_by=f"{FOOLED}; effects beyond the width of its kernel all look alike",
)
def mmd_skill(cells: Cells) -> Values:
    """As the energy skill, by the unbiased squared discrepancy with one Gaussian kernel.

    Its width is the median distance of control cells, the same for every model.
    """
    return cells["mmd"]


@metric(
    "sinkhorn_skill",
    title="Sinkhorn divergence, skill",
    family="distribution",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="cells",
    source="Feydy et al. 2019",
    undefined=UNDEFINED,
    fooled_by=f"{FOOLED}; weak where cells have the wrong spread (Heidari et al. 2026)",
)
def sinkhorn_skill(cells: Cells) -> Values:
    """As the energy skill, by the debiased Sinkhorn divergence."""
    return cells["sinkhorn"]


@metric(
    "wasserstein_skill",
    title="Sliced Wasserstein distance, skill",
    family="distribution",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    space="cells",
    source="Rabin et al. 2011",
    undefined=UNDEFINED,
    fooled_by=f"{FOOLED}; weak where cells have the wrong spread (Heidari et al. 2026)",
)
def wasserstein_skill(cells: Cells) -> Values:
    """As the energy skill, by the squared sliced Wasserstein-2 distance."""
    return cells["sliced"]


@metric(
    "variance_log2",
    title="Variance of cells, ratio (log2)",
    family="distribution",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    space="cells",
    source="spread of single cells; jackknife of Quenouille 1956",
    undefined=f"{UNDEFINED}, or no gene is found in half of the control cells",
    fooled_by="a copy of control cells; genes with too much and genes with too little variance cancel",
)
def variance_log2(cells: Cells) -> Values:
    """Mean over genes of log2 of the predicted over the measured variance of cells.

    Over genes that half of the control cells have, of normalised cells, so that counting noise is not most of it. 0 is
    right, -1 half the variance; cells that are all alike come out near -6.6.
    """
    return cells["variance"]


@metric(
    "dependence_error",
    title="Gene-gene dependence, error",
    family="distribution",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    space="cells",
    source="Heidari et al. 2026: gene shuffling within a perturbation",
    undefined=UNDEFINED,
    fooled_by="a copy of control cells, whose genes depend on each other much as those of perturbed cells do",
)
def dependence_error(cells: Cells) -> Values:
    """Squared error of gene-gene covariance in the leading components, over the true one, freed of noise.

    Of what the covariance exceeds that of independent genes by. A ratio of sums over conditions: 0 for a perfect model,
    1 for genes shuffled among the cells of a perturbation. It measures whether cells are real, not whether the
    perturbation is understood.
    """
    return cells["dependence"]


@metric(
    "responder_error",
    title="Share of responding cells, error",
    family="distribution",
    optimum=0.0,
    chance=1.0,
    higher_is_better=False,
    space="cells",
    source="after Mixscape (Papalexi et al. 2021)",
    undefined=UNDEFINED,
    fooled_by="any shift far enough along the measured effect, where all cells respond",
)
def responder_error(cells: Cells) -> Values:
    """Squared error of the share of cells that respond, over the squared share itself, freed of noise.

    A cell responds if it lies beyond the controls' 95th percentile along the effect, which is drawn through the half of
    the measured cells that is not judged. A ratio of sums over conditions: 0 for a perfect model, 1 for a copy of the
    controls.
    """
    return cells["responders"]
