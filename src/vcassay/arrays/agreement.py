"""Agreement of effect vectors, one value a condition.

Every function takes (n, g) matrices and a boolean mask, (g,) or (n, g), of the genes that count. A
value is NaN where the truth or the prediction has no variance (Pearson) or no length (cosine) on
the mask, or holds a NaN there. Sums run in float64.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _masked(matrix: Array, mask: Mask) -> Array:
    """Zero outside the mask; always float64 in C order, so that sums over genes do not depend on the layout."""
    return np.ascontiguousarray(np.where(np.broadcast_to(mask, matrix.shape), matrix, 0.0), dtype=np.float64)


def centred(matrix: Array, mask: Mask) -> Array:
    """Subtract from each row its mean over the mask; 0 outside the mask."""
    inside = _masked(matrix, mask)
    n = np.broadcast_to(mask, matrix.shape).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = inside.sum(axis=1, keepdims=True) / n
    return _masked(inside - mean, mask)


def cosine(truth: Array, pred: Array, mask: Mask) -> Array:
    """Cosine between rows.

    Returns
    -------
    (n,) in [-1, 1]; NaN where either row has length zero on the mask.
    """
    return _cosine(_masked(truth, mask), _masked(pred, mask))


def pearson(truth: Array, pred: Array, mask: Mask) -> Array:
    """Pearson correlation between rows, over genes.

    Returns
    -------
    (n,) in [-1, 1]; NaN where either row is constant on the mask.
    """
    return _cosine(_flat_to_zero(truth, mask), _flat_to_zero(pred, mask))


def spearman(truth: Array, pred: Array, mask: Mask) -> Array:
    """Spearman correlation between rows, ties by mid-rank; undefined as `pearson`."""
    full = np.broadcast_to(mask, truth.shape)
    out = np.full(len(truth), np.nan)
    for i in range(len(truth)):
        a, b = truth[i, full[i]], pred[i, full[i]]
        if np.isfinite(a).all() and np.isfinite(b).all() and len(a) > 1:
            ranks = np.stack([rankdata(a), rankdata(b)])
            out[i] = pearson(ranks[:1], ranks[1:], np.ones(len(a), dtype=bool))[0]
    return out


def _flat_to_zero(matrix: Array, mask: Mask) -> Array:
    """Centre rows; a row that is constant up to rounding becomes exactly zero."""
    out = centred(matrix, mask)
    with np.errstate(invalid="ignore"):
        size = np.abs(_masked(matrix, mask)).max(axis=1, initial=0.0)
        flat = np.abs(out).max(axis=1, initial=0.0) <= 1e-14 * size
    out[flat] = 0.0
    return out


def _cosine(a: Array, b: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        norm = np.sqrt((a * a).sum(axis=1)) * np.sqrt((b * b).sum(axis=1))
        value = (a * b).sum(axis=1) / norm
    return np.where(norm > 0, np.clip(value, -1.0, 1.0), np.nan)


class Ratio(NamedTuple):
    """Numerators and denominators of a ratio of sums, one each a condition."""

    numerator: Array
    denominator: Array


def cross_product_error(pred: Array, half_mean: Array, cross: Array, mask: Mask) -> Ratio:
    """Noise-corrected squared error by cross-products (methods 3).

    With tA and tB effects from disjoint cells and controls, <d - tA, d - tB> has the expectation
    |d - t|^2 of the true effect t, without any variance estimate, and <tA, tB> that of |t|^2.

    Parameters
    ----------
    pred
        (n, g) predicted effects d.
    half_mean
        (n, g) mean of (tA + tB) / 2 over splits.
    cross
        (n, g) mean of tA * tB over splits, gene by gene.
    mask
        Genes that count.

    Returns
    -------
    Sums over genes. Their ratio of sums over conditions is 0 for a perfect model and 1 for no
    change; single ratios may be negative or unbounded and mean nothing. NaN where an input is.
    """
    d, t, c = _masked(pred, mask), _masked(half_mean, mask), _masked(cross, mask)
    return Ratio((d * d - 2.0 * d * t + c).sum(axis=1), c.sum(axis=1))


def squared_error(truth: Array, pred: Array, mask: Mask) -> Ratio:
    """Plain squared error over the squared effect: noise included, shown to say why not."""
    t, d = _masked(truth, mask), _masked(pred, mask)
    return Ratio(((t - d) ** 2).sum(axis=1), (t * t).sum(axis=1))


def squared_norm(matrix: Array, mask: Mask) -> Array:
    """(n,) sum of squares over the mask."""
    inside = _masked(matrix, mask)
    return np.asarray((inside * inside).sum(axis=1))
