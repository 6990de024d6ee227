"""Agreement of effect vectors, one value a condition.

Every function takes (n, g) matrices and a boolean mask, (g,) or (n, g), of the genes that count. A
value is NaN where the truth or the prediction has no variance (Pearson) or no length (cosine) on
the mask, or holds a NaN there. Sums run in float64, gene by gene in order, one row at a time: the
number of threads cannot change a bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

RUN = 256
"""Genes that are summed at a time: a sum of such sums errs less than one long sum."""
FLAT = 1e-14
"""A row whose values differ from their mean by less, relative to the largest, is constant up to rounding."""


def full_mask(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Repeat a mask of genes for every row: (n, g), C order."""
    whole = mask if np.shape(mask) == shape else np.broadcast_to(mask, shape)  # a read-only view: kernels compile twice
    return np.ascontiguousarray(whole, dtype=np.bool_)


def _dense(matrix: Array) -> Array:
    """Float64 in C order, so that sums over genes do not depend on the layout."""
    return np.ascontiguousarray(matrix, dtype=np.float64)


@numba.njit(cache=True, nogil=True)
def _correlate(first: int, last: int, a: Array, b: Array, mask: Mask, centre: int, flat: float, out: Array) -> None:
    g = a.shape[1]
    for i in range(first, last):
        n, from_a, from_b, mean_a, mean_b, top_a, top_b = 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(g):
            if mask[i, j]:
                if n == 0 and centre == 1:  # sums start from the first value: a constant row has its mean exactly
                    from_a, from_b = a[i, j], b[i, j]
                n += 1
                mean_a += a[i, j] - from_a
                mean_b += b[i, j] - from_b
                top_a, top_b = max(top_a, abs(a[i, j])), max(top_b, abs(b[i, j]))
        if n == 0 or not np.isfinite(mean_a + mean_b):
            out[i] = np.nan
            continue
        mean_a, mean_b = (from_a + mean_a / n, from_b + mean_b / n) if centre == 1 else (0.0, 0.0)
        aa, bb, ab, far_a, far_b = 0.0, 0.0, 0.0, 0.0, 0.0
        for start in range(0, g, RUN):
            part_a, part_b, part_ab = 0.0, 0.0, 0.0
            for j in range(start, min(start + RUN, g)):
                if mask[i, j]:
                    x, y = a[i, j] - mean_a, b[i, j] - mean_b
                    part_a += x * x
                    part_b += y * y
                    part_ab += x * y
                    far_a, far_b = max(far_a, abs(x)), max(far_b, abs(y))
            aa, bb, ab = aa + part_a, bb + part_b, ab + part_ab
        norm = np.sqrt(aa) * np.sqrt(bb)
        constant = centre == 1 and (far_a <= flat * top_a or far_b <= flat * top_b)
        out[i] = min(1.0, max(-1.0, ab / norm)) if norm > 0.0 and not constant else np.nan


def _correlation(truth: Array, pred: Array, mask: Mask, *, centre: bool) -> Array:
    out = np.empty(len(truth))
    in_threads(_correlate, len(out), _dense(truth), _dense(pred), full_mask(mask, truth.shape), int(centre), FLAT, out)
    return out


def cosine(truth: Array, pred: Array, mask: Mask) -> Array:
    """Cosine between rows.

    Returns
    -------
    (n,) in [-1, 1]; NaN where either row has length zero on the mask.
    """
    return _correlation(truth, pred, mask, centre=False)


def pearson(truth: Array, pred: Array, mask: Mask) -> Array:
    """Pearson correlation between rows, over genes.

    Returns
    -------
    (n,) in [-1, 1]; NaN where either row is constant on the mask.
    """
    return _correlation(truth, pred, mask, centre=True)


def row_order(matrix: Array) -> NDArray[np.int32]:
    """Order of each row's values, smallest first, equal ones in any order; rows shared out over threads."""
    out = np.empty(matrix.shape, dtype=np.int32)

    def some(first: int, last: int) -> None:
        for i in range(first, last):
            out[i] = np.argsort(matrix[i])

    in_threads(some, len(matrix))
    return out


@numba.njit(cache=True, nogil=True)
def _rank(first: int, last: int, a: Array, mask: Mask, order: NDArray[np.int32], out: Array) -> None:
    g = a.shape[1]
    for i in range(first, last):
        k, defined = 0, True
        for j in range(g):
            if mask[i, j]:
                k += 1
                defined = defined and np.isfinite(a[i, j])
        start = 0
        while start < k:  # what does not count is sorted to the end
            value, end = a[i, order[i, start]], start
            while end < k and a[i, order[i, end]] == value:
                end += 1
            end = max(end, start + 1)
            for j in range(start, end):
                out[i, order[i, j]] = 0.5 * (start + end + 1) if defined else np.nan
            start = end


