"""Whether genes of predicted cells depend on each other as those of measured cells do.

In a component with loadings w, cells whose genes are independent have the variance sum of w_g^2 var_g. What a set's
covariance between components exceeds this by comes from gene-gene dependence alone: it is 0 on average for genes that
are shuffled among the cells of a perturbation, which leaves every gene's own distribution as it was (Heidari et al.
2026: distances between cells see it weakly).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.dispersion import HalfVariances

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def dependence(scores: Array, half: Codes, variances: Array, loadings: Array) -> Array:
    """Covariance between components that gene-gene dependence makes.

    Parameters
    ----------
    scores
        (cells, k) of cells in the components.
    half
        (cells,) set of each cell, 0..m-1.
    variances
        (m, g) variance of each gene within each set.
    loadings
        (g, k).

    Returns
    -------
    (m, k, k); NaN for sets with fewer than two cells.
    """
    m, k = len(variances), scores.shape[1]
    out = np.full((m, k, k), np.nan)
    order = np.argsort(half, kind="stable")
    bounds = np.searchsorted(half[order], np.arange(m + 1))
    square = np.einsum("gi,gj->gij", loadings, loadings).reshape(len(loadings), -1)
    alone = np.einsum("mg,gp->mp", variances, square).reshape(m, k, k)
    for i in range(m):
        cells = scores[order[bounds[i] : bounds[i + 1]]]
        if len(cells) > 1:
            apart = cells - cells.mean(axis=0)
            out[i] = np.einsum("ci,cj->ij", apart, apart) / (len(cells) - 1.0) - alone[i]
    return out


def dependence_error(pred: Array, truth: Array, pred_cells: HalfVariances, truth_cells: HalfVariances) -> Ratio:
    """Squared error of the dependence as a share of the squared true dependence, freed of noise.

    By cross-products of halves, as the error of effects. The predicted dependence is first brought to the measured
    scale, by the ratio of the variances summed over genes, so that cells of the right shape and too little spread are
    left to the variance ratio.

    Parameters
    ----------
    pred, truth
        (2 n, k, k) of the halves 2 i and 2 i + 1 of each set.
    pred_cells, truth_cells
        Their variances.

    Returns
    -------
    Sums over the k x k pairs; 0 for a perfect model, 1 for independent genes as a ratio of sums over conditions.
    Cells that are all alike count as independent. NaN where a set has too few cells.
    """
    total, measured = pred_cells.whole.sum(axis=1), truth_cells.whole.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(total > 0, measured / total, np.where(total == 0, 0.0, np.nan))
    p = pred.reshape(len(total), 2, -1) * scale[:, None, None]
    t = truth.reshape(len(total), 2, -1)
    here = ((p[:, 0] - t[:, 0]) * (p[:, 1] - t[:, 1]) + (p[:, 0] - t[:, 1]) * (p[:, 1] - t[:, 0])).sum(axis=1) / 2.0
    return Ratio(here, (t[:, 0] * t[:, 1]).sum(axis=1))
