"""Groups: what belongs together, as connected components that remember why each pair was joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Pairs of items joined for one reason.

    Attributes
    ----------
    reason
        Why, in words that stand in front of the detail: ``same parent structure``, ``Tanimoto``.
    left, right
        (m,) positions of the two items.
    detail
        What they share, one a pair; may be empty.
    shared
        Whether all items of one detail are related to each other: the pairs are then a chain through them.
    """

    reason: str
    left: Index
    right: Index
    detail: tuple[str, ...] = ()
    shared: bool = False

    def why(self, i: int) -> str:
        """Reason of pair ``i``."""
        detail = self.detail[i] if self.detail else ""
        return f"{self.reason} {detail}".strip()


@dataclass(frozen=True, slots=True)
class Join:
    """One step of a chain: two items and the reasons for which they are joined."""

    left: str
    right: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Items in connected components.

    Attributes
    ----------
    names
        n items, as they were given.
    group
        (n,) component of each item; components are numbered by their first item in sorted order of names.
    links
        Every pair that was joined, with its reason.
    unknown
        Items of which the resources say nothing: alone for want of knowledge, not because nothing is like them.
    """

    names: tuple[str, ...]
    group: Index
    links: tuple[Links, ...]
    unknown: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[tuple[str, ...], ...]:
        """Members of each group, sorted; groups in the order of their number, those of one item with them."""
        out: list[list[str]] = [[] for _ in range(int(self.group.max(initial=-1)) + 1)]
        for name, group in zip(self.names, self.group.tolist(), strict=True):
            out[group].append(name)
        return tuple(tuple(sorted(group)) for group in out)

    @property
    def largest(self) -> float:
        """Share of the items in the largest group; NaN without items. Near 1, a split by groups cannot be drawn."""
        return float(np.bincount(self.group).max() / len(self.names)) if self.names else float("nan")

    def partners(self) -> sparse.csr_array:
        """(n, n) symmetric, True where two items are related themselves, and not through a third alone."""
        n = len(self.names)
        left: list[Index] = [np.zeros(0, dtype=np.int64)]
        right = list(left)
        for link in self.links:
            if not link.shared:
                left.append(link.left)
                right.append(link.right)
                continue
            _, label = np.unique(np.asarray(link.detail), return_inverse=True)
            item, what = np.concatenate([link.left, link.right]), np.tile(label, 2)
            ones, shape = np.ones(len(item), dtype=np.int64), (n, int(label.max()) + 1)
            holds = sparse.coo_array((ones, (item, what)), shape=shape).tocsr()
            i, j = (holds @ holds.T).tocoo().coords
            left.append(i.astype(np.int64))
            right.append(j.astype(np.int64))
        i, j = np.concatenate(left), np.concatenate(right)
        i, j = i[i != j], j[i != j]
        ends = (np.concatenate([i, j]), np.concatenate([j, i]))
        return sparse.coo_array((np.ones(len(ends[0]), dtype=np.bool_), ends), shape=(n, n)).tocsr()

    def why(self, a: str, b: str) -> tuple[Join, ...]:
        """Shortest chain of joins from ``a`` to ``b``; empty when they are in different groups or the same item."""
        start, stop = self.names.index(a), self.names.index(b)
        if start == stop or self.group[start] != self.group[stop]:
            return ()
        graph = _graph(len(self.names), self.links)
        _, before = csgraph.breadth_first_order(graph, start, directed=False)
        path = [stop]
        while path[-1] != start:
            path.append(int(before[path[-1]]))
        path.reverse()
        return tuple(self._join(i, j) for i, j in pairwise(path))

    def _join(self, i: int, j: int) -> Join:
        reasons = [
            link.why(int(at))
            for link in self.links
            for at in np.flatnonzero(((link.left == i) & (link.right == j)) | ((link.left == j) & (link.right == i)))
        ]
        return Join(self.names[i], self.names[j], tuple(dict.fromkeys(reasons)))


def connected(n: int, left: Index, right: Index) -> Index:
    """Connected components of ``n`` items under undirected pairs.

    Returns
    -------
    (n,) component of each item, numbered by its first item.
    """
    graph = sparse.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, label = csgraph.connected_components(graph.tocsr(), directed=False)
    _, where, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(where), dtype=np.int64)
    rank[np.argsort(where)] = np.arange(len(where))
    return np.asarray(rank[inverse.reshape(-1)], dtype=np.int64)


def group(names: Sequence[str], links: Iterable[Links], unknown: Iterable[str] = ()) -> Groups:
    """Join items into connected components; the outcome does not depend on the order of names or links.

    Raises
    ------
    ValueError
        If a name occurs twice.
    """
    kept = tuple(link for link in links if len(link.left))
    if len(set(names)) < len(names):
        raise ValueError("a name is listed twice")
    order = np.asarray(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    none = np.zeros(0, dtype=np.int64)
    left = np.concatenate([none, *(rank[link.left] for link in kept)])
    right = np.concatenate([none, *(rank[link.right] for link in kept)])
    return Groups(tuple(names), connected(len(names), left, right)[rank], kept, tuple(sorted(set(unknown))))


def link_labels(reason: str, labels: Sequence[Iterable[str]] | Sequence[str]) -> Links:
    """Join items that share a label: a parent structure, a complex, a donor.

    Each is joined to the next item with that label, so that m items need m - 1 pairs.

    Parameters
    ----------
    labels
        One label an item (empty for none), or several.
    """
    last: dict[str, int] = {}
    left, right, detail = [], [], []
    for i, own in enumerate(labels):
        for label in dict.fromkeys([own] if isinstance(own, str) else own):
            if not label:
                continue
            if label in last:
                left.append(last[label])
                right.append(i)
                detail.append(label)
            last[label] = i
    return Links(
        reason, np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64), tuple(detail), shared=True
    )


def _graph(n: int, links: Sequence[Links]) -> sparse.csr_array:
    left = np.concatenate([link.left for link in links])
    right = np.concatenate([link.right for link in links])
    return sparse.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n)).tocsr()