def masked_ranks(matrix: Array, mask: Mask) -> Array:
    """Ranks within each row over the mask, ties by mid-rank; 0 outside, NaN throughout a row with a NaN inside."""
    full = full_mask(mask, matrix.shape)
    rows = np.where(full, matrix, np.inf).astype(np.float64)
    out = np.zeros(rows.shape)
    in_threads(_rank, len(rows), rows, full, row_order(np.where(np.isnan(rows), np.inf, rows)), out)
    return out


def spearman(truth: Array, pred: Array, mask: Mask) -> Array:
    """Spearman correlation between rows, ties by mid-rank; undefined as `pearson`."""
    return pearson(masked_ranks(truth, mask), masked_ranks(pred, mask), mask)


class Ratio(NamedTuple):
    """Numerators and denominators of a ratio of sums, one each a condition."""

    numerator: Array
    denominator: Array


@numba.njit(cache=True, nogil=True)
def _cross_error(
    first: int, last: int, pred: Array, mean: Array, cross: Array, mask: Mask, top: Array, below: Array
) -> None:
    for i in range(first, last):
        error, signal = 0.0, 0.0
        for start in range(0, pred.shape[1], RUN):
            part, of = 0.0, 0.0
            for j in range(start, min(start + RUN, pred.shape[1])):
                if mask[i, j]:
                    part += pred[i, j] * pred[i, j] - 2.0 * pred[i, j] * mean[i, j] + cross[i, j]
                    of += cross[i, j]
            error, signal = error + part, signal + of
        top[i], below[i] = error, signal


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
    top, below = np.empty(len(pred)), np.empty(len(pred))
    full = full_mask(mask, pred.shape)
    in_threads(_cross_error, len(pred), _dense(pred), _dense(half_mean), _dense(cross), full, top, below)
    return Ratio(top, below)


@numba.njit(cache=True, nogil=True)
def _gap(first: int, last: int, a: Array, b: Array, mask: Mask, square: Array, absolute: Array) -> None:
    for i in range(first, last):
        squares, sizes = 0.0, 0.0
        for start in range(0, a.shape[1], RUN):
            part, of = 0.0, 0.0
            for j in range(start, min(start + RUN, a.shape[1])):
                if mask[i, j]:
                    gap = a[i, j] - b[i, j]
                    part += gap * gap
                    of += abs(gap)
            squares, sizes = squares + part, sizes + of
        square[i], absolute[i] = squares, sizes


def distances(truth: Array, pred: Array, mask: Mask) -> tuple[Array, Array]:
    """Sums of squared and of absolute differences over the mask, each (n,); NaN where an input is."""
    square, absolute = np.empty(len(truth)), np.empty(len(truth))
    in_threads(_gap, len(truth), _dense(truth), _dense(pred), full_mask(mask, truth.shape), square, absolute)
    return square, absolute


def squared_error(truth: Array, pred: Array, mask: Mask) -> Ratio:
    """Plain squared error over the squared effect: noise included, shown to say why not."""
    return Ratio(distances(truth, pred, mask)[0], squared_norm(truth, mask))


@numba.njit(cache=True, nogil=True)
def _square(first: int, last: int, a: Array, mask: Mask, out: Array) -> None:
    for i in range(first, last):
        total = 0.0
        for start in range(0, a.shape[1], RUN):
            part = 0.0
            for j in range(start, min(start + RUN, a.shape[1])):
                if mask[i, j]:
                    part += a[i, j] * a[i, j]
            total += part
        out[i] = total


def squared_norm(matrix: Array, mask: Mask) -> Array:
    """(n,) sum of squares over the mask."""
    out = np.empty(len(matrix))
    in_threads(_square, len(matrix), _dense(matrix), full_mask(mask, matrix.shape), out)
    return out


@numba.njit(cache=True, nogil=True)
def _sum(first: int, last: int, a: Array, mask: Mask, out: Array) -> None:
    for i in range(first, last):
        total = 0.0
        for start in range(0, a.shape[1], RUN):
            part = 0.0
            for j in range(start, min(start + RUN, a.shape[1])):
                if mask[i, j]:
                    part += a[i, j]
            total += part
        out[i] = total


def masked_sum(matrix: Array, mask: Mask) -> Array:
    """(n,) sum over the mask."""
    out = np.empty(len(matrix))
    in_threads(_sum, len(matrix), _dense(matrix), full_mask(mask, matrix.shape), out)
    return out


def centred(matrix: Array, mask: Mask) -> Array:
    """Subtract from each row its mean over the mask; 0 outside the mask."""
    full = full_mask(mask, matrix.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = masked_sum(matrix, full) / full.sum(axis=1)
        return np.where(full, matrix - mean[:, None], 0.0)
