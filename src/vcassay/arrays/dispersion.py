"""Whether predicted cells vary as much as measured ones, gene by gene."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.sampled import Means

Array = NDArray[np.float64]

FLOOR = 0.01
"""Share of the controls' variance that is added to both variances: cells that are all alike come out at about -6.6."""


class HalfVariances(NamedTuple):
    """Variance of cells within each set, and within its halves.

    Attributes
    ----------
    whole
        (n, g); NaN for a set with fewer than two cells in either half.
    halves
        (n, 2, g).
    size
        (n, 2) cells of each half.
    """

    whole: Array
    halves: Array
    size: NDArray[np.int64]


def half_variances(means: Means) -> HalfVariances:
    """Variances from the means of the halves, numbered 2 i and 2 i + 1 for set i.

    Parameters
    ----------
    means
        From `vcassay.arrays.sampled.sampled_means` of 2 n groups.
    """
    size = means.size.reshape(-1, 2)
    count = size[:, :, None].astype(np.float64)
    mean = means.value.reshape(len(size), 2, -1)
    halves = (means.variance * means.size[:, None]).reshape(mean.shape)
    halves = np.where(count > 1, halves, np.nan)
    n = count.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        within = (halves * (count - 1.0)).sum(axis=1)
        between = count[:, 0] * count[:, 1] / n * (mean[:, 0] - mean[:, 1]) ** 2
        return HalfVariances((within + between) / (n - 1.0), halves, size)


def variance_log_ratio(pred: HalfVariances, truth: HalfVariances, control: Array) -> Array:
    """Mean over genes of log2(predicted / measured variance of cells).

    The logarithm of a variance estimated from n cells is too low by a share of 1 / n that depends on the gene's
    distribution; twice the value of all cells less the mean of the halves' is free of it, whatever the two numbers of
    cells (Quenouille's jackknife).

    Parameters
    ----------
    pred, truth
        Of the same n sets and g genes.
    control
        (g,) variance of control cells; genes in which it is 0 take no part.

    Returns
    -------
    (n,) 0 for a perfect model, 1 for twice the variance; NaN where a set has too few cells, or no gene varies.
    """
    genes = control > 0
    if not genes.any():
        return np.full(len(pred.whole), np.nan)
    floor = FLOOR * control[genes]

    def level(variance: Array) -> Array:
        with np.errstate(invalid="ignore"):
            return np.asarray(np.log2(variance[..., genes] + floor).mean(axis=-1))

    def unbiased(v: HalfVariances) -> Array:
        return np.asarray(2.0 * level(v.whole) - level(v.halves).mean(axis=1))

    return unbiased(pred) - unbiased(truth)
