"""Hashes of rows up to a factor: copies that were normalised to another depth hash alike."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.accumulate import _mix

CROSSED = 0.01
"""Share of scaled copies that may be missed because rounding moved a value over the border of its bin."""
SINGLE = 1.2e-7
"""Relative error of a ratio of two values in single precision."""
LOGGED = 5.0
"""By how much log1p of values up to some thousand multiplies it."""


def scaled_hashes(
    data: NDArray[np.generic],
    indices: NDArray[np.integer],
    indptr: NDArray[np.integer],
    gene_hash: NDArray[np.uint64],
    *,
    logged: bool = False,
) -> NDArray[np.uint64]:
    """Hash the non-zero values of each CSR row relative to their mean size, whatever the order of the genes.

    Ratios are cut into bins, as narrow as rounding to single precision allows for so many values (an irrational number
    of bins to the mean, so that ratios of counts do not lie on borders): at most one scaled copy in a hundred is missed
    and one whose factor is a power of 2 never.

    Parameters
    ----------
    data, indices, indptr
        CSR arrays.
    gene_hash
        (genes,) hashes of the genes' names.
    logged
        Whether values are log1p of what was scaled.

    Returns
    -------
    (rows,) hashes; 0 for rows without values.
    """
    return np.asarray(_hash(data, indices, indptr, gene_hash, logged))


@numba.njit(cache=True, nogil=True)
def _hash(data, indices, indptr, gene_hash, logged):  # type: ignore[no-untyped-def]
    n = len(indptr) - 1
    out = np.zeros(n, dtype=np.uint64)
    for i in range(n):
        count, total = 0, 0.0
        for k in range(indptr[i], indptr[i + 1]):
            v = float(data[k])
            if v != 0.0:
                count += 1
                total += abs(math.expm1(v) if logged else v)
        if count == 0 or not total > 0.0 or total == np.inf:
            continue
        bins = CROSSED / (SINGLE * (LOGGED if logged else 1.0) * count) * (math.pi / 3.0)
        factor = min(bins, 65536.0) * count / total
        h = np.uint64(0)
        for k in range(indptr[i], indptr[i + 1]):
            v = float(data[k])
            if v != 0.0:
                part = np.int64(math.floor((math.expm1(v) if logged else v) * factor))
                h += _mix(gene_hash[indices[k]] + np.uint64(part) * np.uint64(0x9E3779B97F4A7C15))
        out[i] = h
    return out
