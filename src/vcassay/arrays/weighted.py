"""Agreement with genes weighted by the strength of their response (Mejia et al. 2025)."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import full_mask
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def _weights(first: int, last: int, score: Array, mask: Mask, out: Array) -> None:
    for i in range(first, last):
        low, high = np.inf, -np.inf
        for j in range(score.shape[1]):
            if mask[i, j]:
                low, high = min(low, score[i, j]), max(high, score[i, j])
        total = 0.0
        for j in range(score.shape[1]):
            out[i, j] = ((score[i, j] - low) / (high - low)) ** 2 if mask[i, j] and high > low else 0.0
            total += out[i, j]
        for j in range(score.shape[1]):
            out[i, j] = out[i, j] / total if total > 0.0 else np.nan


def response_weights(score: Array, mask: Mask) -> Array:
    """Weights of genes: squares of scores scaled to between 0 and 1 within each row.

    Parameters
    ----------
    score
        (n, g) sizes of t statistics, from other cells than those that are scored: else weights and
        truth share their noise.

    Returns
    -------
    (n, g), 0 outside the mask, of sum 1; NaN in rows of which all scores are equal or one is NaN.
    """
    out = np.empty(score.shape)
    dense = np.ascontiguousarray(score, dtype=np.float64)
    in_threads(_weights, len(out), dense, full_mask(mask, score.shape), out)
    return out


@numba.njit(cache=True, nogil=True)
def _errors(first: int, last: int, truth: Array, pred: Array, weights: Array, error: Array, spread: Array) -> None:
    for i in range(first, last):
        mean, total = 0.0, 0.0
        for j in range(truth.shape[1]):
            if weights[i, j] != 0.0:
                mean += weights[i, j] * truth[i, j]
                total += weights[i, j]
        mean /= total
        wrong, around = 0.0, 0.0
        for j in range(truth.shape[1]):
            if weights[i, j] != 0.0:
                wrong += weights[i, j] * (truth[i, j] - pred[i, j]) ** 2
                around += weights[i, j] * (truth[i, j] - mean) ** 2
        error[i], spread[i] = wrong, around


def weighted_errors(truth: Array, pred: Array, weights: Array) -> tuple[Array, Array]:
    """Weighted squared error, and weighted variance of the truth over genes, each (n,); NaN where weights are."""
    error, spread = np.empty(len(truth)), np.empty(len(truth))
    dense = [np.ascontiguousarray(m, dtype=np.float64) for m in (truth, pred, weights)]
    in_threads(_errors, len(truth), *dense, error, spread)
    return error, spread


def effective_number(weights: Array) -> Array:
    """(n,) number of genes that weigh: 1 / sum of squared weights."""
    return np.asarray(1.0 / np.square(weights).sum(axis=1))
