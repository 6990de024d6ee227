"""Asked: signed scores of expected sets for every agent in every context, of one arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from vcassay.arrays.matched_sets import draw_matched, matched_scores
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.pathway.covered import Covered
from vcassay.evidence.biology.pathway.grid import Grid, make_grid

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Of one arm, on the conditions in use.

    Attributes
    ----------
    cells
        Cells of the grid that have one.
    values
        (len(cells), g) mean effects over their doses.
    z
        (p, c, k) standard deviations by which each set lies above its matched random sets; NaN where not measured, 0
        for an effect that is the same on all genes.
    """

    cells: Codes
    values: Array
    z: Array

    @property
    def rank(self) -> Array:
        """(p, c, k) share of matched random sets below the expected one: an area under the ROC curve, .5 by chance."""
        return np.asarray(special.ndtr(self.z))


def in_use(bench: Bench) -> tuple[Mask, Mask]:
    """Which test conditions are averaged in each cell: those with a detectable effect, else all that are measured.

    Returns
    -------
    (t,) conditions, and (p, c) cells with a detectable effect, or of which that is not known.
    """
    grid, known = make_grid(bench), bench.truth.known & (bench.agent >= 0)
    live = known & ~bench.silent
    cells = np.zeros(grid.shape[0] * grid.shape[1] + 1, dtype=bool)  # the last is that of combinations
    cells[grid.cells(live)] = True
    return np.asarray(live | (known & ~cells[grid.cell])), cells[:-1].reshape(grid.shape)


def ask(bench: Bench, covered: Covered, values: Array, use: Mask) -> Scores:
    """Score every expected set in every cell, those of agents that no expectation covers too."""
    grid = make_grid(bench)
    cells = grid.cells(use)
    mean = grid.mean(values, use, cells)
    z = np.nan_to_num(matched_scores(mean, covered.weights, covered.bins))
    z[~np.isfinite(mean).all(axis=1)] = np.nan
    return Scores(cells, mean, grid.table(z, cells))


def draw_ranks(
    grid: Grid, covered: Covered, scores: Scores, cell: tuple[Mask, Array], column: int, random: Array
) -> tuple[Array, Array]:
    """Mean rank, and mean z, of random sets over the cells of one expectation.

    Parameters
    ----------
    cell
        (p, c) cells that are asked, and (p, c) 1 or -1 for what is expected there.
    random
        (g, draws) matched random sets.

    Returns
    -------
    Ranks and z, each (agents asked, draws): means over the contexts of each agent, agents in order.
    """
    asked, sign = cell
    p, c = np.nonzero(asked)
    place = np.searchsorted(scores.cells, p * grid.shape[1] + c)
    z = np.nan_to_num(matched_scores(scores.values[place], random, covered.bins)) * sign[p, c][:, None]
    _, start = np.unique(p, return_index=True)
    count = np.diff([*start, len(p)])[:, None]
    return np.add.reduceat(special.ndtr(z), start, axis=0) / count, np.add.reduceat(z, start, axis=0) / count


def random_sets(bench: Bench, covered: Covered, draws: int, rng: np.random.Generator) -> list[Array]:
    """Matched random sets of every expectation; all arms see the same ones, whatever the order of the genes."""
    order = np.argsort(bench.genes)
    home = np.argsort(order)
    weights, bins = covered.weights[order], covered.bins[order]
    return [draw_matched(weights[:, j], bins, draws, rng)[home] for j in range(len(covered.rows))]
