"""Subspaces of gene space: energy along axes, agreement beyond them, and random axes of the same kind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

NOTHING = 1e-6
"""Length, relative to the whole, below which what is left of a vector is rounding."""


def energy_along(left: Array, right: Array, axes: Array) -> Array:
    """(n, k) products of the coordinates of two (n, g) measurements along (k, g) axes.

    Of one matrix twice, squared coordinates. Of measurements with independent noise, noise adds nothing on average.
    """
    first = left @ axes.T
    return np.asarray(first * (first if right is left else right @ axes.T))


def inner(left: Array, right: Array) -> Array:
    """(n,) inner products of rows."""
    return np.asarray(np.einsum("ij,ij->i", left, right))


def unit_beyond(values: Array, axes: Array, mask: Mask) -> Array:
    """(n, g) rows beyond orthonormal axes, centred over the mask and scaled to length 1.

    Products of two such rows are Pearson correlations. A row of which nothing is left is 0.
    """
    left = values - (values @ axes.T) @ axes
    every = bool(mask.all())
    if not every:
        left *= mask
    left -= left.sum(axis=1, keepdims=True) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    if not every:
        left *= mask
    length, whole = np.sqrt(inner(left, left)), np.sqrt(inner(values, values))
    some = length > NOTHING * whole
    left *= np.where(some, 1.0 / np.where(some, length, 1.0), 0.0)[:, None]
    return np.asarray(left)


def pearson_beyond_each(left: Array, right: Array, axes: Array, mask: Mask) -> Array:
    """Pearson correlation of rows beyond each axis alone, from sums over genes: no projected matrix is formed.

    Parameters
    ----------
    left, right
        (n, g), 0 outside the mask.
    axes
        (k, g) of length 1; they need not be orthogonal.
    mask
        (n, g) genes that count.

    Returns
    -------
    (n, k); 0 where nothing is left of either side.
    """
    same = bool((mask == mask[:1]).all())
    weight = mask[:1].astype(np.float64) if same else mask.astype(np.float64)
    count = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    total, square = weight @ axes.T, weight @ (axes * axes).T
    a, b = left @ axes.T, right @ axes.T
    sum_a, sum_b = (x.sum(axis=1, keepdims=True) - y * total for x, y in ((left, a), (right, b)))
    less = 2.0 - square
    whole_a, whole_b = inner(left, left)[:, None], inner(right, right)[:, None]
    own_a = whole_a - a * a * less - sum_a**2 / count
    own_b = whole_b - b * b * less - sum_b**2 / count
    cross = inner(left, right)[:, None] - a * b * less - sum_a * sum_b / count
    some = (own_a > NOTHING**2 * whole_a) & (own_b > NOTHING**2 * whole_b)
    length = np.sqrt(np.where(some, own_a, 1.0)) * np.sqrt(np.where(some, own_b, 1.0))
    return np.asarray(np.where(some, np.clip(cross / length, -1.0, 1.0), 0.0))


class RandomShares(NamedTuple):
    """Shares of energy that random axes hold: (draws, k) along each, and (draws,) along all."""

    each: Array
    total: Array


def random_shares(
    pairs: list[tuple[Array, Array]],
    weight: Array,
    axes: Array,
    level: Codes,
    draws: int,
    rng: np.random.Generator,
    order: Codes | None = None,
) -> RandomShares:
    """Share of energy along axes whose genes are permuted within levels: as many genes, of the same expression.

    Parameters
    ----------
    pairs
        (n, g) measurements, averaged over.
    weight
        (n,) of the rows in the sums of numerator and denominator.
    axes
        (k, g) orthonormal; permuted as a whole, they stay so.
    level
        (g,) level of expression of each gene; -1 for genes that stay in place.
    order
        (g,) positions of the genes in an order of their own, so that draws do not depend on where they stand; as they
        stand if ``None``.
    """
    k, g = axes.shape
    whole = sum(float(weight @ inner(a, b)) for a, b in pairs)
    each = np.empty((draws, k))
    by = np.arange(g) if order is None else order
    groups = [by[level[by] == v] for v in np.unique(level[level >= 0])]
    for start in range(0, draws, BLOCK):
        n = min(BLOCK, draws - start)
        moved = np.empty((n, k, g))
        for d in range(n):
            place = np.arange(g)
            for at in groups:
                place[at] = at[rng.permutation(len(at))]
            moved[d] = axes[:, place]
        flat = moved.reshape(n * k, g)
        energy = sum(weight @ energy_along(a, b, flat) for a, b in pairs)
        with np.errstate(divide="ignore", invalid="ignore"):
            each[start : start + n] = (np.asarray(energy) / whole).reshape(n, k)
    return RandomShares(each, each.sum(axis=1))


BLOCK = 50
"""Draws at a time."""
