"""scperteval's metrics, by its names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.evidence.metrics.profiles.profile import profile_metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Formula = Callable[[Array, Array, Array], Array]

TOP = 50
PER_TRUTH = "genes are chosen by the scored cells themselves, the noise of which they share"
SIZE = "the size of the effects, or of the differences between perturbations"


def mean_squared(real: Array, pred: Array, weight: Array) -> Array:
    """(m,) mean over genes of the squared difference, by weight; NaN without genes."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weight * (real - pred) ** 2).sum(axis=1) / weight.sum(axis=1))


def correlation(real: Array, pred: Array, weight: Array) -> Array:
    """(m,) Pearson correlation over genes, by weight; NaN without variance."""
    if np.isin(weight, (0.0, 1.0)).all():
        return pearson(real, pred, weight > 0)
    a, b = (x - mean_of(x, weight)[:, None] for x in (real, pred))
    with np.errstate(invalid="ignore", divide="ignore"):
        norm = np.sqrt((weight * a * a).sum(axis=1) * (weight * b * b).sum(axis=1))
        return np.where(norm > 0, (weight * a * b).sum(axis=1) / norm, np.nan)


def mean_of(values: Array, weight: Array) -> Array:
    """(m,) mean over genes, by weight."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weight * values).sum(axis=1) / weight.sum(axis=1))


def determination(real: Array, pred: Array, weight: Array) -> Array:
    """(m,) 1 - squared error over the truth's squares about its mean over genes, by weight."""
    error = (weight * (real - pred) ** 2).sum(axis=1)
    size = (weight * (real - mean_of(real, weight)[:, None]) ** 2).sum(axis=1)
    flat = np.where((weight > 0).sum(axis=1) > 1, np.where(error == 0, 1.0, 0.0), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(size > 0, 1.0 - error / size, flat)


def length(real: Array, pred: Array, weight: Array) -> Array:
    """(m,) Euclidean length of the difference over genes of weight 1."""
    return np.asarray(np.sqrt((weight * (real - pred) ** 2).sum(axis=1)))


def weights(strength: Array, power: int) -> Array:
    """Weights of genes from the size of their t: scaled to 0..1 within a perturbation, to a power, summing to 1.

    Parameters
    ----------
    strength
        (m, g) absolute t of the truth.

    Returns
    -------
    (m, g); equal weights where t does not vary (Mejia et al. 2025).
    """
    low, high = strength.min(axis=1, keepdims=True), strength.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.where(high > low, (strength - low) / (high - low), 1.0) ** power
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


SPACES = {
    "": ("all_genes", "all genes"),
    "_top_k=50": ("top", "the 50 genes of largest |t| of the truth"),
    "_degs_padj=0.05": ("degs", "the truth's genes of adjusted p below .05"),
    "_heg_k=1000": ("heg", "the 1,000 genes of highest control mean"),
}
CENTRES = {
    "": ("", "mean expression"),
    "_ctrl": ("control", "mean expression less the controls'"),
    "_pert": ("others", "mean expression less the mean of the other perturbations"),
}


def _register(
    name: str, formula: Formula, words: str, space: str, centre: str, power: int, **facts: Any
) -> Callable[..., Array]:
    """Register a metric of mean profiles."""
    chosen, of_genes = SPACES[space]
    wanted, of_what = CENTRES[centre]

    def scored(
        real: Array, pred: Array, control: Array, others: Array, strength: Array, masks: dict[str, Mask]
    ) -> Array:
        shift = {"": np.zeros(1), "control": control, "others": others}[wanted]
        weight = weights(strength, power) if power else masks[chosen].astype(np.float64)
        return formula(real - shift, pred - shift, weight)

    over = f"all genes, weighted by the truth's |t|, scaled to 0..1, to the power {power}" if power else of_genes
    scored.__doc__ = f"{words} of {of_what}, over {over}."
    fooled = [PER_TRUTH] if power or chosen in ("top", "degs") else []
    if not centre:
        fooled.append("expression differs more between genes than between perturbations: the controls score as well")
    if centre == "_pert":
        fooled.append(
            "the reference is a mean of the scored perturbations: an error that all predictions share is seen, "
            "and it points away from each perturbation's own truth"
        )
    if centre == "_ctrl":
        fooled.append("the mean effect of all perturbations, where they share a response")
    quirk = "t against all other perturbed cells, not the controls" if power or chosen in ("top", "degs") else ""
    if chosen == "degs":
        quirk += "; scperteval stops where a perturbation has none, here it is undefined"
    if formula is determination:
        quirk = "; ".join(filter(None, (quirk, "the truth first, about its mean over genes: no lower bound")))
    undefined = "the truth has no such gene" if chosen == "degs" else "no variance over the genes"
    return profile_metric("scperteval", name, undefined=undefined, fooled_by="; ".join(fooled), quirk=quirk, **facts)(
        scored
    )


_HIGH: dict[str, Any] = {"optimum": 1.0, "higher_is_better": True}
_LOW: dict[str, Any] = {"optimum": 0.0, "higher_is_better": False, "chance": SIZE}
_ZERO, _NEAR = "0", "near 1: the correlation of any two profiles of one cell line"
_BELOW = "0 for the mean over genes, below 0 for no information"

for _centre, _spaces in (("", ("", "_heg_k=1000")), ("_ctrl", tuple(SPACES)), ("_pert", tuple(SPACES)[:3])):
    for _space in _spaces:
        _register(
            f"pearson{_centre}{_space}", correlation, "Pearson correlation", _space, _centre, 0,
            chance=_ZERO if _centre else _NEAR, **_HIGH,
        )  # fmt: skip
for _space in ("", "_top_k=50", "_degs_padj=0.05"):
    _register(f"mse{_space}", mean_squared, "Mean squared error", _space, "", 0, **_LOW)
    for _centre in ("_ctrl", "_pert"):
        _register(f"r2{_centre}{_space}", determination, "R2", _space, _centre, 0, chance=_BELOW, **_HIGH)
for _power in (1, 2, 4):
    _register(f"wmse_exp{_power}", mean_squared, "Weighted mean squared error", "", "", _power, **_LOW)
for _centre in ("_ctrl", "_pert"):
    _register(
        f"weighted_pearson{_centre}_exp2", correlation, "Weighted Pearson correlation", "", _centre, 2,
        chance=_ZERO, **_HIGH,
    )  # fmt: skip
    _register(f"weighted_r2{_centre}_exp2", determination, "Weighted R2", "", _centre, 2, chance=_BELOW, **_HIGH)
_register("l2_heg_k=1000", length, "Euclidean length of the difference", "_heg_k=1000", "", 0, **_LOW)


def _ranks(name: str, words: str, *, transpose: bool, nir: bool = False) -> None:
    def scored(squared_distance: Array, own: Codes) -> Array:
        value = place(squared_distance, own, transpose=transpose)
        return 1.0 - value if nir else value

    scored.__doc__ = words
    profile_metric(
        "scperteval",
        name,
        optimum=1.0 if nir else 0.0,
        chance="0.5",
        higher_is_better=nir,
        undefined="fewer than two perturbations",
        fooled_by="expression, not effects, is compared: whatever shifts all predictions alike changes the ranks; "
        + ("one truth near all predictions" if transpose else "one prediction near all truths"),
        quirk="scperteval breaks ties by noise of 1e-12, here they take the mid-rank; the gene the perturbation "
        "is named after is scored",
    )(scored)


def squared_distances(pred: Array, truth: Array) -> Array:
    """(m, n) squared Euclidean distances of (m, g) and (n, g) profiles."""
    middle = truth.sum(axis=0) / max(1, len(truth))
    a, b = pred - middle, truth - middle
    return np.asarray((a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * (a @ b.T))


def place(distance: Array, own: Codes, *, transpose: bool) -> Array:
    """Share of rivals nearer.

    Parameters
    ----------
    distance
        (m, n) of predictions to truths.
    own
        (m,) truth that belongs to a prediction.
    transpose
        Rivals are the other truths of a prediction, not the other predictions of a truth.

    Returns
    -------
    (m,) from 0 to 1; NaN without a rival.
    """
    mine = distance[np.arange(len(own)), own]
    rivals = distance if transpose else distance[:, own].T
    if rivals.shape[1] < 2:
        return np.full(len(own), np.nan)
    ahead = (rivals < mine[:, None]).sum(axis=1) + ((rivals == mine[:, None]).sum(axis=1) - 1) / 2
    return np.asarray(ahead / (rivals.shape[1] - 1))


_ranks("rank", "Share of the other predictions that are nearer to the truth than its own.", transpose=False)
_ranks("transpose_rank", "Share of the other truths that are nearer to the prediction than its own.", transpose=True)
_ranks("nir", "Share of the other truths that are farther from the prediction than its own.", transpose=True, nir=True)


def _distance(kind: str, space: str, words: str) -> None:
    label = {"top": "top_k=50", "pca": "pca_k=50"}[space]
    name = f"energy_distance_{label}" if kind == "energy" else f"unbiased_mmd_median_{label}"
    where = SPACES["_top_k=50"][1] if space == "top" else "50 principal components of measured cells"

    def scored(distances: dict[str, Array]) -> Array:
        return distances[f"{kind}_{space}"]

    scored.__doc__ = f"{words} between measured and predicted cells, in {where}."
    profile_metric(
        "scperteval",
        name,
        optimum=0.0,
        chance="the distance of the controls to the perturbed cells",
        higher_is_better=False,
        undefined="a single cell, or cells all alike" if kind == "mmd" else "no cells",
        fooled_by="a copy of the scored cells, which comes out below 0"
        + ("; a wide prediction widens the kernel" if kind == "mmd" else ""),
        quirk="the components are fitted to the scored cells, by randomised products with seed 42"
        if space == "pca"
        else PER_TRUTH,
    )(scored)


for _space in ("top", "pca"):
    _distance("energy", _space, "Energy distance (unsquared, over pairs of different cells)")
    _distance("mmd", _space, "Unbiased squared MMD (one Gaussian kernel, as wide as the median pooled distance)")


def _curve(name: str, which: int, words: str, chance: str) -> None:
    def scored(curves: tuple[Array, Array]) -> Array:
        return curves[which]

    scored.__doc__ = f"{words} of finding the truth's significant genes by the prediction's |t|."
    profile_metric(
        "scperteval",
        name,
        optimum=1.0,
        chance=chance,
        higher_is_better=True,
        undefined="all genes or none are truly significant",
        fooled_by="cells without variance, whose t is large wherever a mean differs; the sign is not seen",
        quirk="both sides are tested against all other measured perturbed cells, not the controls",
    )(scored)


_curve("de_auprc", 0, "Average precision", "the share of truly significant genes")
_curve("de_auroc", 1, "Area under the ROC curve", "0.5")


@profile_metric(
    "scperteval",
    "de_overlap_k=50",
    optimum=1.0,
    chance="50 over the number of genes",
    higher_is_better=True,
    undefined="no more than 50 genes",
    fooled_by="highly expressed genes, which have large t in any perturbation; the sign is not seen",
    quirk="both sides are tested against all other measured perturbed cells, not the controls",
)
def de_overlap(strength: Array, strength_pred: Array) -> Array:
    """Share of the 50 genes of largest |t| of the truth that are among those of the prediction."""
    if strength.shape[1] <= TOP:
        return np.full(len(strength), np.nan)
    a, b = (np.argsort(-x, axis=1, kind="stable")[:, :TOP] for x in (strength, strength_pred))
    chosen = np.zeros(strength.shape, dtype=bool)
    np.put_along_axis(chosen, a, values=True, axis=1)
    return np.asarray(np.take_along_axis(chosen, b, axis=1).mean(axis=1))
