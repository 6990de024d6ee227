"""Bilinear: Y = G K P + b, the linear model of Ahlmann-Eltze et al. on plain matrices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.sparse.linalg import eigsh

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

DENSE = 400
"""Beyond so many conditions the leading eigenvalues are found by Lanczos iterations, to machine precision."""


def bilinear(centred: Array, g: Array, p: Array, left: float = 0.1, right: float = 0.1) -> Array:
    """Solve for K in Y - b = G K P, with a ridge on both sides.

    K = (GᵀG + left I)⁻¹ Gᵀ (Y - b) Pᵀ (P Pᵀ + right I)⁻¹

    Parameters
    ----------
    centred
        (genes, n) effects less b, which must be taken **before** centring: a port that averages the centred matrix
        has b = 0 and answers a constant effect with nothing.
    g
        (genes, d) embedding of genes.
    p
        (e, n) embedding of the n perturbations.
    left, right
        Ridge penalties.

    Returns
    -------
    (d, e)
    """
    return solve_bilinear(g.T @ centred @ p.T, g.T @ g, p @ p.T, left, right)


def solve_bilinear(product: Array, g_square: Array, p_square: Array, left: float = 0.1, right: float = 0.1) -> Array:
    """K as in `bilinear`, from Gᵀ (Y - b) Pᵀ, GᵀG and P Pᵀ."""
    d, e = product.shape
    if not d or not e:
        return np.zeros((d, e))
    half = linalg.solve(g_square + left * np.eye(d), product, assume_a="pos")
    return np.asarray(linalg.solve(p_square + right * np.eye(e), half.T, assume_a="pos").T)


def gene_scores(matrix: Array, d: int, gram: Array | None = None) -> Array:
    """(g, d) scores of genes in a PCA with genes as observations and the (n, g) rows as variables.

    As R's ``prcomp(t(matrix))$x``: every row is centred over genes. Fewer than ``d`` where the rank is lower.

    Parameters
    ----------
    gram
        (n, n) inner products of the centred rows, where they are known.
    """
    x = matrix - matrix.mean(axis=1, keepdims=True)
    if len(x) > x.shape[1]:
        value, vector = _leading(x.T @ x, d)
        return np.asarray(vector * np.sqrt(value))
    _, vector = _leading(x @ x.T if gram is None else gram, d)
    return np.asarray(x.T @ vector)


def _leading(gram: Array, d: int) -> tuple[Array, Array]:
    n = len(gram)
    keep = min(d, n)
    size = float(np.trace(gram))
    if keep < 1 or size <= 0.0:
        return np.zeros(0), np.zeros((n, 0))
    if n > DENSE and keep < n:
        value, vector = eigsh(gram, k=keep, v0=np.sqrt(np.diagonal(gram)) + np.sqrt(size / n), tol=0)
    else:
        value, vector = linalg.eigh(gram, subset_by_index=[n - keep, n - 1], check_finite=False)
    some = value > 1e-12 * value.max()
    return value[some][::-1], vector[:, some][:, ::-1]


def shrunken_means(effects: Array, group: Codes) -> Array:
    """(C, g) means of C groups of rows, drawn to the mean of the groups as far as noise lets them differ.

    A one-way random-effects model; the variances within and between groups are pooled over columns and found by
    moments. One group has its plain mean.
    """
    n, count = len(effects), np.bincount(group).astype(np.float64)
    means = np.zeros((len(count), effects.shape[1]))
    np.add.at(means, group, effects)
    means /= count[:, None]
    if len(count) < 2 or n == len(count):
        return means
    middle = means.mean(axis=0)
    within = float(((effects - means[group]) ** 2).sum()) / (n - len(count))
    apart = float(((means - middle) ** 2).sum()) / (len(count) - 1)
    between = max(apart - within * float((1.0 / count).mean()), 0.0)
    noise = between + within / count
    share = np.where(noise > 0, between / np.where(noise > 0, noise, 1.0), 1.0)
    return np.asarray(middle + share[:, None] * (means - middle))
