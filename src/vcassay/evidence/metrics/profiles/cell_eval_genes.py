"""cell-eval's metrics of differentially expressed genes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.agreement import spearman
from vcassay.arrays.tiles import each
from vcassay.evidence.metrics.profiles.profile import profile_metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Single = NDArray[np.float32]

DISPERSION = "predicted cells that vary little, or are many: significance counts cells and their spread, not effects"
SIGN_BLIND = "a gene called in the wrong direction counts as found"
NO_GENE = "the truth has no significant gene"


def by_fold(sig: Mask, fold: Single) -> Array:
    """(m, g) place of significant genes by absolute log fold change, ties by column; infinite for others."""
    out = np.full(sig.shape, np.inf)

    def work(i: int) -> None:
        genes = np.flatnonzero(sig[i] & ~np.isnan(fold[i]))
        out[i, genes[np.argsort(-np.abs(fold[i, genes]), kind="stable")]] = np.arange(len(genes))

    each(work, len(sig))
    return out


def top_overlap(place_real: Array, place_pred: Array, k: int, within: Mask) -> Array:
    """Genes among the top of both lists over its length.

    Parameters
    ----------
    place_real, place_pred
        (m, g) places of the genes of both lists, from `by_fold`.
    k
        Length of the lists; 0 for that of ``within``.
    within
        (m, g) list that limits the length.

    Returns
    -------
    (m,); 0 where the length is 0.
    """
    size = within.sum(axis=1)
    size = size if k == 0 else np.minimum(size, k)
    both = (place_real < size[:, None]) & (place_pred < size[:, None])
    return np.asarray(both.sum(axis=1) / np.maximum(size, 1))


def _overlap(k: int) -> None:
    def overlap(sig_real: Mask, place_real: Array, place_pred: Array) -> Array:
        return top_overlap(place_real, place_pred, k, sig_real)

    def precision(sig_pred: Mask, place_real: Array, place_pred: Array) -> Array:
        return top_overlap(place_real, place_pred, k, sig_pred)

    length = f"k the smaller of {k} and" if k else "k"
    for name, function, words in (("overlap", overlap, "truly"), ("precision", precision, "predicted")):
        function.__doc__ = f"""Genes among the top k of both lists of significant genes, over k.

        Lists are ordered by absolute log2 fold change, {length} the number of genes {words} significant."""
        profile_metric(
            "cell-eval",
            f"{name}_at_{k or 'N'}",
            optimum=1.0,
            chance="about k over the number of genes",
            higher_is_better=True,
            fooled_by=DISPERSION + "; " + SIGN_BLIND,
            quirk="0, and not undefined, with an empty list: the truth itself does not score 1; infinite fold changes "
            "lie on top, and ties go by the order of the genes, which can turn 0 into 1",
        )(function)


for _k in (0, 50, 100, 200, 500):
    _overlap(_k)


@profile_metric(
    "cell-eval",
    "de_spearman_sig",
    optimum=1.0,
    chance="0",
    higher_is_better=True,
    undefined="numbers of significant genes do not vary",
    fooled_by="predicting the number of cells, which sets the number of significant genes",
    quirk="one number of the panel, repeated on every row; perturbations without a truly significant gene are left "
    "out, and without any the value is 1 whatever is predicted",
)
def de_spearman_sig(sig_real: Mask, sig_pred: Mask) -> Array:
    """Spearman correlation over perturbations of the numbers of significant genes."""
    real, pred = sig_real.sum(axis=1), sig_pred.sum(axis=1)
    use = real > 0
    if not use.any():
        return np.ones(len(real))
    value = np.nan
    if use.sum() > 1 and np.ptp(real[use]) > 0 and np.ptp(pred[use]) > 0:
        value = float(scipy.stats.spearmanr(real[use], pred[use])[0])
    return np.full(len(real), value)


@profile_metric(
    "cell-eval",
    "de_direction_match",
    optimum=1.0,
    chance="0.5; more where most genes move one way",
    higher_is_better=True,
    undefined=NO_GENE,
    fooled_by="predicting the majority's direction for all genes",
    quirk="a fold change of 0 matches no direction",
)
def de_direction_match(sig_real: Mask, fold_real: Single, fold_pred: Single) -> Array:
    """Share of truly significant genes whose predicted log2 fold change has the true sign."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((sig_real & (np.sign(fold_real) == np.sign(fold_pred))).sum(axis=1) / sig_real.sum(axis=1))


@profile_metric(
    "cell-eval",
    "de_spearman_lfc_sig",
    optimum=1.0,
    chance="0",
    higher_is_better=True,
    undefined="fewer than two truly significant genes, or fold changes without variance",
    fooled_by="few genes: with two it is 1 or -1",
    quirk="infinite fold changes are kept as the largest; one gene gives NaN, which makes cell-eval's mean NaN",
)
def de_spearman_lfc_sig(sig_real: Mask, fold_real: Single, fold_pred: Single) -> Array:
    """Spearman correlation of log2 fold changes over truly significant genes."""
    return spearman(_finite(fold_real), _finite(fold_pred), sig_real)


def _finite(fold: Single) -> Array:
    """Infinite values as the largest there are: ranks alone matter."""
    return np.nan_to_num(fold.astype(np.float64), nan=0.0)


@profile_metric(
    "cell-eval",
    "de_sig_genes_recall",
    optimum=1.0,
    chance="the share of genes called",
    higher_is_better=True,
    undefined=NO_GENE,
    fooled_by="calling every gene; " + DISPERSION + "; " + SIGN_BLIND,
)
def de_sig_genes_recall(sig_real: Mask, sig_pred: Mask) -> Array:
    """Share of truly significant genes that are significant in the prediction."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((sig_real & sig_pred).sum(axis=1) / sig_real.sum(axis=1))


@profile_metric("cell-eval", "de_nsig_counts_real", optimum=None, chance="none", higher_is_better=None)
def de_nsig_counts_real(sig_real: Mask) -> Array:
    """Number of truly significant genes."""
    return np.asarray(sig_real.sum(axis=1).astype(np.float64))


@profile_metric("cell-eval", "de_nsig_counts_pred", optimum=None, chance="none", higher_is_better=None)
def de_nsig_counts_pred(sig_pred: Mask) -> Array:
    """Number of genes that are significant in the prediction."""
    return np.asarray(sig_pred.sum(axis=1).astype(np.float64))


def _curve(name: str, which: int, words: str, chance: str) -> Callable[..., Array]:
    def curve(curves: tuple[Array, Array]) -> Array:
        return curves[which]

    curve.__doc__ = f"""{words} of finding the truly significant genes by the prediction's adjusted p-values.

    Genes are called in order of -log10 of the adjusted p-value, which ends at 10."""
    return profile_metric(
        "cell-eval",
        name,
        optimum=1.0,
        chance=chance,
        higher_is_better=True,
        undefined="all genes or none are truly significant",
        fooled_by=DISPERSION + "; " + SIGN_BLIND,
        quirk="adjusted p-values below 1e-10 tie; one undefined perturbation makes cell-eval's mean NaN",
    )(curve)


def certainty(fdr: Single) -> Array:
    """-log10 of adjusted p-values, in single precision as cell-eval's tables, at most 10."""
    return -np.log10(np.clip(np.nan_to_num(fdr, nan=1.0), np.float32(1e-10), np.float32(1.0))).astype(np.float64)


pr_auc = _curve("pr_auc", 0, "Average precision", "the share of truly significant genes")
roc_auc = _curve("roc_auc", 1, "Area under the ROC curve", "0.5")
