"""Welch's t, from means and variances; over strata, and with scanpy's over-estimated variance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Array = NDArray[np.float64]


class Welch(NamedTuple):
    """Tests, one an entry.

    Attributes
    ----------
    statistic
        t, positive where the first group is larger.
    df
        Degrees of freedom by Welch and Satterthwaite; NaN where neither group varies.
    pvalue
        Two-sided.
    """

    statistic: Array
    df: Array
    pvalue: Array


def variance(n: Array, sums: Array, squares: Array) -> Array:
    """Unbiased variance from moments.

    Parameters
    ----------
    n, sums, squares
        Number of values, their sum and sum of squares, of shapes that broadcast. Values may be taken less
        any constant: near the mean, the difference below loses no digits (`vcassay.arrays.grouped`
        takes squares around the mean itself).

    Returns
    -------
    Never negative; NaN for fewer than two values.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(n > 1, np.maximum(squares - sums * sums / n, 0.0) / (n - 1), np.nan))


def welch(
    mean1: Array, var1: Array, n1: Array, mean2: Array, var2: Array, n2: Array, *, overestimate: bool = False
) -> Welch:
    """Test equal means.

    Parameters
    ----------
    mean1, var1, n1, mean2, var2, n2
        Mean, unbiased variance and number of values of both groups; shapes broadcast.
    overestimate
        Count the second group as though it were no larger than the first (scanpy's
        ``t-test_overestim_var``), in the variance and in the degrees of freedom.

    Returns
    -------
    `Welch`. Where neither group varies: t = 0 and p = 1 if the means are equal (scanpy), else t is
    infinite and p = 0 (scipy). NaN for fewer than two values.
    """
    size2 = n1 if overestimate else n2
    with np.errstate(divide="ignore", invalid="ignore"):
        part1, part2 = var1 / n1, var2 / size2
        spread = part1 * part1 / np.maximum(n1 - 1, 0) + part2 * part2 / np.maximum(size2 - 1, 0)
    return _test(np.asarray(mean1 - mean2), np.asarray(part1 + part2), np.asarray(spread))


def welch_strata(difference: Array, weight: Array, parts: tuple[Array, Array], sizes: tuple[Array, Array]) -> Welch:
    """Test a weighted sum of differences of means between two groups, one a stratum.

    The groups of all strata are independent samples, so that the variance is the sum of squared weight x
    (variance / n), and the degrees of freedom follow as for two.

    Parameters
    ----------
    difference
        (strata, ...) difference of means.
    weight
        (strata, 1) of each stratum; they sum to 1.
    parts
        Variance / n of both groups, (strata, ...).
    sizes
        n of both groups, (strata, 1).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = [weight * weight * part for part in parts]
        spread = sum((x * x / np.maximum(n - 1, 0)).sum(axis=0) for x, n in zip(scaled, sizes, strict=True))
    total = scaled[0].sum(axis=0) + scaled[1].sum(axis=0)
    return _test((weight * difference).sum(axis=0), total, np.asarray(spread))


def _test(difference: Array, error: Array, spread: Array) -> Welch:
    """From the difference, its squared standard error, and the sum of squared shares over their df."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = difference / np.sqrt(error)
        df = error * error / spread
    still = (error == 0) & (difference == 0)
    t = np.where(still, 0.0, t)
    p = np.where(still, 1.0, np.where(np.isinf(t), 0.0, 2.0 * stdtr(df, -np.abs(t))))
    return Welch(t, df, np.where(np.isnan(t), np.nan, p))
