"""Association of two labels: Cramér's V freed of its bias, and what it is when whole units change sides at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def cramers_v(table: Array | Codes, independent: float | None = None) -> Array:
    """Cramér's V, bias corrected.

    Parameters
    ----------
    table
        (..., r, c) counts. Empty rows and columns do not count.
    independent
        How many independent observations they are; the sum of the counts if ``None``. The bias is that of so many.

    Returns
    -------
    (...) 0 (independent) to 1; NaN where fewer than two rows or columns are left.

    Notes
    -----
    Bergsma 2013, Journal of the Korean Statistical Society 42:323: phi^2 less its expectation under independence, over
    the numbers of rows and columns less what chance takes from them. Whole units of which all rows fall into one column
    are so many independent observations as there are units.
    """
    counts = np.asarray(table, dtype=np.float64)
    rows, columns = counts.sum(axis=-1), counts.sum(axis=-2)
    n = rows.sum(axis=-1)
    r, c = (rows > 0).sum(axis=-1), (columns > 0).sum(axis=-1)
    expected = rows[..., :, None] * columns[..., None, :] / np.where(n > 0, n, 1.0)[..., None, None]
    away = np.where(expected > 0, (counts - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0)
    own = n if independent is None else independent
    with np.errstate(invalid="ignore", divide="ignore"):
        phi = away.sum(axis=(-2, -1)) / n
        phi = np.maximum(phi - (r - 1.0) * (c - 1.0) / (own - 1.0), 0.0)
        width = np.minimum(r - (r - 1.0) ** 2 / (own - 1.0), c - (c - 1.0) ** 2 / (own - 1.0)) - 1.0
        v = np.sqrt(phi / width)
    return np.asarray(np.where((r > 1) & (c > 1) & (width > 0), np.minimum(v, 1.0), np.nan))


FEW_PATTERNS = 1000
"""Different units up to which their numbers are drawn instead of the units."""


def permuted_v(unit: Codes, column: Codes, test: NDArray[np.bool_], draws: int, rng: np.random.Generator) -> Array:
    """Cramér's V when the units on the test side are drawn at random, each with all of its rows.

    Units with equal rows are exchangeable: where few differ, only how many of each are on the test side is drawn
    (multivariate hypergeometric), so that the time depends on the different units alone.

    Parameters
    ----------
    unit, column
        (p,) codes of every row: 0..u-1, and the column that it counts in.
    test
        (u,) units on the test side.
    draws
        Number of draws.

    Returns
    -------
    (draws,) with the units as independent observations.
    """
    n, width, k = len(test), int(column.max(initial=-1)) + 1, int(test.sum())
    total = np.bincount(column, minlength=width)
    mark = rng.integers(1 << 63, size=width, dtype=np.uint64)
    signature = np.zeros(n, dtype=np.uint64)
    np.add.at(signature, unit, mark[column])  # sums of random words: equal for equal rows, else different
    _, example, kind, size = np.unique(signature, return_index=True, return_inverse=True, return_counts=True)
    if len(size) <= FEW_PATTERNS:
        chosen = np.isin(unit, example)
        patterns = np.zeros((len(size), width), dtype=np.int64)
        np.add.at(patterns, (kind[unit[chosen]], column[chosen]), 1)
        tested = rng.multivariate_hypergeometric(size, k, size=draws, method="marginals") @ patterns
    else:
        tested = np.empty((draws, width), dtype=np.int64)
        for i in range(draws):
            drawn = np.zeros(n, dtype=bool)
            drawn[rng.permutation(n)[:k]] = True
            tested[i] = np.bincount(column[drawn[unit]], minlength=width)
    return cramers_v(np.stack([total - tested, tested], axis=1), n)
