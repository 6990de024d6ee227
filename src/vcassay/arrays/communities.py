"""Communities of a neighbour graph: fuzzy k-nearest neighbours, and modularity maximised by local moves."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

STARTS = 8
"""Orders of the nodes from which modularity is climbed; the best end is kept."""
SMALLEST_WIDTH = 1e-3
"""Least width of a node's kernel, over the mean distance to its neighbours (McInnes et al. 2018)."""


def fuzzy_graph(points: Array, k: int) -> Array:
    """Weights of the fuzzy k-nearest-neighbour graph of UMAP.

    A node's k nearest, itself among them, get exp(-(d - nearest) / width), the width such that these
    weights sum to log2(k); two directions a, b join to a + b - ab (McInnes et al. 2018).

    Parameters
    ----------
    points
        (n, d), in Euclidean space.
    k
        Neighbours, the node itself among them.

    Returns
    -------
    (n, n) symmetric, 0 on the diagonal.
    """
    n = len(points)
    distance = cdist(points, points)
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(distance, order, axis=1)
    width, nearest = _widths(near, float(near.mean()))
    gap = np.maximum(near - nearest[:, None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where((gap == 0) | (width[:, None] == 0), 1.0, np.exp(-gap / width[:, None]))
    one = np.zeros((n, n))
    np.put_along_axis(one, order, weight, axis=1)
    np.fill_diagonal(one, 0.0)
    return np.asarray(one + one.T - one * one.T)


@numba.njit(cache=True)
def _widths(near: Array, overall: float) -> tuple[Array, Array]:
    """(n,) width and distance of the nearest neighbour, by bisection."""
    n, k = near.shape
    width, nearest = np.empty(n), np.zeros(n)
    for i in range(n):
        for j in range(k):
            if near[i, j] > 0.0:
                nearest[i] = near[i, j]
                break
        low, high, mid = 0.0, np.inf, 1.0
        for _ in range(64):
            total = 0.0
            for j in range(1, k):
                gap = near[i, j] - nearest[i]
                total += np.exp(-gap / mid) if gap > 0.0 else 1.0
            if abs(total - np.log2(k)) < 1e-5:
                break
            if total > np.log2(k):
                high = mid
                mid = 0.5 * (low + high)
            else:
                low = mid
                mid = mid * 2.0 if high == np.inf else 0.5 * (low + high)
        mean = near[i].mean() if nearest[i] > 0.0 else overall
        width[i] = max(mid, SMALLEST_WIDTH * mean)
    return width, nearest


@numba.njit(cache=True)
def _climb(weight: Array, resolution: float, order: Codes, code: Codes) -> None:
    """Move single nodes to the community that raises modularity most, until none does; in place."""
    n = len(code)
    degree = weight.sum(axis=1)
    total = degree.sum()
    mass = np.zeros(n)
    for i in range(n):
        mass[code[i]] += degree[i]
    moved = total > 0.0
    while moved:
        moved = False
        for i in order:
            own = code[i]
            mass[own] -= degree[i]
            inside = np.zeros(n)
            for j in range(n):
                if j != i:
                    inside[code[j]] += weight[i, j]
            best = own
            gain = inside[own] - resolution * degree[i] * mass[own] / total
            for c in range(n):
                now = inside[c] - resolution * degree[i] * mass[c] / total
                if now > gain + 1e-12:
                    best, gain = c, now
            mass[best] += degree[i]
            if best != own:
                code[i], moved = best, True


def modularity(weight: Array, code: Codes, resolution: float = 1.0) -> float:
    """Modularity: share of weight inside communities less ``resolution`` times that expected (Newman and Girvan)."""
    degree, total = weight.sum(axis=1), weight.sum()
    if total == 0:
        return 0.0
    same = code[:, None] == code[None, :]
    return float((weight * same).sum() / total - resolution * (np.outer(degree, degree) * same).sum() / total**2)


def communities(weight: Array, resolution: float = 1.0) -> Codes:
    """Partition of largest modularity that local moves and merges find.

    Single nodes move, communities become nodes and move in turn (Blondel et al. 2008), and single nodes
    move again, from `STARTS` orders that depend on the graph's size alone.

    Parameters
    ----------
    weight
        (n, n) symmetric, not negative.
    resolution
        Larger for smaller communities.

    Returns
    -------
    (n,) codes from 0 up, in order of first appearance.
    """
    n = len(weight)
    best, top = np.arange(n), -np.inf
    for start in range(STARTS):
        order = np.arange(n) if start == 0 else np.random.default_rng(start).permutation(n)
        code = np.arange(n)
        while True:
            before = modularity(weight, code, resolution)
            _climb(weight, resolution, order, code)
            code = np.unique(code, return_inverse=True)[1]
            member = np.eye(int(code.max()) + 1)[code]
            merged = np.arange(member.shape[1])
            _climb(member.T @ weight @ member, resolution, merged.copy(), merged)
            code = merged[code]
            if modularity(weight, code, resolution) <= before + 1e-12:
                break
        reached = modularity(weight, code, resolution)
        if reached > top + 1e-12:
            best, top = code, reached
    first = np.unique(best, return_index=True)[1]
    return np.asarray(np.argsort(np.argsort(first))[np.unique(best, return_inverse=True)[1]])
