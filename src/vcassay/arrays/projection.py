"""Projections and sizes of effects, row by row on all threads, without a copy of the matrix."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


def project(effects: Array, at: Codes, weights: Array) -> Array:
    """(n,) sums over the genes ``at`` of effect times weight."""
    out = np.empty(len(effects))
    in_threads(_project, len(out), np.ascontiguousarray(effects), at, np.ascontiguousarray(weights), out)
    return out


@numba.njit(cache=True, nogil=True)
def _project(first: int, last: int, effects: Array, at: Codes, weights: Array, out: Array) -> None:
    for i in range(first, last):
        total = 0.0
        for j in range(len(at)):
            total += effects[i, at[j]] * weights[j]
        out[i] = total


def mean_square(effects: Array, mask: Mask) -> Array:
    """(n,) mean of the squared effects over an (n, g) mask; 0 where it is empty."""
    out = np.empty(len(effects))
    in_threads(_mean_square, len(out), np.ascontiguousarray(effects), np.ascontiguousarray(mask), out)
    return out


@numba.njit(cache=True, nogil=True)
def _mean_square(first: int, last: int, effects: Array, mask: Mask, out: Array) -> None:
    for i in range(first, last):
        total, n = 0.0, 0
        for j in range(effects.shape[1]):
            if mask[i, j]:
                total += effects[i, j] * effects[i, j]
                n += 1
        out[i] = total / max(n, 1)
