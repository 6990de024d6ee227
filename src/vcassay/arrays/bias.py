"""The bias model: value = overall mean + context + perturbation, by least squares on a table with gaps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

RANK = 1e-10
"""Eigenvalues below this share of the largest belong to shifts that no value tells apart."""


class Bias(NamedTuple):
    """A fitted bias model.

    Attributes
    ----------
    mean
        (g,) value of an average context and perturbation.
    context, perturbation
        (k, g) and (p, g) terms; those that were fitted have a mean of 0, the others are 0.
    """

    mean: Array
    context: Array
    perturbation: Array

    def predict(self, context: Codes, perturbation: Codes) -> Array:
        """(m, g) sums of the terms; the term of a code below 0 is 0."""
        total = np.tile(self.mean, (len(context), 1))
        for terms, codes in ((self.context, context), (self.perturbation, perturbation)):
            known = codes >= 0
            total[known] += terms[codes[known]]
        return np.asarray(total)


def fit_bias(values: Array, context: Codes, perturbation: Codes, k: int, p: int) -> Bias:
    """Fit the bias model, every row weighing the same.

    Parameters
    ----------
    values
        (n, g) training values, no NaN.
    context, perturbation
        (n,) codes below ``k`` and ``p``; codes that no row has keep a term of 0.

    Returns
    -------
    `Bias`. In a table that falls into blocks without a common context or perturbation, the shifts between blocks,
    which no value tells, are those of the shortest solution of the factor with fewer levels. Without rows, all NaN.

    Notes
    -----
    The factor with more levels is eliminated from the normal equations, and the rest, a weighted graph Laplacian,
    solved by its eigenvectors: the same numbers for the same table, whatever the number of threads.
    """
    g = values.shape[1]
    if not len(values):
        return Bias(np.full(g, np.nan), np.zeros((k, g)), np.zeros((p, g)))
    few, many = (context, perturbation) if k <= p else (perturbation, context)
    has_few, few = np.unique(few, return_inverse=True)
    has_many, many = np.unique(many, return_inverse=True)
    table = np.zeros((len(has_few), len(has_many)))
    np.add.at(table, (few, many), 1.0)
    of_few, of_many = _sums(values, few, len(has_few)), _sums(values, many, len(has_many))
    share = table / table.sum(axis=0)
    laplacian = np.diag(table.sum(axis=1)) - share @ table.T
    size, vector = np.linalg.eigh((laplacian + laplacian.T) / 2.0)
    use = size > RANK * max(float(size.max()), 1.0)
    right = vector.T @ (of_few - share @ of_many)
    u = vector[:, use] @ (right[use] / size[use, None])
    v = (of_many - table.T @ u) / table.sum(axis=0)[:, None]
    centre_u, centre_v = u.mean(axis=0), v.mean(axis=0)
    smaller = _placed(u - centre_u, has_few, min(k, p))
    larger = _placed(v - centre_v, has_many, max(k, p))
    a, b = (smaller, larger) if k <= p else (larger, smaller)
    return Bias(centre_u + centre_v, a, b)


def _sums(values: Array, codes: Codes, n: int) -> Array:
    """(n, g) sums of the rows of each code, in the order of the rows."""
    out = np.zeros((n, values.shape[1]))
    np.add.at(out, codes, values)
    return out


def _placed(terms: Array, levels: Codes, n: int) -> Array:
    """(n, g) terms at their codes; 0 for codes without."""
    out = np.zeros((n, terms.shape[1]))
    out[levels] = terms
    return out
