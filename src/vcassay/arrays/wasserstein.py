"""Sliced Wasserstein distance: the mean over directions of one-dimensional optimal transport (Rabin et al. 2011).

In one dimension optimal transport between equal numbers of cells pairs them in order: exact by sorting. The distance is
never negative, and between two draws of n cells of one distribution it is above 0 by some multiple of 1 / n of their
variance: read it beside that floor, at the same n (`vcassay.arrays.floor`).
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.cellsets import CellSets, Codes, finite_sets, one_set, paired
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]

DIRECTIONS = 128
"""Directions that are averaged; with 50 dimensions their number adds about a tenth of sampling error at most."""


def random_directions(d: int, rng: np.random.Generator, n: int = DIRECTIONS) -> Array:
    """(n, d) directions of unit length, uniform on the sphere; the same for every condition and model."""
    drawn = rng.standard_normal((n, d))
    return np.asarray(drawn / np.sqrt((drawn * drawn).sum(axis=1, keepdims=True)))


@numba.njit(cache=True, nogil=True)
def _sort_sets(first: int, last: int, x: Array, start: Codes, size: Codes, directions: Array, out: Array) -> None:
    for p in range(first, last):
        at = np.empty(size[p])
        for q in range(directions.shape[0]):
            for i in range(size[p]):
                s = 0.0
                for k in range(directions.shape[1]):
                    s += x[start[p] + i, k] * directions[q, k]
                at[i] = s
            at.sort()
            for i in range(size[p]):
                out[start[p] + i, q] = at[i]


@numba.njit(cache=True, nogil=True)
def _mean_squares(
    first: int, last: int, x: Array, x_start: Codes, y: Array, y_start: Codes, size: Codes, out: Array
) -> None:
    for p in range(first, last):
        total = np.zeros(x.shape[1])
        for i in range(size[p]):
            for q in range(x.shape[1]):
                gap = x[x_start[p] + i, q] - y[y_start[p] + i, q]
                total[q] += gap * gap
        out[p] = total.sum() / total.size / size[p] if size[p] else np.nan


def sorted_projections(sets: CellSets, directions: Array) -> CellSets:
    """Project cells on directions and sort each set along each of them.

    Returns
    -------
    Sets of the same sizes with (rows, directions) values: what `sliced_between` compares, made once
    for all comparisons of a set. NaN throughout a set that holds a value that is not finite.
    """
    out = np.empty((len(sets.cells), len(directions)))
    in_threads(_sort_sets, len(sets.size), *sets, np.ascontiguousarray(directions), out)
    out[np.repeat(~finite_sets(sets), sets.size)] = np.nan
    return CellSets(out, sets.start, sets.size)


def sliced_between(x: CellSets, y: CellSets, i: Codes | None = None, j: Codes | None = None) -> Array:
    """Squared sliced Wasserstein distance of set i of ``x`` and set j of ``y``, both from `sorted_projections`.

    Returns
    -------
    (pairs,); NaN where a set is empty or holds NaN.

    Raises
    ------
    ValueError
        If the sets of a pair differ in size.
    """
    x_start, x_size, y_start, y_size = paired(x, y, i, j)
    if not np.array_equal(x_size, y_size):
        raise ValueError("sets that are compared by sorting need equal numbers of cells")
    out = np.full(len(x_size), np.nan)
    in_threads(_mean_squares, len(out), x.cells, x_start, y.cells, y_start, x_size, out)
    return out


def sliced_wasserstein(x: Array, y: Array, directions: Array) -> float:
    """Squared sliced Wasserstein-2 distance between two sets of n cells each.

    Parameters
    ----------
    x, y
        (n, d) cells.
    directions
        (q, d) from `random_directions`; [[1]] gives the exact squared W2 in one dimension.

    Returns
    -------
    Mean over directions of the squared distance W2 of the projections, at least 0: 1 / d of the squared W2 where
    the sets differ by a shift alone. Rotating both sets changes it only by the choice of directions.
    """
    a, b = sorted_projections(one_set(x), directions), sorted_projections(one_set(y), directions)
    return float(sliced_between(a, b)[0])
