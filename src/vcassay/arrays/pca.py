"""Principal components of training cells, and the projection of other cells on them.

Randomised subspace iteration (Halko et al. 2011) with Rayleigh-Ritz, centred without making a sparse matrix dense. The
start is +1 or -1 by a hash of each cell's values and a seed, and every product, orthonormalisation and eigenvalue is
computed here in a fixed order: the same bits on any number of threads and with any BLAS, and to rounding in any order
of cells and genes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.cellsets import Matrix, row_keys, sparse_blocks
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Index = NDArray[np.int32]

OVERSAMPLE = 14
"""Directions that are iterated beyond the components wanted."""
ITERATIONS = 8
"""Subspace iterations: a component is found to (next eigenvalue beyond the oversample / its own)^8."""
COLUMNS = 16
"""Columns of a product that one thread computes at a time."""


class Components(NamedTuple):
    """Principal components.

    Attributes
    ----------
    mean
        (g,) mean of the training cells.
    loadings
        (g, k) orthonormal columns; the loading of largest size in each is positive.
    variance
        (k,) variance of the training cells along each (n - 1 in the denominator), largest first.
    share
        Share of the training cells' total variance that the components hold.
    """

    mean: Array
    loadings: Array
    variance: Array
    share: float


@numba.njit(cache=True, nogil=True)
def _times(
    first: int, last: int, data: Array, indices: Index, indptr: Index, right: Array, offset: Array, out: Array
) -> None:
    """Rows [first, last) of X right - offset."""
    for i in range(first, last):
        for c in range(right.shape[1]):
            out[i, c] = -offset[c]
        for e in range(indptr[i], indptr[i + 1]):
            v, row = data[e], right[indices[e]]
            for c in range(right.shape[1]):
                out[i, c] += v * row[c]


@numba.njit(cache=True, nogil=True)
def _transposed_times(
    first: int, last: int, data: Array, indices: Index, indptr: Index, right: Array, out: Array
) -> None:
    """Add X' right to ``out``, for blocks of `COLUMNS` columns."""
    for b in range(first, last):
        for i in range(len(indptr) - 1):
            row = right[b, i]
            for e in range(indptr[i], indptr[i + 1]):
                v, line = data[e], out[b, indices[e]]
                for c in range(COLUMNS):
                    line[c] += v * row[c]


@numba.njit(cache=True)
def _orthonormalise(rows: Array) -> None:
    """Gram-Schmidt, twice, in place; a row that depends on those before it becomes 0."""
    for p in range(rows.shape[0]):
        before = math.sqrt((rows[p] * rows[p]).sum())
        for _ in range(2):
            for q in range(p):
                s = (rows[p] * rows[q]).sum()
                for k in range(rows.shape[1]):
                    rows[p, k] -= s * rows[q, k]
        norm = math.sqrt((rows[p] * rows[p]).sum())
        keep = norm > 1e-10 * before
        for k in range(rows.shape[1]):
            rows[p, k] = rows[p, k] / norm if keep else 0.0


@numba.njit(cache=True)
def _jacobi(a: Array) -> Array:
    """Eigenvectors (columns) of a symmetric matrix, which becomes diagonal in place."""
    n = a.shape[0]
    vectors = np.eye(n)
    for _ in range(60):
        off = 0.0
        for p in range(n):
            for q in range(p):
                off = max(off, abs(a[p, q]))
        if off <= 1e-15 * np.abs(np.diag(a)).max():
            break
        for p in range(n):
            for q in range(p + 1, n):
                if a[p, q] == 0.0:
                    continue
                theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
                t = 1.0 / (abs(theta) + math.sqrt(theta * theta + 1.0))
                t = t if theta >= 0 else -t
                c = 1.0 / math.sqrt(t * t + 1.0)
                s = t * c
                for k in range(n):
                    x, y = a[k, p], a[k, q]
                    a[k, p], a[k, q] = c * x - s * y, s * x + c * y
                for k in range(n):
                    x, y = a[p, k], a[q, k]
                    a[p, k], a[q, k] = c * x - s * y, s * x + c * y
                for k in range(n):
                    x, y = vectors[k, p], vectors[k, q]
                    vectors[k, p], vectors[k, q] = c * x - s * y, s * x + c * y
    return vectors


@numba.njit(cache=True)
def _gram(scores: Array) -> Array:
    b = scores.shape[1]
    out = np.zeros((b, b))
    for i in range(scores.shape[0]):
        for p in range(b):
            v = scores[i, p]
            for q in range(b):
                out[p, q] += v * scores[i, q]
    return out


