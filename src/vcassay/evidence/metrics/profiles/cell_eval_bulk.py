"""cell-eval's metrics of pseudobulk profiles and of cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.communities import communities, fuzzy_graph
from vcassay.evidence.metrics.profiles.profile import profile_metric
from vcassay.evidence.metrics.profiles.retrieved import distances_without, place

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

RESOLUTIONS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0)
"""Resolutions at which the prediction is clustered; the truth is at 1."""
NEIGHBOURS = 15
OWN_CONTROL = "each file's effect is against its own controls: altering the predicted controls alters the score"


@profile_metric(
    "cell-eval",
    "pearson_delta",
    optimum=1.0,
    chance="0; above it where truth and prediction share control cells",
    higher_is_better=True,
    undefined="an effect has no variance over genes",
    fooled_by="shared controls; a mean effect of all perturbations; its own target gene, which is scored",
    quirk=OWN_CONTROL + "; a prediction equal to the controls has rounding noise for a correlation, here NaN",
)
def pearson_delta(delta_real: Array, delta_pred: Array) -> Array:
    """Pearson correlation of the effects on mean log-normalised expression, over all genes."""
    return pearson(delta_real, delta_pred, np.ones(delta_real.shape[1], dtype=bool))


def _errors(name: str, power: int, *, delta: bool) -> Callable[..., Array]:
    """Register mean squared (2) or absolute (1) error on means or effects."""

    def error(mean_real: Array, mean_pred: Array) -> Array:
        return np.asarray((np.abs(mean_pred - mean_real).astype(np.float64) ** power).mean(axis=1))

    def delta_error(delta_real: Array, delta_pred: Array) -> Array:
        return error(delta_real, delta_pred)

    function: Callable[..., Array] = delta_error if delta else error
    of = "effects" if delta else "mean log-normalised expression"
    function.__doc__ = (
        f"Mean over genes of the {'squared' if power == 2 else 'absolute'} difference of {of}.\n\n"
        f"{'Equal to the error on expression where both files hold the same controls.' if delta else ''}"
    ).strip()
    return profile_metric(
        "cell-eval",
        name,
        optimum=0.0,
        chance="the error of no change: the size of the effects",
        higher_is_better=False,
        fooled_by="shrinking towards the controls or the mean: no change and the mean perturbation beat a replicate",
        quirk=OWN_CONTROL if delta else "its docstring says from control, but no control enters",
    )(function)


mse, mae = _errors("mse", 2, delta=False), _errors("mae", 1, delta=False)
mse_delta, mae_delta = _errors("mse_delta", 2, delta=True), _errors("mae_delta", 1, delta=True)


def _discrimination(kind: str, words: str) -> Callable[..., Array]:
    def discrimination(delta_pred: Array, truth_delta: Array, predicted: Codes, own_gene: Codes) -> Array:
        pred, truth = delta_pred.astype(np.float64), truth_delta.astype(np.float64)
        distance = distances_without(pred, truth, own_gene[predicted], kind)
        return np.asarray(1.0 - place(distance, predicted) / len(truth_delta))

    discrimination.__doc__ = f"""Share of measured effects no nearer to the prediction than its own, by {words}.

    1 - r / n, r the number of the n measured effects nearer to the predicted one than its own truth. The
    gene that the perturbation is named after is left out in its own row, other targets are not."""
    return profile_metric(
        "cell-eval",
        f"discrimination_score_{kind}",
        optimum=1.0,
        chance="(n + 1) / 2n",
        higher_is_better=True,
        fooled_by=(
            "predicting the other perturbations' target genes; an easy panel"
            + ("; inflating effects" if kind != "cosine" else "")
        ),
        quirk="divides by n, not n - 1: the worst is 1 / n; ties go by the order of the labels; " + OWN_CONTROL,
    )(discrimination)


discrimination_l1 = _discrimination("l1", "Manhattan distance")
discrimination_l2 = _discrimination("l2", "Euclidean distance")
discrimination_cosine = _discrimination("cosine", "cosine distance")


@profile_metric(
    "cell-eval",
    "pearson_edistance",
    optimum=1.0,
    chance="0",
    higher_is_better=True,
    undefined="fewer than two perturbations, or energy distances without variance",
    fooled_by="predicting the size of the effects and not their direction",
    quirk="one number of the panel, repeated on every row; energy distances are V-statistics in all genes, which "
    "grow as cells become fewer; each file has its own controls",
)
def pearson_edistance(energy_real: Array, energy_pred: Array) -> Array:
    """Pearson correlation over perturbations of their energy distances to the controls, unsquared Euclidean."""
    both = np.isfinite(energy_real) & np.isfinite(energy_pred)
    value = np.nan
    if both.all() and len(both) > 1 and np.ptp(energy_real) > 0 and np.ptp(energy_pred) > 0:
        value = float(scipy.stats.pearsonr(energy_real, energy_pred)[0])
    return np.full(len(both), value)


@profile_metric(
    "cell-eval",
    "clustering_agreement",
    optimum=1.0,
    chance="above 0: the best of seven",
    higher_is_better=True,
    undefined="fewer than three perturbations",
    fooled_by="the best of seven resolutions is reported",
    quirk="one number of the panel, repeated on every row; clusters mean expression, not effects; where there are no "
    "clear clusters the partition, and with it the score, turns on the seed of the Leiden algorithm, here cell-eval's",
)
def clustering_agreement(centre_real: Array, centre_pred: Array) -> Array:
    """Largest adjusted mutual information of the clusters of predicted and measured mean profiles, at least 0.

    Clusters are those of the Leiden algorithm on the fuzzy graph of 15 nearest neighbours: the truth at resolution
    1, the prediction at seven from .2 to 2.
    """
    n = len(centre_real)
    if n < 3:
        return np.full(n, np.nan)
    k = min(NEIGHBOURS, n - 1)
    of_real = communities(fuzzy_graph(centre_real, k))
    graph = fuzzy_graph(centre_pred, k)
    from sklearn.metrics import adjusted_mutual_info_score

    scores = [float(adjusted_mutual_info_score(of_real, communities(graph, r))) for r in RESOLUTIONS]
    return np.full(n, max(0.0, *scores))
