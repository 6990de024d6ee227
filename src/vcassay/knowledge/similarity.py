"""Similarity: Tanimoto coefficients of binary fingerprints, exact, in blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.bool_]
Floats = NDArray[np.float64]
Index = NDArray[np.int64]

BLOCK = 1024
"""Rows compared at once."""


def tanimoto(a: Bits, b: Bits) -> Floats:
    """Tanimoto coefficients, common bits over bits of either.

    Parameters
    ----------
    a, b
        (n, d) and (m, d) fingerprints.

    Returns
    -------
    (n, m) values in [0, 1]; NaN where a fingerprint has no bit: of such a compound nothing is known.

    Notes
    -----
    Why this coefficient for fingerprints: Bajusz, Rácz & Héberger 2015, doi:10.1186/s13321-015-0069-3.
    """
    out = np.empty((len(a), len(b)))
    wide = b.T.astype(np.float32)  # counts below 2**24 are exact in float32
    rows, columns = a.sum(axis=1, dtype=np.float64), b.sum(axis=1, dtype=np.float64)
    for start in range(0, len(a), BLOCK):
        stop = start + BLOCK
        out[start:stop] = _ratio(a[start:stop].astype(np.float32) @ wide, rows[start:stop], columns)
    out[rows == 0] = np.nan
    out[:, columns == 0] = np.nan
    return out


def similar_pairs(bits: Bits, threshold: float) -> tuple[Index, Index, Floats]:
    """Pairs whose Tanimoto coefficient reaches a threshold, without the whole matrix.

    Parameters
    ----------
    bits
        (n, d) fingerprints; one without a bit is in no pair.
    threshold
        Above 0. A pair can only reach it when the smaller count of bits is at least ``threshold`` times the larger, so
        that fingerprints sorted by count need be compared with their neighbours alone.

    Returns
    -------
    (m,) positions left < right and (m,) coefficients, sorted by position.

    Raises
    ------
    ValueError
        If the threshold is not above 0: then every pair would be one.
    """
    if not threshold > 0:
        raise ValueError("the threshold must be above 0")
    count = bits.sum(axis=1, dtype=np.float64)
    order = np.argsort(count, kind="stable")
    order = order[count[order] > 0]
    size, dense = count[order], bits[order].astype(np.float32)
    found: list[tuple[Index, Index, Floats]] = []
    for start in range(0, len(order), BLOCK):
        stop = min(start + BLOCK, len(order))
        # one bit of slack: rounding must not lose a pair exactly at the threshold
        end = int(np.searchsorted(size, size[stop - 1] / threshold + 1, side="right"))
        value = _ratio(dense[start:stop] @ dense[start:end].T, size[start:stop], size[start:end])
        i, j = np.nonzero(np.triu(value >= threshold, k=1))
        found.append((order[start + i], order[start + j], value[i, j]))
    none = np.zeros(0, dtype=np.int64)
    first = np.concatenate([none, *(f[0] for f in found)])
    second = np.concatenate([none, *(f[1] for f in found)])
    value = np.concatenate([np.zeros(0), *(f[2] for f in found)])
    left, right = np.minimum(first, second), np.maximum(first, second)
    sort = np.lexsort((right, left))
    return left[sort], right[sort], value[sort]


def _ratio(common: NDArray[np.float32], rows: Floats, columns: Floats) -> Floats:
    shared = common.astype(np.float64)
    either = rows[:, None] + columns[None, :] - shared
    return shared / np.where(either > 0, either, 1.0)
