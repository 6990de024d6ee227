"""Two-way tables: mean + term of the row + term of the column, ridge-shrunk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.sparse import csr_array

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


class Sums(NamedTuple):
    """What the fit needs of a table: sums of values by row and column, and how often each pair occurs."""

    rows: Array
    columns: Array
    counts: Array


class TwoWay(NamedTuple):
    """Fitted terms: (g,) mean, (A, g) rows and (B, g) columns, which both add up to 0."""

    mean: Array
    rows: Array
    columns: Array


def two_way_sums(values: Array, row: Codes, column: Codes, n_rows: int, n_columns: int) -> Sums:
    """Sum (n, g) values by (n,) row and column."""
    at, one = np.arange(len(values)), np.ones(len(values))
    by_row = csr_array((one, (row, at)), shape=(n_rows, len(values)))
    by_column = csr_array((one, (column, at)), shape=(n_columns, len(values)))
    counts = np.zeros((n_rows, n_columns))
    np.add.at(counts, (row, column), 1.0)
    return Sums(np.asarray(by_row @ values), np.asarray(by_column @ values), counts)


def fit_two_way(sums: Sums, penalty: float) -> TwoWay:
    """Minimise |y - mean - row - column|² + penalty (|rows|² + |columns|²), the mean being free.

    The longer side is eliminated in closed form (its block is diagonal but for the mean, a rank of one), so that a
    system of the shorter side's size is left. At the optimum both sides' terms add up to 0.

    Parameters
    ----------
    sums
        Of a table in which every row and column has a value.
    penalty
        Above 0.
    """
    if sums.counts.shape[0] > sums.counts.shape[1]:
        turned = fit_two_way(Sums(sums.columns, sums.rows, np.ascontiguousarray(sums.counts.T)), penalty)
        return TwoWay(turned.mean, turned.columns, turned.rows)
    counts = sums.counts.T
    n_column, n_row = counts.sum(axis=1), counts.sum(axis=0)
    weight = 1.0 / (n_column + penalty)
    lift = penalty / float((n_column * weight).sum())

    def eliminated(x: Array) -> Array:
        """Solve for levels (mean + term) of columns."""
        weighted = weight[:, None] * x
        return np.asarray(weighted + lift * weight[:, None] * weighted.sum(axis=0))

    through = eliminated(counts)
    left = np.diag(n_row + penalty) - counts.T @ through
    # terms add up to 0; filling that direction in makes the system regular without changing them
    left += n_row.sum() / len(n_row) ** 2
    rows = linalg.solve(left, sums.rows - through.T @ sums.columns, assume_a="sym")
    rows = rows - rows.mean(axis=0)
    levels = eliminated(sums.columns - counts @ rows)
    mean = levels.mean(axis=0)
    return TwoWay(mean, rows, levels - mean)
