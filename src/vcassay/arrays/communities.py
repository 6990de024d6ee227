"""Communities of a neighbour graph: fuzzy k-nearest neighbours, and the Leiden algorithm."""

from __future__ import annotations

import random

import numba
import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Single = NDArray[np.float32]

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
    distance = scipy.spatial.distance.cdist(points, points)
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(distance, order, axis=1).astype(np.float32)
    one = np.zeros((n, n), dtype=np.float32)
    np.put_along_axis(one, order, _weights(near, float(near.mean())), axis=1)
    np.fill_diagonal(one, 0.0)
    return np.asarray(one + one.T - one * one.T, dtype=np.float64)


@numba.njit(cache=True)
def _weights(near: Single, overall: float) -> Single:
    """(n, k) weights of the neighbours, widths found by bisection.

    Single precision, as in UMAP: partitions of graphs without clear communities turn on it.
    """
    n, k = near.shape
    weight = np.empty((n, k), dtype=np.float32)
    for i in range(n):
        nearest = np.float32(0.0)
        for j in range(k):
            if near[i, j] > 0.0:
                nearest = near[i, j]
                break
        low, high, mid = 0.0, np.inf, 1.0
        for _ in range(64):
            total = 0.0
            for j in range(1, k):
                gap = np.float32(near[i, j] - nearest)
                total += np.exp(-gap / mid) if gap > 0.0 else 1.0
            if abs(total - np.log2(k)) < 1e-5:
                break
            if total > np.log2(k):
                high = mid
                mid = 0.5 * (low + high)
            else:
                low = mid
                mid = mid * 2.0 if high == np.inf else 0.5 * (low + high)
        mean = near[i].mean() if nearest > 0.0 else overall
        width = np.float32(max(mid, SMALLEST_WIDTH * mean))
        for j in range(k):
            gap = np.float32(near[i, j] - nearest)
            weight[i, j] = np.exp(-np.float32(gap / width)) if gap > 0.0 and width > 0.0 else 1.0
    return weight


class _Draws:
    """The random numbers that igraph asks for, of a generator of their own: igraph's is one of the whole process."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.RandomState(seed)

    def getrandbits(self, k: int) -> int:
        return int(self._rng.tomaxint()) & ((1 << k) - 1)

    def randint(self, a: int, b: int) -> int:
        return int(self._rng.randint(a, b + 1))

    def random(self) -> float:
        return float(self._rng.random_sample())

    def gauss(self, mean: float, sd: float) -> float:
        return float(self._rng.normal(mean, sd))


def communities(weight: Array, resolution: float = 1.0, seed: int = 0) -> Codes:
    """Partition by modularity: two rounds of the Leiden algorithm (Traag et al. 2019), by igraph.

    Parameters
    ----------
    weight
        (n, n) symmetric, not negative.
    resolution
        Larger for smaller communities.
    seed
        Of the order in which nodes are visited. With 0 the partition is that of scanpy's Leiden.

    Returns
    -------
    (n,) codes from 0 up, in order of first appearance.
    """
    import igraph

    source, target = np.nonzero(weight)
    graph = igraph.Graph(n=len(weight), edges=list(zip(source.tolist(), target.tolist(), strict=True)))
    igraph.set_random_number_generator(_Draws(seed))
    try:
        found = graph.community_leiden(
            objective_function="modularity", weights=weight[source, target], resolution=resolution, n_iterations=2
        )
    finally:
        igraph.set_random_number_generator(random)
    code = np.asarray(found.membership)
    first = np.unique(code, return_index=True)[1]
    return np.asarray(np.argsort(np.argsort(first))[np.unique(code, return_inverse=True)[1]])
