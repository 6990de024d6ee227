"""Cliques: the largest groups in which every pair is alike."""

from __future__ import annotations

import igraph as ig
import numpy as np
from numpy.typing import NDArray


def maximal_cliques(alike: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """Groups of items that are alike in every pair and cannot be made larger.

    To be alike is not transitive: an item may be in several groups, as letters of a compact letter display
    (Piepho 2004) show it.

    Parameters
    ----------
    alike
        (n, n) symmetric; the diagonal is not looked at.

    Returns
    -------
    Sorted groups of positions; an item that is like no other is a group of its own.
    """
    n = len(alike)
    i, j = np.nonzero(np.triu(alike, 1))
    graph = ig.Graph(n=n, edges=list(zip(i.tolist(), j.tolist(), strict=True)))
    return sorted(tuple(sorted(group)) for group in graph.maximal_cliques())
