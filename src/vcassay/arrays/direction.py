"""Direction and size of predicted effects on the genes that the truth calls, row by row."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Order = NDArray[np.int32]


class Signs(NamedTuple):
    """Called genes and those with the right predicted sign, (n,); no predicted change counts half, as a coin would.

    Attributes
    ----------
    up, down
        Called genes that go up, and down.
    right_up, right_down
        Of these, predicted rightly.
    """

    up: Array
    down: Array
    right_up: Array
    right_down: Array


@numba.njit(cache=True, nogil=True)
def _signs(first: int, last: int, truth: Array, pred: Array, called: Mask, out: Array) -> None:
    for i in range(first, last):
        up, down, right_up, right_down = 0.0, 0.0, 0.0, 0.0
        for j in range(truth.shape[1]):
            if called[i, j]:
                p = pred[i, j]
                if truth[i, j] > 0.0:
                    up += 1.0
                    right_up += 1.0 if p > 0.0 else (0.5 if p == 0.0 else 0.0)
                else:
                    down += 1.0
                    right_down += 1.0 if p < 0.0 else (0.5 if p == 0.0 else 0.0)
        out[0, i], out[1, i], out[2, i], out[3, i] = up, down, right_up, right_down


def signs(truth: Array, pred: Array, called: Mask) -> Signs:
    """Count called genes by direction, and those whose direction is predicted."""
    out = np.empty((4, len(truth)))
    in_threads(_signs, len(truth), truth, pred, called, out)
    return Signs(*out)


@numba.njit(cache=True, nogil=True)
def _reach(
    first: int, last: int, truth: Array, order: Order, pred: Array, called: Mask, purity: float, out: Array
) -> None:
    g = truth.shape[1]
    for i in range(first, last):
        n, right, deepest, edge = 0, 0, 0, 0.0
        for a in range(g):
            j = order[i, a]
            if called[i, j]:
                size = abs(pred[i, j])
                if n > 0 and size != edge and right >= purity * n:
                    deepest = n
                edge = size
                n += 1
                right += 1 if truth[i, j] * pred[i, j] > 0.0 else 0
        if n > 0 and right >= purity * n:
            deepest = n
        out[i] = deepest / n if n > 0 else np.nan


def reach(truth: Array, order: Order, pred: Array, called: Mask, purity: float = 0.9) -> Array:
    """Deepest prefix of the called genes, by falling |pred|, in which a share ``purity`` has the right sign.

    Parameters
    ----------
    order
        (n, g) genes by falling |pred|.

    Returns
    -------
    (n,) depth over called genes; a prefix ends between genes of different |pred|, and no predicted change has no
    right sign. NaN where no gene is called.
    """
    out = np.empty(len(truth))
    in_threads(_reach, len(truth), truth, order, pred, called, purity, out)
    return out


@numba.njit(cache=True, nogil=True)
def _mid_ranks(value: Array, n: int, out: Array) -> None:
    order = np.argsort(value[:n])
    a = 0
    while a < n:
        end = a
        while end < n and value[order[end]] == value[order[a]]:
            end += 1
        for b in range(a, end):
            out[order[b]] = 0.5 * (a + end - 1)
        a = end


@numba.njit(cache=True, nogil=True)
def _rank(first: int, last: int, truth: Array, pred: Array, called: Mask, least: int, out: Array) -> None:
    g = truth.shape[1]
    x, y, rank_x, rank_y = np.empty((4, g))
    for i in range(first, last):
        n = 0
        for j in range(g):
            if called[i, j]:
                x[n], y[n] = truth[i, j], pred[i, j]
                n += 1
        out[i] = np.nan
        if n < max(least, 2):
            continue
        _mid_ranks(x, n, rank_x)
        _mid_ranks(y, n, rank_y)
        middle, xx, yy, xy = 0.5 * (n - 1), 0.0, 0.0, 0.0
        for a in range(n):
            p, q = rank_x[a] - middle, rank_y[a] - middle
            xx += p * p
            yy += q * q
            xy += p * q
        if xx > 0.0 and yy > 0.0:
            out[i] = min(1.0, max(-1.0, xy / np.sqrt(xx * yy)))


def called_spearman(truth: Array, pred: Array, called: Mask, least: int = 10) -> Array:
    """Spearman correlation over called genes; NaN with fewer than ``least``, or where either is constant on them."""
    out = np.empty(len(truth))
    in_threads(_rank, len(truth), truth, pred, called, least, out)
    return out


@numba.njit(cache=True, nogil=True)
def _error(first: int, last: int, truth: Array, pred: Array, called: Mask, least: int, out: Array) -> None:
    for i in range(first, last):
        n, error, size = 0, 0.0, 0.0
        for j in range(truth.shape[1]):
            if called[i, j]:
                n += 1
                error += abs(pred[i, j] - truth[i, j])
                size += abs(truth[i, j])
        out[i] = error / size if n >= max(least, 1) and size > 0.0 else np.nan


def called_error(truth: Array, pred: Array, called: Mask, least: int = 10) -> Array:
    """Sum of absolute errors over that of effects, on called genes; NaN with fewer than ``least``."""
    out = np.empty(len(truth))
    in_threads(_error, len(truth), truth, pred, called, least, out)
    return out
