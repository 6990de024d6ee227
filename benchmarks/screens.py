"""Screens drawn for benchmarks: the same on every machine, in any number of chunks and threads.

Each count is the inverse of the Poisson distribution at a hash of (seed, cell, gene), so a chunk of cells can be drawn
without those before it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

CONTROL = "control"


class Drawn(NamedTuple):
    """A matrix of cells by genes, and the perturbation and context of each cell."""

    matrix: sp.csr_matrix
    perturbation: NDArray[np.str_]
    context: NDArray[np.str_]


@numba.njit(nogil=True, cache=True)
def _hash(x: np.uint64) -> np.uint64:
    x += np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(nogil=True, cache=True)
def _draw(seed, first, depth, who, rate, change, indptr, indices, values):
    """Fill the CSR arrays of a chunk of cells; return the number of non-zeros."""
    k = 0
    for i in range(len(depth)):
        row = _hash(np.uint64(seed) ^ _hash(np.uint64(first + i)))
        for g in range(len(rate)):
            mean = depth[i] * rate[g] * change[who[i], g]
            u = (_hash(row + np.uint64(g)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)
            if u < 1.0 - mean:  # exp(-mean) is larger still
                continue
            term = np.exp(-mean)
            total, n = term, 0
            while u >= total and n < 1000:
                n += 1
                term *= mean / n
                total += term
            if n:
                indices[k], values[k] = g, n
                k += 1
        indptr[i + 1] = k
    return k


def draw_screen(
    cells: int,
    genes: int,
    perturbations: int,
    *,
    depth: float,
    controls: float = 0.1,
    contexts: int = 1,
    spread: float = 1.8,
    effects: float = 0.02,
    target_sum: float | None = 1e4,
    seed: int = 0,
    chunk: int = 2000,
    threads: int = 2,
) -> Drawn:
    """Draw counts, log-normalised unless ``target_sum`` is ``None``.

    Parameters
    ----------
    depth
        Mean count of a cell; with ``spread``, the standard deviation of genes' log rates, it sets the share of
        non-zeros.
    controls
        Share of control cells.
    effects
        Share of genes that a perturbation moves, by a factor between 1/3 and 3.
    """
    rng = np.random.default_rng([seed, cells, genes])
    rate = np.exp(rng.normal(0.0, spread, genes))
    rate /= rate.sum()
    change = np.ones((perturbations + 1, genes))
    moved = rng.random((perturbations, genes)) < effects
    change[1:][moved] = 3.0 ** rng.uniform(-1, 1, moved.sum())
    who = np.where(rng.random(cells) < controls, 0, rng.integers(1, perturbations + 1, cells))
    depths = rng.lognormal(np.log(depth), 0.35, cells)

    def part(first: int) -> sp.csr_matrix:
        stop = min(first + chunk, cells)
        room = (stop - first) * genes
        indptr = np.zeros(stop - first + 1, dtype=np.int32)
        indices, values = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.float32)
        k = _draw(seed, first, depths[first:stop], who[first:stop], rate, change, indptr, indices, values)
        indices, values = indices[:k].copy(), values[:k].copy()
        if target_sum is not None:
            total = np.maximum(np.add.reduceat(np.append(values, 0), indptr[:-1]), 1)
            values = np.log1p(values * np.repeat(np.float32(target_sum) / total, np.diff(indptr)), dtype=np.float32)
        return sp.csr_matrix((values, indices, indptr), shape=(stop - first, genes))

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(part, range(0, cells, chunk)))
    names = np.array([CONTROL, *(f"P{i:04d}" for i in range(perturbations))])
    return Drawn(
        _joined(parts, cells, genes),
        names[who],
        np.array([f"line{c}" for c in range(contexts)])[np.arange(cells) % contexts],
    )


def _joined(parts: list[sp.csr_matrix], cells: int, genes: int) -> sp.csr_matrix:
    """The chunks as one matrix, each let go as it is copied."""
    nnz = sum(p.nnz for p in parts)
    values, indices = np.empty(nnz, dtype=np.float32), np.empty(nnz, dtype=np.int32)
    indptr = np.zeros(cells + 1, dtype=np.int32 if nnz < 2**31 else np.int64)
    at = row = 0
    while parts:
        p = parts.pop(0)
        values[at : at + p.nnz], indices[at : at + p.nnz] = p.data, p.indices
        indptr[row + 1 : row + 1 + p.shape[0]] = at + p.indptr[1:].astype(np.int64)
        at, row = at + p.nnz, row + p.shape[0]
    return sp.csr_matrix((values, indices, indptr), shape=(cells, genes))
