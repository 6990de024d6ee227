"""Sums of cells by group, of values as they are, scaled to one depth, and logged."""

from __future__ import annotations

import numba
import numpy as np

LEAST_TOTAL = 1e-12
"""Instead of the sum of a row without any count."""


@numba.njit(cache=True, nogil=True)
def add_rows(data, indices, indptr, group, depth, counted, sums):  # type: ignore[no-untyped-def]
    """Add rows in CSR to the sums of their groups, one after the other: chunks cannot change a bit.

    Parameters
    ----------
    data, indices, indptr
        Counts or logged values of n rows.
    group
        (n,) group of each row; rows of a negative group are left out.
    depth
        To which counts are scaled before log1p; logged values are taken for scaled to it.
    counted
        Whether the values are counts.
    sums
        (groups, g, 6) sums and sums of squares of scaled values, of their log1p, and of counts, which are added to;
        the last two stay for logged values.
    """
    for i in range(len(indptr) - 1):
        k = group[i]
        if k < 0:
            continue
        total = 0.0
        if counted:
            for j in range(indptr[i], indptr[i + 1]):
                total += data[j]
        factor = depth / max(total, LEAST_TOTAL)
        for j in range(indptr[i], indptr[i + 1]):
            x, out = float(data[j]), sums[k, indices[j]]
            if counted:
                scaled = x * factor
                logged = np.log1p(scaled)
                out[4] += x
                out[5] += x * x
            else:
                scaled, logged = np.expm1(x), x
            out[0] += scaled
            out[1] += scaled * scaled
            out[2] += logged
            out[3] += logged * logged
