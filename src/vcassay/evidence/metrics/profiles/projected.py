"""Principal components as scperteval fits them, without making a sparse matrix dense."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lu, qr, svd
from sklearn.decomposition import PCA

from vcassay.arrays.blocks import is_sparse
from vcassay.evidence.metrics.profiles.cellwise import dense

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

OVERSAMPLE = 10
"""Directions that are iterated beyond the components."""


def loadings(matrix: Any, rows: Codes, k: int, seed: int) -> Array:
    """Principal components of some rows.

    Sparse matrices that scikit-learn would decompose by a randomised product are decomposed by the same
    product here, from the same random start: subspace iteration with triangular factors for a basis (Halko
    et al. 2011), centred on the way.

    Parameters
    ----------
    matrix
        (cells, g) dense or CSR.
    rows
        Cells to fit.
    k
        Components.
    seed
        Of the random start.

    Returns
    -------
    (g, k) orthonormal columns.
    """
    n, g = len(rows), matrix.shape[1]
    exact = max(n, g) <= 500 or (g <= 1000 and n >= 10 * g) or k >= 0.8 * min(n, g)
    if exact or n < g or not is_sparse(matrix):
        return np.asarray(PCA(n_components=k, random_state=seed).fit(dense(matrix, rows)).components_.T)
    x = matrix[rows].astype(np.float64)
    mean = np.asarray(x.mean(axis=0)).ravel()

    def times(right: Array) -> Array:
        return np.asarray(x @ right - mean @ right)

    def back(left: Array) -> Array:
        return np.asarray(x.T @ left - np.outer(mean, left.sum(axis=0)))

    basis = np.random.RandomState(seed).normal(size=(g, k + OVERSAMPLE))
    for _ in range(7 if k < 0.1 * min(n, g) else 4):
        left = lu(times(basis), permute_l=True)[0]
        basis = lu(back(left), permute_l=True)[0]
    span = qr(times(basis), mode="economic")[0]
    return np.asarray(svd(back(np.asarray(span)), full_matrices=False)[0][:, :k])
