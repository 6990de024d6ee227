"""Maximum mean discrepancy between sets of cells, with Gaussian kernels (Gretton et al. 2012).

MMD^2 = E k(X, X') + E k(Y, Y') - 2 E k(X, Y). The width of the kernel comes from reference cells that every model
shares: taken from the prediction, it would let a model choose its own ruler.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.cellsets import CellSets, Codes, one_set, row_keys
from vcassay.arrays.pairwise import mean_between, mean_within

Array = NDArray[np.float64]

REFERENCE_CELLS = 1000
"""Reference cells whose pairwise distances give the median."""
SPREAD = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Factors of the squared median in the multi-bandwidth sum."""


class Kernel(NamedTuple):
    """The sum of ``terms`` Gaussian kernels exp(-gamma 2^k |x - y|^2), k = 0, 1, ..."""

    gamma: float
    terms: int


def median_distance(reference: Array, rng: np.random.Generator, n: int = REFERENCE_CELLS) -> float:
    """Median distance between two reference cells (training or control cells).

    Parameters
    ----------
    reference
        (rows, d) cells, of which at most ``n`` are drawn, by their values.

    Returns
    -------
    The median; NaN with fewer than two cells, where it is 0 (cells all alike), or where a value is not finite.
    """
    cells = np.asarray(reference, dtype=np.float64)
    if len(cells) > n:
        cells = cells[np.argsort(row_keys(cells, int(rng.integers(2**63))), kind="stable")[:n]]
    if len(cells) < 2 or not np.isfinite(cells).all():
        return np.nan
    median = float(np.median(scipy.spatial.distance.pdist(cells)))
    return median if np.isfinite(median) and median > 0 else np.nan


def median_kernel(median: float) -> Kernel:
    """One kernel, exp(-|x - y|^2 / (2 median^2))."""
    return Kernel(0.5 / median**2, 1)


def multi_kernel(median: float) -> Kernel:
    """The sum of the kernels whose squared widths are `SPREAD` times the squared median."""
    return Kernel(0.5 / (SPREAD[-1] * median**2), len(SPREAD))


def mmd_between(x: CellSets, y: CellSets, i: Codes | None = None, j: Codes | None = None, *, kernel: Kernel) -> Array:
    """(pairs,) mean kernel between the cells of set i of ``x`` and set j of ``y``."""
    return mean_between(x, y, i, j, gamma=kernel.gamma, terms=kernel.terms)


def mmd_within(x: CellSets, *, kernel: Kernel) -> Array:
    """(m,) mean kernel between two different cells of a set; NaN below two cells."""
    return mean_within(x, gamma=kernel.gamma, terms=kernel.terms)


def squared_mmd(x: Array, y: Array, kernel: Kernel) -> float:
    """Unbiased estimate of MMD^2 between two sets of cells.

    Parameters
    ----------
    x, y
        (n, d) and (m, d) cells.
    kernel
        From `median_kernel` or `multi_kernel`.

    Returns
    -------
    The estimate, between -2 and 2 a kernel of the sum. Negative in about half of the draws from equal
    distributions: to be kept, since clipped values are biased. NaN where a set has fewer than two cells, holds a
    value that is not finite, or the width is NaN.
    """
    a, b = one_set(x), one_set(y)
    within = mmd_within(a, kernel=kernel) + mmd_within(b, kernel=kernel)
    return float((within - 2.0 * mmd_between(a, b, kernel=kernel))[0])
