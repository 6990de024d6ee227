"""Spectra of effects: how many directions they take, and how much of the truth lies in a model's span."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.tiles import product

Array = NDArray[np.float64]


def effective_rank(eigenvalues: Array) -> float:
    """Exponential of the entropy of eigenvalues (Roy and Vetterli 2007; the Vendi score of a linear kernel).

    Negative eigenvalues, which debiased matrices have, count 0; NaN where none is above 0.
    """
    positive = np.clip(eigenvalues, 0.0, None)
    total = positive.sum()
    if not total > 0:
        return np.nan
    share = positive[positive > 0] / total
    return float(np.exp(-(share * np.log(share)).sum()))


def gram_spectrum(effects: Array) -> tuple[Array, Array]:
    """Eigenvalues of effects @ effects.T, largest first, and its eigenvectors in columns."""
    values, vectors = np.linalg.eigh(product(effects, effects.T))
    return np.clip(values[::-1], 0.0, None), vectors[:, ::-1]


def cross_spectrum(half_a: Array, half_b: Array) -> Array:
    """Eigenvalues of the debiased Gram matrix (A B' + B A') / 2 of two halves: noise has expectation 0 in it."""
    cross = product(half_a, half_b.T)
    return np.asarray(np.linalg.eigvalsh((cross + cross.T) / 2.0)[::-1])


def leading(eigenvalues: Array, energy: float) -> int:
    """Number of leading eigenvalues that hold a share of their sum; 0 where all are 0."""
    total = eigenvalues.sum()
    if not total > 0:
        return 0
    return int(np.searchsorted(np.cumsum(eigenvalues) / total, energy * (1 - 1e-12)) + 1)


def basis(effects: Array, eigenvalues: Array, vectors: Array, k: int) -> Array:
    """(k, g) orthonormal rows that span the k leading directions of effects."""
    return np.asarray((vectors[:, :k].T @ effects) / np.sqrt(eigenvalues[:k])[:, None])
