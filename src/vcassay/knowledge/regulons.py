"""Regulons: which genes a regulator raises and which it lowers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.knowledge.resource import Resource, describe
from vcassay.knowledge.table import is_missing, read_table

WEIGHTS = ("weight", "mor", "sign", "mode_of_regulation")
"""Names of the column of weights, as decoupler, CollecTRI and DoRothEA have them; the first wins."""


@dataclass(frozen=True, slots=True, eq=False)
class Regulons:
    """Directed, signed edges.

    Attributes
    ----------
    resource
        Where they come from.
    source, target
        m regulators and the genes that they regulate, sorted; each pair once.
    weight
        (m,) above 0 where the regulator raises its target, below where it lowers it; never 0.
    """

    resource: Resource
    source: tuple[str, ...]
    target: tuple[str, ...]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.source)

    @classmethod
    def make(
        cls, resource: Resource, source: Sequence[str], target: Sequence[str], weight: Sequence[float]
    ) -> Regulons:
        """Sort edges; a pair that is given with both signs, or a weight of 0, tells nothing and is left out."""
        edges: dict[tuple[str, str], float] = {}
        unclear: set[tuple[str, str]] = set()
        for pair, value in zip(zip(source, target, strict=True), weight, strict=True):
            if value == 0 or edges.get(pair, value) * value < 0:
                unclear.add(pair)
            elif abs(value) >= abs(edges.get(pair, 0.0)):
                edges[pair] = float(value)
        kept = sorted(pair for pair in edges if pair not in unclear)
        values = np.asarray([edges[pair] for pair in kept], dtype=np.float64)
        return cls(resource, tuple(s for s, _ in kept), tuple(t for _, t in kept), values)


def read_regulons(
    path: Path, *, name: str | None = None, released: date | str | None = None, licence: str = ""
) -> Regulons:
    """Read edges with the columns ``source``, ``target`` and ``weight``, plain or compressed.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, a line lacks a name, a weight is not a finite number, or no
        edge has a sign of its own.
    """
    table, where = read_table(path), str(path)
    source = table.need("the regulator", "source", "tf", "regulator")
    target = table.need("the regulated gene", "target", "gene")
    for what, cells in (("regulator", source), ("target", target)):
        table.refuse_blank(what, cells)
    cells = table.need("the sign of the regulation", *WEIGHTS)
    weight = [_signed(cell, line, where) for cell, line in zip(cells, table.lines, strict=True)]
    facts = describe(path, len(table), name=name, released=released, licence=licence, kin=False)
    regulons = Regulons.make(facts, source, target, weight)
    if not len(regulons):
        raise InputError("has no edge with a sign", where=where, mend="hand in weights above and below 0")
    return regulons


def _signed(cell: str, line: int, where: str) -> float:
    """A weight; one that is missing counts as 0."""
    if is_missing(cell):
        return 0.0
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        what = f"line {line} has the weight '{cell}'"
        raise InputError(what, where=where, mend="write a number, above 0 where the target is raised")
    return value
