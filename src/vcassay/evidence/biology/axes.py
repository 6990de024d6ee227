"""Axes of stress: directions that harmful perturbations share whatever their mechanism, to be set aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench
from vcassay.knowledge.programmes import STRESS, programmes

Array = NDArray[np.float64]

LEAST_GENES = 3
"""A programme with fewer measured genes gives no axis."""
MEAN = "mean effect of training"
DEPENDENT = 1e-6
"""Share of its length below which what is left of an axis is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """Orthonormal directions.

    Attributes
    ----------
    names, sources
        Of the axes, and what each is made of.
    matrix
        (k, g).
    missing
        Programmes without an axis here, and why.
    """

    names: tuple[str, ...]
    sources: tuple[str, ...]
    matrix: Array
    missing: tuple[str, ...] = ()

    def without(self, values: Array) -> Array:
        """(n, g) what is left of effects beyond the axes."""
        return np.asarray(values - (values @ self.matrix.T) @ self.matrix)


@once
def stress_axes(bench: Bench) -> Axes:
    """Directions of stress programmes, and the mean effect of training.

    A programme's direction is its measured genes, weighted alike: a handed gene set of its name, else the sentinel
    genes that come with the package. Directions are made orthogonal in their order, the mean last.
    """
    genes, known = bench.genes.tolist(), bench.knowledge
    names: list[str] = []
    sources: list[str] = []
    rows: list[Array] = []
    missing: list[str] = []
    counted = np.asarray(bench.mask.any(axis=0))
    column = {gene: i for i, gene in enumerate(genes)}
    for programme in programmes(STRESS):
        members, source = programme.members(genes, known.gene_sets, known.genes)
        at = [column[m] for m in members if counted[column[m]]]
        if len(at) < LEAST_GENES:
            missing.append(f"{programme.name} ({len(at)} genes measured)")
            continue
        row = np.zeros(len(genes))
        row[at] = 1.0
        names.append(programme.name)
        sources.append(f"{source}, {len(at)} genes")
        rows.append(row)
    trained = bench.trained[1]
    if len(trained):
        names.append(MEAN)
        sources.append(f"{len(trained):,} training conditions")
        rows.append(np.where(counted, trained.mean(axis=0), 0.0))
    kept, matrix = orthonormal(np.asarray(rows).reshape(len(rows), len(genes)))
    return Axes(tuple(names[i] for i in kept), tuple(sources[i] for i in kept), matrix, tuple(missing))


def orthonormal(rows: Array) -> tuple[list[int], Array]:
    """Make rows orthonormal in their order; those that depend on earlier ones are left out.

    Returns
    -------
    Positions kept, and (k, g) the rows.
    """
    kept: list[int] = []
    out: list[Array] = []
    for i, row in enumerate(rows):
        left = row.copy()
        for unit in out:
            left -= (left @ unit) * unit
        length = float(np.linalg.norm(left))
        if length > DEPENDENT * float(np.linalg.norm(row)) and length > 0:
            kept.append(i)
            out.append(left / length)
    return kept, np.asarray(out).reshape(len(out), rows.shape[1])
