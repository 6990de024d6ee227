"""Sampling variance of a pooled, log-transformed profile, by leaving out one cell at a time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Index = NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def _spread(
    first: int,
    last: int,
    data: Array,
    indices: Index,
    indptr: Codes,
    rows: Codes,
    begin: Codes,
    sums: Array,
    depth: float,
    out: Array,
) -> None:
    """Jackknife variance, summed over genes, of the groups [first, last)."""
    genes = sums.shape[1]
    for p in range(first, last):
        n = begin[p + 1] - begin[p]
        if n < 2:
            out[p] = 0.0
            continue
        whole = 0.0
        for g in range(genes):
            whole += sums[p, g]
        middle = np.zeros(genes)
        if whole > 0.0:
            for g in range(genes):
                middle[g] = np.log1p(depth * sums[p, g] / whole)
        own, one, two = np.zeros(genes), np.zeros(genes), np.zeros(genes)
        for i in range(begin[p], begin[p + 1]):
            row, size = rows[i], 0.0
            for e in range(indptr[row], indptr[row + 1]):
                own[indices[e]] += data[e]
                size += data[e]
            left = whole - size
            scale = depth / left if left > 0.0 else 0.0
            for g in range(genes):
                if sums[p, g] > 0.0:
                    gap = np.log1p(scale * max(sums[p, g] - own[g], 0.0)) - middle[g]
                    one[g] += gap
                    two[g] += gap * gap
            for e in range(indptr[row], indptr[row + 1]):
                own[indices[e]] = 0.0
        total = 0.0
        for g in range(genes):
            total += max(two[g] - one[g] * one[g] / n, 0.0)
        out[p] = (n - 1.0) / n * total


def profile_spread(matrix: Any, code: Codes, sums: Array, depth: float) -> Array:
    """Sampling variance of log1p(depth x counts / total), summed over genes.

    (n - 1) / n times the sum, over genes and cells, of squared distances of the profile without a cell
    from the mean of these (the delete-one jackknife; Efron and Stein 1981).

    Parameters
    ----------
    matrix
        (cells, g) counts, dense or CSR.
    code
        (cells,) group of each cell; negative for none.
    sums
        (n, g) counts of each group.
    depth
        To which the total is scaled.

    Returns
    -------
    (n,); 0 for fewer than two cells.
    """
    n = len(sums)
    order = np.argsort(code, kind="stable")
    begin = np.searchsorted(code[order], np.arange(n + 1)).astype(np.int64)
    csr = sp.csr_matrix(matrix)
    out = np.zeros(n)
    args = (csr.data.astype(np.float64), csr.indices.astype(np.int32), csr.indptr.astype(np.int64), order)
    in_threads(_spread, n, *args, begin, np.ascontiguousarray(sums), depth, out)
    return out
