"""Relations: pairs of genes (or of anything named) that are partners, with an optional weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from vcassay.core import InputError, Threshold
from vcassay.knowledge.groups import Index, connected
from vcassay.knowledge.identifiers import inverted
from vcassay.knowledge.resource import Resource, describe
from vcassay.knowledge.table import Table, is_missing, read_table
from vcassay.knowledge.wide import Cells, SquarePairs, pair_matrix

PAIRS = (("entity1", "entity2"), ("a", "b"), ("source", "target"), ("gene1", "gene2"), ("protein1", "protein2"),
         ("from", "to"), ("node1", "node2"), ("gene_a", "gene_b"), ("left", "right"))  # fmt: skip
WEIGHTS = ("combined_score", "weight", "score", "correlation", "confidence")
"""Names of columns that are understood; the first wins."""

STRING_PARTNER = Threshold("string_partner", 900, "STRING's highest confidence, combined score of 0.9")
COESSENTIAL = Threshold("coessential", 0.5, "proposal: absolute correlation of gene effects over cell lines")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """Undirected pairs.

    Attributes
    ----------
    resource
        Where they come from.
    kind
        What the partners are to each other, as a reason reads: ``same complex``, ``paralog``, ``network neighbour``.
    names
        Every name of any pair, sorted.
    left, right
        (m,) positions in ``names``, left < right, each pair once, sorted.
    weight
        (m,) weight of each pair; NaN where the file has none.
    """

    resource: Resource
    kind: str
    names: tuple[str, ...]
    left: Index
    right: Index
    weight: Floats

    def __len__(self) -> int:
        return len(self.left)

    @classmethod
    def make(
        cls, resource: Resource, kind: str, a: Sequence[str], b: Sequence[str], weight: Floats | None = None
    ) -> Relations:
        """Sort pairs; one that is given twice, in either direction, keeps the weight furthest from zero.

        Pairs of a name with itself are left out.
        """
        names = sorted({*a, *b})
        place = {name: i for i, name in enumerate(names)}
        ends = np.sort([[place[name] for name in end] for end in (a, b)], axis=0).astype(np.int64)
        given = np.full(len(a), np.nan) if weight is None else np.asarray(weight, dtype=np.float64)
        apart = ends[0] < ends[1]
        ends, given = ends[:, apart], given[apart]
        # lexsort: the last key is the first to sort by; of equal pairs the furthest from zero comes first, NaN last
        order = np.lexsort((-given, -np.abs(np.nan_to_num(given)), ends[1], ends[0]))
        ends, given = ends[:, order], given[order]
        new = np.ones(len(given), dtype=np.bool_)
        new[1:] = (np.diff(ends, axis=1) != 0).any(axis=0)
        used, at = np.unique(ends[:, new], return_inverse=True)
        left, right = at.reshape(2, -1).astype(np.int64)
        return cls(resource, kind, tuple(names[i] for i in used.tolist()), left, right, given[new])

    def at_least(self, threshold: float, *, magnitude: bool = False) -> Relations:
        """Keep pairs whose weight (or its absolute value) reaches the threshold; pairs without a weight go."""
        value = np.abs(self.weight) if magnitude else self.weight
        return self._keep(value >= threshold)

    def restrict(self, names: Mapping[str, str]) -> Relations:
        """Keep pairs of matched names, under the names that were wanted (`Matched.found`)."""
        wanted = inverted(names)
        own = np.asarray([name in wanted for name in self.names], dtype=np.bool_)
        both = own[self.left] & own[self.right]
        a, b, weight = [], [], []
        rows = (values[both].tolist() for values in (self.left, self.right, self.weight))
        for i, j, w in zip(*rows, strict=True):
            for x in wanted[self.names[i]]:
                for y in wanted[self.names[j]]:
                    a.append(x)
                    b.append(y)
                    weight.append(w)
        return Relations.make(self.resource, self.kind, a, b, np.asarray(weight, dtype=np.float64))

    def neighbours(self, name: str) -> tuple[str, ...]:
        """Partners of a name, sorted; none for a name that the resource does not have."""
        if name not in self.names:
            return ()
        at = self.names.index(name)
        found = np.concatenate([self.right[self.left == at], self.left[self.right == at]])
        return tuple(self.names[i] for i in np.sort(found))

    def components(self) -> tuple[tuple[str, ...], ...]:
        """Connected components of two names or more, each sorted."""
        label = connected(len(self.names), self.left, self.right)
        groups: dict[int, list[str]] = {}
        for name, own in zip(self.names, label.tolist(), strict=True):
            groups.setdefault(own, []).append(name)
        return tuple(tuple(members) for members in groups.values())

    def matrix(self, names: Sequence[str]) -> sparse.csr_array:
        """(n, n) symmetric adjacency over ``names``: the weight, 1 where there is none."""
        position = {name: i for i, name in enumerate(names)}
        at = np.asarray([position.get(name, -1) for name in self.names], dtype=np.int64)
        left, right = at[self.left], at[self.right]
        both = (left >= 0) & (right >= 0)
        value = np.where(np.isnan(self.weight), 1.0, self.weight)[both]
        i, j = left[both], right[both]
        ends = (np.concatenate([i, j]), np.concatenate([j, i]))
        return sparse.coo_array((np.tile(value, 2), ends), shape=(len(names), len(names))).tocsr()

    def _keep(self, mask: NDArray[np.bool_]) -> Relations:
        a = [self.names[i] for i in self.left[mask]]
        b = [self.names[i] for i in self.right[mask]]
        return Relations.make(self.resource, self.kind, a, b, self.weight[mask])


def read_relations(
    path: Path,
    kind: str = "network neighbour",
    *,
    columns: tuple[str, str] | None = None,
    weight: str | None = None,
    name: str | None = None,
    released: date | str | None = None,
    licence: str = "",
    kin: bool = True,
) -> Relations:
    """Read an edge list with a header, or a square matrix of weights with names on both sides, plain or compressed.

    Parameters
    ----------
    kind
        What the partners are to each other.
    columns
        The two columns of names; found by usual names when ``None``.
    weight
        The column of weights; found by usual names when ``None``, empty for none.
    kin
        Whether partners are kin that a split must not part; otherwise the pairs only give features.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, a line lacks a name, a weight is not a number, or every
        line pairs a name with itself.
    """
    table, where = read_table(path), str(path)
    facts = describe(path, len(table), name=name, released=released, licence=licence, kin=kin)
    square = pair_matrix(table) if columns is None else None
    a, b, weights = _square(square, where) if square else _listed(table, columns, weight)
    relations = Relations.make(facts, kind, a, b, weights)
    if not len(relations):
        raise InputError("pairs every name with itself", where=where, mend="hand in at least one pair of two names")
    return relations


def _square(square: SquarePairs, where: str) -> tuple[Cells, Cells, Floats]:
    """Turn the cells of a square matrix into weights."""
    a, b, cells, lines = square
    return a, b, _numbers(cells, lines, where)


def _listed(table: Table, columns: tuple[str, str] | None, weight: str | None) -> tuple[Cells, Cells, Floats | None]:
    """Ends and weights of a table with a pair a row."""
    known = next((pair for pair in PAIRS if table.which(pair[0]) and table.which(pair[1])), PAIRS[0])
    first, second = columns or known
    a = table.need("the first name of a pair", first)
    b = table.need("the second name of a pair", second)
    for values in (a, b):
        table.refuse_blank("name of a partner", values)
    cells = table.find(*WEIGHTS) if weight is None else table.need("the weight", weight) if weight else None
    where = str(table.path)
    return (
        a,
        b,
        None if cells is None else _numbers(cells, table.lines, where),
    )


def _numbers(cells: Sequence[str], lines: Sequence[int], where: str) -> Floats:
    """Read weights; each is looked at alone only where one is missing or wrong."""
    try:
        values = np.asarray(list(map(float, cells)), dtype=np.float64)
    except ValueError:
        values = np.full(len(cells), np.nan)
    if np.isfinite(values).all():
        return values
    return np.asarray([_number(c, line, where) for c, line in zip(cells, lines, strict=True)], dtype=np.float64)


def _number(cell: str, line: int, where: str) -> float:
    if is_missing(cell):
        return float("nan")
    try:
        value = float(cell)
    except ValueError:
        value = float("inf")
    if not np.isfinite(value):
        what = f"line {line} has the weight '{cell}'"
        raise InputError(what, where=where, mend="write a finite number, or leave it empty")
    return value
