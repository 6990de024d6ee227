"""Sums and means of rows by group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def group_sums(values: Array, code: Codes, n: int, weight: Array | None = None) -> Array:
    """(n, g) weighted sums of the rows of each code; 0 for one without rows. Rows of code -1 take no part."""
    use = np.flatnonzero(code >= 0)
    factor = np.ones(len(use)) if weight is None else weight[use]
    return np.asarray(csr_array((factor, (code[use], use)), shape=(n, len(values))) @ values)


def group_means(values: Array, code: Codes, n: int, *, skip_undefined: bool = False) -> Array:
    """Mean of the rows of each code.

    Parameters
    ----------
    values
        (m, g).
    code
        (m,) codes below n; rows of code -1 take no part.
    skip_undefined
        Whether rows with NaN are left out; otherwise they make the mean of their code NaN where they are.

    Returns
    -------
    (n, g); NaN for one without rows.
    """
    if skip_undefined:
        defined = np.isfinite(values.sum(axis=1))
        if not defined.all():
            code = np.where(defined, code, -1)
    count = np.bincount(code[code >= 0], minlength=n)
    with np.errstate(invalid="ignore"):
        return np.asarray(group_sums(values, code, n) / np.where(count > 0, count, np.nan)[:, None])
