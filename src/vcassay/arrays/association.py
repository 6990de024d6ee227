"""Association of two labels: Cramér's V freed of its bias, and what it is when whole units change sides at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def cramers_v(table: Array | Codes) -> Array:
    """Cramér's V, bias corrected.

    Parameters
    ----------
    table
        (..., r, c) counts. Empty rows and columns do not count.

    Returns
    -------
    (...) 0 (independent) to 1; NaN where fewer than two rows or columns are left.

    Notes
    -----
    Bergsma 2013, Journal of the Korean Statistical Society 42:323: phi^2 less its expectation under independence, over
    the numbers of rows and columns less what chance takes from them. Observations are taken for independent; where
    they are not, compare with `permuted_v`.
    """
    counts = np.asarray(table, dtype=np.float64)
    rows, columns = counts.sum(axis=-1), counts.sum(axis=-2)
    n = rows.sum(axis=-1)
    r, c = (rows > 0).sum(axis=-1), (columns > 0).sum(axis=-1)
    expected = rows[..., :, None] * columns[..., None, :] / np.where(n > 0, n, 1.0)[..., None, None]
    away = np.where(expected > 0, (counts - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        phi = away.sum(axis=(-2, -1)) / n
        phi = np.maximum(phi - (r - 1.0) * (c - 1.0) / (n - 1.0), 0.0)
        width = np.minimum(r - (r - 1.0) ** 2 / (n - 1.0), c - (c - 1.0) ** 2 / (n - 1.0)) - 1.0
        v = np.sqrt(phi / width)
    return np.asarray(np.where((r > 1) & (c > 1) & (width > 0), np.minimum(v, 1.0), np.nan))


def permuted_v(profile: Codes, test: NDArray[np.bool_], draws: int, rng: np.random.Generator) -> Array:
    """Cramér's V when the units on the test side are drawn at random, each with all of its rows.

    Units of equal profile are exchangeable, so that their number on the test side is drawn instead (multivariate
    hypergeometric): the time depends on the different profiles, not on the units.

    Parameters
    ----------
    profile
        (u, c) counts of each unit in each column.
    test
        (u,) units on the test side.
    draws
        Number of draws.

    Returns
    -------
    (draws,)
    """
    patterns, size = np.unique(profile, axis=0, return_counts=True)
    drawn = rng.multivariate_hypergeometric(size, int(test.sum()), size=draws, method="marginals")
    tested = drawn @ patterns
    return cramers_v(np.stack([profile.sum(axis=0) - tested, tested], axis=1))