def _signs(keys: NDArray[np.uint64], columns: int) -> Array:
    """(rows, columns) of +1 and -1 from the bits of each row's key."""
    words = []
    for w in range(-(-columns // 64)):
        h = (keys + np.uint64(w)) * np.uint64(0x9E3779B97F4A7C15)
        h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
        words.append(h ^ (h >> np.uint64(29)))
    bits = (np.stack(words, axis=1)[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    return np.asarray(2.0 * bits.reshape(len(keys), -1)[:, :columns] - 1.0)


def project(cells: Matrix, components: Components) -> Array:
    """Project cells on components.

    Parameters
    ----------
    cells
        (rows, g) dense or CSR, in the same genes and space as the training cells.

    Returns
    -------
    (rows, k) scores, centred on the training mean; a row that holds NaN is NaN.
    """
    return _scores(cells, components.mean, components.loadings)


def _scores(cells: Matrix, mean: Array, loadings: Array) -> Array:
    right = np.ascontiguousarray(loadings)
    offset = (mean[:, None] * right).sum(axis=0)
    out = np.empty((cells.shape[0], right.shape[1]))
    for start, x in sparse_blocks(cells):
        rows = out[start : start + x.shape[0]]
        in_threads(_times, x.shape[0], x.data, x.indices, x.indptr, right, offset, rows)
    return out


def _pull_back(cells: Matrix, mean: Array, scores: Array) -> Array:
    """(g, b) centred cells, transposed, times scores."""
    n_blocks = -(-scores.shape[1] // COLUMNS)
    padded = np.zeros((len(scores), n_blocks * COLUMNS))
    padded[:, : scores.shape[1]] = scores
    blocks = np.ascontiguousarray(padded.reshape(len(scores), n_blocks, COLUMNS).transpose(1, 0, 2))
    out = np.zeros((n_blocks, cells.shape[1], COLUMNS))
    for start, x in sparse_blocks(cells):
        right = np.ascontiguousarray(blocks[:, start : start + x.shape[0]])
        in_threads(_transposed_times, n_blocks, x.data, x.indices, x.indptr, right, out)
    whole = out.transpose(1, 0, 2).reshape(cells.shape[1], -1)[:, : scores.shape[1]]
    return np.asarray(whole - mean[:, None] * scores.sum(axis=0))


def fit_components(cells: Matrix, k: int, rng: np.random.Generator) -> Components:
    """Fit principal components to training cells.

    Parameters
    ----------
    cells
        (n, g) dense or CSR cells of the training view; no cell that is scored.
    k
        Components wanted.

    Returns
    -------
    At most ``k`` components: fewer where the centred cells have a lower rank.

    Raises
    ------
    ValueError
        If there are fewer than two cells, or a value is not finite.
    """
    n, g = cells.shape
    if n < 2:
        raise ValueError(f"components need at least two cells, not {n}")
    mean, square = np.zeros(g), 0.0
    for _, x in sparse_blocks(cells):
        mean += np.bincount(x.indices, weights=x.data, minlength=g)
        with np.errstate(over="ignore"):
            square += float((x.data * x.data).sum())
    mean /= n
    if not np.isfinite(square):
        raise ValueError("components need finite values in every training cell")
    total = square - n * float((mean * mean).sum())
    width = min(k + OVERSAMPLE, n, g)
    scores = _signs(row_keys(cells, int(rng.integers(2**63))), width)
    for _ in range(ITERATIONS):
        basis = np.ascontiguousarray(_pull_back(cells, mean, scores).T)
        _orthonormalise(basis)
        scores = _scores(cells, mean, basis.T)
    gram = _gram(scores)
    vectors = _jacobi(gram)
    variance = np.diag(gram) / (n - 1)
    order = np.argsort(-variance, kind="stable")[:k]
    order = order[variance[order] > 1e-12 * max(float(variance.max()), square / n * 1e-6)]
    loadings = np.einsum("bg,bk->gk", basis, vectors[:, order])
    strongest = np.abs(loadings).argmax(axis=0)
    loadings *= np.where(loadings[strongest, np.arange(len(order))] < 0, -1.0, 1.0)
    share = float(variance[order].sum() * (n - 1) / total) if total > 0 else np.nan
    return Components(mean, np.ascontiguousarray(loadings), variance[order], share)
