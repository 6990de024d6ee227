"""Principal components as scperteval fits them, without making a sparse matrix dense."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, qr, svd

from vcassay.arrays.groups import Groups, group_totals
from vcassay.arrays.tiles import PARTS, Rows

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

OVERSAMPLE = 10
"""Directions that are iterated beyond the components."""
LEAST = 1e-14
"""Squared length, over the largest of its scaled basis, from which a direction is one."""


def loadings(matrix: Any, rows: Codes, k: int, seed: int) -> Array:
    """Principal components of some rows.

    Matrices that scikit-learn would decompose by a randomised product are decomposed by the same product here,
    from the same random start: subspace iteration (Halko et al. 2011), centred on the way. What scikit-learn
    makes a basis of after either half of an iteration is made one after both, which spans the same and reads the
    cells once for two products.

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
    x = Rows(matrix)
    n, g = len(rows), x.shape[1]
    exact = max(n, g) <= 500 or (g <= 1000 and n >= 10 * g) or k >= 0.8 * min(n, g)
    if exact or n < g:
        from sklearn.decomposition import PCA

        return np.asarray(PCA(n_components=k, random_state=seed).fit(x.dense(rows)).components_.T)
    parts = Groups(rows, np.linspace(0, n, PARTS + 1).astype(np.int64))
    mean = group_totals(matrix, parts).sum(axis=0) / n
    basis = np.random.RandomState(seed).normal(size=(g, k + OVERSAMPLE))
    for _ in range(7 if k < 0.1 * min(n, g) else 4):
        basis = np.asarray(qr(x.there_and_back(rows, mean, basis)[1], mode="economic")[0])
    gram, back = x.there_and_back(rows, mean, basis)
    # the cells times the basis, made orthonormal from their products alone
    scale = np.sqrt(np.maximum(np.diag(gram), np.finfo(np.float64).tiny))
    size, turn = eigh(gram / np.outer(scale, scale))
    size, turn = size[::-1], turn[:, ::-1]
    known = size > LEAST * size[0]
    whole = back / scale @ turn[:, known] / np.sqrt(size[known])
    found = np.asarray(svd(whole, full_matrices=False)[0][:, :k])
    if found.shape[1] < k:  # fewer directions than components: any that are orthogonal to these
        found = np.asarray(qr(np.column_stack([found, basis]), mode="economic")[0][:, :k])
    return found
