"""Agreement beyond known directions: partial correlation, and energy and agreement along each direction."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import full_mask
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SAME = 1e-6
"""Length, relative to the whole, below which what is left of a vector in single precision is rounding."""


def partial_correlation(truth: Array, pred: Array, given: tuple[Array, ...], mask: Mask) -> Array:
    """Pearson correlation over genes of what truth and prediction hold beyond given vectors.

    Both are regressed, row by row, on a constant and the given vectors, and the residuals are
    correlated. Unlike the correlation after *subtracting* a vector, it does not rise when that
    vector is noisy or wrongly scaled: a vector taken off both sides is an error that both share.

    Parameters
    ----------
    truth, pred
        (n, g).
    given
        (n, g) each; one that depends on those before it adds nothing.
    mask
        (n, g) genes that count.

    Returns
    -------
    (n,) in [-1, 1]; NaN where nothing is left of truth or prediction (up to single precision), or
    where a value on the mask is NaN.
    """
    gram = _gram((*given, truth, pred), mask)
    out = np.full(len(truth), np.nan)
    ok = np.isfinite(gram).all(axis=(1, 2))
    out[ok] = _beyond(gram[ok])
    return out


def _beyond(gram: Array) -> Array:
    whole = np.diagonal(gram, axis1=1, axis2=2)[:, -2:].copy()
    k = gram.shape[1] - 2
    left = gram.copy()
    for i in range(k):
        _eliminate(left, i, gram[:, i, i])
    truth, pred = left[:, k, k], left[:, k + 1, k + 1]
    some = (truth > SAME**2 * whole[:, 0]) & (pred > SAME**2 * whole[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        value = left[:, k, k + 1] / (np.sqrt(truth) * np.sqrt(pred))
    return np.where(some, np.clip(value, -1.0, 1.0), np.nan)


class Along(NamedTuple):
    """What a prediction holds along given vectors, taken in order, and beyond them.

    Attributes
    ----------
    energy
        (n, k + 1) squared length of the prediction along each vector (less those before it), and of the rest.
    agreement
        (n, k + 1) inner product with the truth of the same components.
    """

    energy: Array
    agreement: Array


def along(truth: Array, pred: Array, given: tuple[Array, ...], mask: Mask) -> Along:
    """Split a prediction's squared length and its inner product with the truth, row by row.

    Parameters
    ----------
    given
        (n, g) each; one of no length, or that depends on those before it, has none of either.

    Returns
    -------
    `Along`; energies add up to the squared length, agreements to the inner product.
    """
    gram = _gram((*given, truth, pred), mask)[:, 1:, 1:]
    k = len(given)
    left = gram.copy()
    energy, agreement = np.zeros((len(gram), k + 1)), np.zeros((len(gram), k + 1))
    for i in range(k):
        before = left[:, k:, k + 1].copy()
        _eliminate(left, i, gram[:, i, i])
        agreement[:, i], energy[:, i] = (before - left[:, k:, k + 1]).T
    agreement[:, k], energy[:, k] = left[:, k, k + 1], left[:, k + 1, k + 1]
    return Along(energy, agreement)


def _eliminate(left: Array, i: int, whole: Array) -> None:
    """Take vector i off all others in their inner products; one that depends on earlier ones is left alone."""
    pivot = left[:, i, i]
    with np.errstate(divide="ignore", invalid="ignore"):
        by = np.where(pivot > SAME**2 * whole, 1.0 / pivot, 0.0)
    left -= left[:, :, i, None] * left[:, None, i, :] * by[:, None, None]


def _gram(matrices: tuple[Array, ...], mask: Mask) -> Array:
    """(n, k + 1, k + 1) inner products over the mask; a constant 1 comes first."""
    shape, k = matrices[0].shape, len(matrices)
    out = np.empty((shape[0], k + 1, k + 1))
    same = tuple(np.ascontiguousarray(m, dtype=np.float64) for m in matrices)
    in_threads(_multiply, shape[0], same, full_mask(mask, shape), out)
    return out


@numba.njit(cache=True, nogil=True)
def _multiply(first: int, last: int, matrices: tuple[Array, ...], mask: Mask, out: Array) -> None:
    k, g = len(matrices), matrices[0].shape[1]
    x, total = np.ones(k + 1), np.zeros((k + 1, k + 1))
    for i in range(first, last):
        total[:] = 0.0
        for j in range(g):
            if mask[i, j]:
                for a in range(k):
                    x[a + 1] = matrices[a][i, j]
                for a in range(k + 1):
                    for b in range(a, k + 1):
                        total[a, b] += x[a] * x[b]
        for a in range(k + 1):
            for b in range(a, k + 1):
                out[i, a, b] = out[i, b, a] = total[a, b]
