"""Noise floors: what a distance between sets of cells is when there is nothing to find.

The floor of a set is the distance between two halves of it that share no cell, at the n at which it is compared. With
halves A, B of the truth and P, Q of a prediction, all of n cells,

    value     = (D(A, P) + D(B, Q)) / 2
    corrected = value - (D(A, B) + D(P, Q)) / 2

The finite-sample bias of D depends on the spread of either set; taking off the truth's floor alone would reward a
prediction of too little spread. With both, ``corrected`` is 0 on average for a perfect model, whatever D and n, and
therefore negative in about half of these cases: it is never clipped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.cellsets import CellSets, Codes, row_keys
from vcassay.arrays.energy import energy_between, energy_within
from vcassay.arrays.mmd import Kernel, mmd_between, mmd_within
from vcassay.arrays.sinkhorn import Regularisation, transport_between, transport_within
from vcassay.arrays.wasserstein import sliced_between, sorted_projections

Array = NDArray[np.float64]


class Measure(NamedTuple):
    """A distance of the form D = weight (2 between - within_x - within_y), term by term.

    Attributes
    ----------
    weight
        1 for the energy distance, -1 for MMD^2, 1/2 for the others.
    between
        (sets, sets, i, j) to (pairs,).
    within
        Sets to (m,).
    prepare
        Applied once to every set.
    """

    weight: float
    between: Callable[[CellSets, CellSets, Codes, Codes], Array]
    within: Callable[[CellSets], Array]
    prepare: Callable[[CellSets], CellSets] = lambda sets: sets


def energy_measure() -> Measure:
    """Energy distance, U-statistic."""
    return Measure(1.0, energy_between, energy_within)


def mmd_measure(kernel: Kernel) -> Measure:
    """Unbiased MMD^2."""
    return Measure(
        -1.0, lambda x, y, i, j: mmd_between(x, y, i, j, kernel=kernel), lambda x: mmd_within(x, kernel=kernel)
    )


def sinkhorn_measure(how: Regularisation) -> Measure:
    """Debiased Sinkhorn divergence."""
    return Measure(
        0.5, lambda x, y, i, j: transport_between(x, y, i, j, how=how), lambda x: transport_within(x, how=how)
    )


def sliced_measure(directions: Array) -> Measure:
    """Squared sliced Wasserstein distance."""
    return Measure(
        0.5, sliced_between, lambda x: np.zeros(len(x.size)), lambda sets: sorted_projections(sets, directions)
    )


class Halves(NamedTuple):
    """Two halves of each of m sets, with what every comparison of them needs.

    Attributes
    ----------
    a, b
        m sets each, prepared; equal sizes, no shared cells.
    within
        (m,) mean of the within terms of either half.
    floor
        (m,) distance between the halves.
    """

    a: CellSets
    b: CellSets
    within: Array
    floor: Array


def measure_halves(measure: Measure, a: CellSets, b: CellSets) -> Halves:
    """Work out once what every comparison with these sets shares."""
    a, b = measure.prepare(a), measure.prepare(b)
    within = (measure.within(a) + measure.within(b)) / 2.0
    every = np.arange(len(a.size))
    return Halves(a, b, within, 2.0 * measure.weight * (measure.between(a, b, every, every) - within))


class Comparison(NamedTuple):
    """(pairs,) distances, as measured and with both floors taken off."""

    value: Array
    corrected: Array


def compare_halves(measure: Measure, truth: Halves, other: Halves, i: Codes, j: Codes) -> Comparison:
    """Compare set i of ``truth`` with set j of ``other``, pair by pair.

    Returns
    -------
    `Comparison`; NaN where a term is.
    """
    between = (measure.between(truth.a, other.a, i, j) + measure.between(truth.b, other.b, i, j)) / 2.0
    value = measure.weight * (2.0 * between - truth.within[i] - other.within[j])
    return Comparison(value, value - (truth.floor[i] + other.floor[j]) / 2.0)


def noise_floor(cells: Array, distance: Callable[[Array, Array], float], rng: np.random.Generator) -> float:
    """Distance between two random halves of one set of cells.

    Parameters
    ----------
    cells
        (n, d); one cell is left out where n is odd.
    distance
        Any distance between two sets.

    Returns
    -------
    The distance at n / 2 cells a side; NaN below two cells.
    """
    n = len(cells) // 2
    if n == 0:
        return np.nan
    order = np.argsort(row_keys(cells, int(rng.integers(2**63))), kind="stable")
    return float(distance(cells[order[:n]], cells[order[n : 2 * n]]))
