"""Residual moments of genes between the shards of a group, pooled over groups as in one linear model.

A shard's sum has a variance proportional to its size (total count, or number of rows), so that (sum - rate x
size)^2 / size, added up over a group's shards, estimates (shards - 1) times the variance of a unit of size without
bias; the third power does the same for the third central moment. For count profiles both are carried to
log1p(target_sum x rate) by the derivative at the group's own rate. Linear in the sums, they are free of the bias that
logarithms of small shards have.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

BLOCK = 64
"""Genes that a thread works on at a time."""


class Residuals(NamedTuple):
    """Pooled residual sums, all (contexts, g).

    Attributes
    ----------
    squares, df
        Weighted residual sum of squares, and its degrees of freedom.
    cubes, cube_df
        The same of third powers.
    """

    squares: Array
    df: Array
    cubes: Array
    cube_df: Array

    @property
    def variance(self) -> Array:
        """Variance of a unit of size; NaN without degrees of freedom."""
        return _ratio(self.squares, self.df)

    @property
    def third(self) -> Array:
        """Third central moment of a unit of size; 0 where no group has three shards with rows."""
        return np.nan_to_num(_ratio(self.cubes, self.cube_df))


def _ratio(above: Array, below: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.nan))


@numba.njit(cache=True, nogil=True)
def _residual(sums: Array, sizes: Array, i: int, j: int, log: int, target: float) -> tuple[float, float, int]:
    """Sum of squares, of cubes, and shards with rows, of one group and gene."""
    k = j if sizes.shape[2] > 1 else 0
    total, size, used = 0.0, 0.0, 0
    for s in range(sums.shape[1]):
        if sizes[i, s, k] > 0:
            total += sums[i, s, j]
            size += sizes[i, s, k]
            used += 1
    if used < 2:
        return 0.0, 0.0, used
    rate, square, cube = total / size, 0.0, 0.0
    for s in range(sums.shape[1]):
        m = sizes[i, s, k]
        if m > 0:
            e = sums[i, s, j] - rate * m
            square += e * e / m
            cube += e * e * e / m
    slope = target / (1.0 + target * rate) if log == 1 else 1.0
    return square * slope * slope, cube * slope * slope * slope, used


@numba.njit(cache=True, nogil=True)
def _pool(
    first: int,
    last: int,
    sums: Array,
    sizes: Array,
    context: Codes,
    log: int,
    target: float,
    squares: Array,
    df: Array,
    cubes: Array,
    cube_df: Array,
) -> None:
    genes = sums.shape[2]
    for b in range(first, last):
        for i in range(sums.shape[0]):
            c = context[i]
            if c < 0:
                continue
            for j in range(b * BLOCK, min(genes, (b + 1) * BLOCK)):
                square, cube, used = _residual(sums, sizes, i, j, log, target)
                if used > 1:
                    squares[c, j] += square
                    df[c, j] += used - 1
                    cubes[c, j] += cube
                    cube_df[c, j] += (used - 1) * (used - 2) / used


@numba.njit(cache=True, nogil=True)
def _relative(
    first: int,
    last: int,
    sums: Array,
    sizes: Array,
    context: Codes,
    log: int,
    target: float,
    variance: Array,
    out: Array,
) -> None:
    for i in range(first, last):
        c, total, df = context[i], 0.0, 0
        if c >= 0:
            for j in range(sums.shape[2]):
                if variance[c, j] > 0:
                    square, _, used = _residual(sums, sizes, i, j, log, target)
                    if used > 1:
                        total += square / variance[c, j]
                        df += used - 1
        out[i, 0], out[i, 1] = total, df


def pooled_residuals(
    sums: Array, sizes: Array, context: Codes, contexts: int, target_sum: float | None, into: Residuals | None = None
) -> Residuals:
    """Pool the residuals of groups (conditions, or controls) within contexts.

    Parameters
    ----------
    sums, sizes
        (n, shards, g) and (n, shards, 1 or g), as in `vcassay.arrays.profile`.
    context
        (n,) context codes; groups below 0 take no part.
    target_sum
        Depth of a count profile; ``None`` where rates are not transformed.
    into
        Residuals that are added to.
    """
    g = sums.shape[2]
    out = Residuals(*np.zeros((4, contexts, g))) if into is None else into
    jobs, log = -(-g // BLOCK), int(target_sum is not None)
    in_threads(_pool, jobs, sums, sizes, context.astype(np.int64), log, float(target_sum or 0.0), *out)
    return out


def relative_variance(
    sums: Array, sizes: Array, context: Codes, variance: Array, target_sum: float | None
) -> tuple[Array, Array]:
    """Variance of each group relative to its context's, mean over genes.

    Parameters
    ----------
    variance
        (contexts, g) from `Residuals`.

    Returns
    -------
    (n,) ratio and its degrees of freedom (over all genes); NaN and 0 where there are none.
    """
    out, log = np.zeros((len(sums), 2)), int(target_sum is not None)
    codes = context.astype(np.int64)
    in_threads(_relative, len(sums), sums, sizes, codes, log, float(target_sum or 0.0), variance, out)
    return _ratio(out[:, 0], out[:, 1]), out[:, 1]
