"""Axes of stress: directions that harmful perturbations share whatever their mechanism, to be set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.signature import shared_weights, signature
from vcassay.core import Conditions, Threshold
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench
from vcassay.knowledge.programmes import STRESS, Programme, programmes

Array = NDArray[np.float64]

LEAST_GENES = 3
"""A programme with fewer measured genes gives no axis."""
MEAN = "mean effect of training"
VIABILITY = "viability"
"""Name of the axis, and of the annotation of conditions that it is learnt from."""
LEAST_LABELLED = Threshold("viability_min_labelled", 20, "perturbations that an axis is learnt from (proposal)")
LEAST_RHO = Threshold(
    "viability_min_rho", 0.3, "Spearman correlation with viability where it was not learnt (proposal)"
)
LEAST_Z = Threshold("viability_min_z", 3.0, "that correlation in units of its chance error, 1 / sqrt(n - 1) (proposal)")
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
        What has no axis here, and why.
    alone
        (k, g) the same directions, each of length 1, before they were made orthogonal.
    size
        Genes of each axis.
    harm
        1 where effects of harmed cells point along the axis, -1 where they point away, 0 where that is not known.
    """

    names: tuple[str, ...]
    sources: tuple[str, ...]
    matrix: Array
    missing: tuple[str, ...] = ()
    alone: Array = field(default_factory=lambda: np.empty((0, 0)))
    size: tuple[int, ...] = ()
    harm: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def without(self, values: Array) -> Array:
        """(n, g) what is left of effects beyond the axes."""
        return np.asarray(values - (values @ self.matrix.T) @ self.matrix)


class _Axis(NamedTuple):
    name: str
    source: str
    row: Array
    harm: int


@once
def stress_axes(bench: Bench) -> Axes:
    """Directions of viability, of stress programmes, and of the mean effect of training.

    A programme's direction is its measured genes: a handed gene set of its name, else the sentinel genes that come with
    the package; each weighted by how far it goes with the others in training, as far as that can be told, else alike.
    Viability has one where training conditions carry it as an annotation
    (``viability``) and effects predict it in perturbations left out; without such labels there is none. Directions are
    made orthogonal in their order, the mean last. Nothing is learnt from test conditions.
    """
    counted = np.asarray(bench.mask.any(axis=0))
    missing: list[str] = []
    trained = bench.trained
    viability, why = _viability(trained, counted)
    found = [viability] if viability else []
    if why:
        missing.append(why)
    for programme in programmes(STRESS):
        axis, n = _programme(bench, programme, counted, trained)
        if axis:
            found.append(axis)
        else:
            missing.append(f"{programme.name} ({n} genes measured)")
    mean = _mean(trained[1], counted)
    found += [mean] if mean else []
    rows = np.asarray([a.row for a in found]).reshape(len(found), len(counted))
    kept, matrix = orthonormal(rows)
    rows, found = rows[kept], [found[i] for i in kept]
    return Axes(
        names=tuple(a.name for a in found),
        sources=tuple(a.source for a in found),
        matrix=matrix,
        missing=tuple(missing),
        alone=rows / np.linalg.norm(rows, axis=1, keepdims=True),
        size=tuple(int((row != 0).sum()) for row in rows),
        harm=tuple(a.harm for a in found),
    )


def _programme(
    bench: Bench, programme: Programme, counted: NDArray[np.bool_], trained: tuple[Conditions, Array]
) -> tuple[_Axis | None, int]:
    """A programme's axis, and how many of its genes are measured."""
    genes, known = bench.genes.tolist(), bench.knowledge
    column = {gene: i for i, gene in enumerate(genes)}
    members, source = programme.members(genes, known.gene_sets, known.genes)
    at = [column[m] for m in members if counted[column[m]]]
    if len(at) < LEAST_GENES:
        return None, len(at)
    table, effects = trained
    family = np.unique(table.perturbation, return_inverse=True)[1].reshape(-1).astype(np.int64)
    context = np.unique(table.context, return_inverse=True)[1].reshape(-1).astype(np.int64)
    shared = shared_weights(effects[:, at], context, family, np.random.default_rng(0))
    row = np.zeros(len(genes))
    row[at] = shared.weights
    learnt = f", weights from training with reliability {shared.reliability:.2f}" if shared.reliability > 0 else ""
    return _Axis(programme.name, f"{source}, {len(at)} genes{learnt}", row, programme.harm), len(at)


def _mean(trained: Array, counted: NDArray[np.bool_]) -> _Axis | None:
    """The mean effect of training, and how far it is noise: with few conditions it is no common response."""
    m = len(trained)
    if m < 2:
        return None
    mean = np.where(counted, trained.mean(axis=0), 0.0)
    whole = float(mean @ mean)
    if not whole > 0:
        return None
    spread = (float(np.einsum("ij,ij->", trained[:, counted], trained[:, counted])) / m - whole) / (m - 1)
    of = max(0.0, 1.0 - spread / whole)
    noisy = "" if of >= NOISY_MEAN else ", so mostly the accident of which they are"
    return _Axis(MEAN, f"{m:,} training conditions, reliability {of:.2f}{noisy}", mean, 0)


NOISY_MEAN = 0.5
"""Reliability of the mean over training conditions below which it is called an accident."""


def _viability(trained: tuple[Conditions, Array], counted: NDArray[np.bool_]) -> tuple[_Axis | None, str]:
    """The axis of viability, or why there is none; nothing is said where nobody labelled it."""
    table, effects = trained
    stated = table.annotation.get(VIABILITY)
    if stated is None:
        return None, ""
    number = np.asarray([_number(v) for v in stated.tolist()])
    ok = np.isfinite(number)
    family = np.unique(table.perturbation, return_inverse=True)[1].astype(np.int64)
    labelled = len(np.unique(family[ok]))
    if labelled < LEAST_LABELLED.value:
        return None, f"{VIABILITY} ({labelled} labelled training perturbations, {LEAST_LABELLED.value:g} are needed)"
    learnt = signature(np.where(counted, effects[ok], 0.0), number[ok], family[ok], np.random.default_rng(0))
    least = max(LEAST_RHO.value, LEAST_Z.value / np.sqrt(learnt.families - 1))
    if not learnt.rho >= least:
        return None, f"{VIABILITY} (Spearman {learnt.rho:.2f} in perturbations left out, {least:.2f} is needed)"
    source = f"labels of {labelled} training perturbations, Spearman {learnt.rho:.2f} where left out"
    return _Axis(VIABILITY, source, learnt.direction, -1), ""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


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
