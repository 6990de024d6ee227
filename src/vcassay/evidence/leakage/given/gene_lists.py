"""Gene lists made again from the cells of training, of all conditions and of the test set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.group_sums import add_rows
from vcassay.arrays.variable_genes import (
    dispersion_score,
    jaccard,
    percentile_dispersion_score,
    standardised_variance,
    top,
)
from vcassay.claim import Split
from vcassay.core.memo import once
from vcassay.effects import Effects
from vcassay.screen import CONTROL, Readout, Screen

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

TRAIN, TEST, CONTROLS, OTHER_CONTROLS, REST = range(5)
"""Groups of cells: of training and of test conditions, controls of contexts with and without training conditions, and
perturbed cells that have no role."""
GROUPS = 5
DEPTH = 1e4
SETS: Mapping[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "training": (
        ("training conditions", (TRAIN,)),
        ("training conditions with their contexts' controls", (TRAIN, CONTROLS)),
        ("training conditions with all controls", (TRAIN, CONTROLS, OTHER_CONTROLS)),
        ("controls", (CONTROLS, OTHER_CONTROLS)),
        ("controls of training contexts", (CONTROLS,)),
    ),
    "all": (
        ("all cells", (TRAIN, TEST, CONTROLS, OTHER_CONTROLS, REST)),
        ("all perturbed cells", (TRAIN, TEST, REST)),
    ),
    "test": (
        ("test conditions", (TEST,)),
        ("test conditions with controls of new contexts", (TEST, OTHER_CONTROLS)),
        ("test conditions with all controls", (TEST, CONTROLS, OTHER_CONTROLS)),
    ),
}
"""Sets of cells from which a list may come; those of ``training`` do not hold the test set's responses."""


@dataclass(frozen=True, slots=True, eq=False)
class CellMoments:
    """Sums over the cells of each group.

    Attributes
    ----------
    cells
        (groups,) cells.
    scaled, logged, counts
        (groups, 2, g) sums and sums of squares of values scaled to one depth, of their log1p, and of counts; ``counts``
        is ``None`` for a screen of logged values.
    """

    cells: Codes
    scaled: Array
    logged: Array
    counts: Array | None

    def scores(self, groups: tuple[int, ...]) -> dict[str, Array]:
        """(g,) scores of the usual recipes over the cells of some groups; none with fewer than two cells."""
        n = int(self.cells[list(groups)].sum())
        if n < 2:
            return {}
        scaled, logged = (_moments(x[list(groups)].sum(axis=0), n) for x in (self.scaled, self.logged))
        out = {
            "dispersion (Seurat)": dispersion_score(*scaled),
            "dispersion (Cell Ranger)": percentile_dispersion_score(*scaled),
            "variance of log values": logged[1],
        }
        if self.counts is not None:
            moments = _moments(self.counts[list(groups)].sum(axis=0), n)
            out["standardised variance (Seurat v3)"] = standardised_variance(*moments)
        return out


def _moments(sums: Array, n: int) -> tuple[Array, Array]:
    mean = sums[0] / n
    return mean, np.maximum(sums[1] - n * mean**2, 0.0) / (n - 1)


def cell_groups(screen: Screen, split: Split) -> Codes:
    """(rows,) group of each row; -1 for rows that are left out."""
    table = screen.table
    at = table.conditions.locate(split.conditions)
    of_condition = np.full(len(table.conditions) + 1, REST, dtype=np.int64)
    for index, group in ((split.train, TRAIN), (split.test, TEST)):
        of_condition[at[index][at[index] >= 0]] = group
    trained = np.isin(np.asarray(table.pool_context, dtype=str), np.unique(split.conditions.context[split.train]))
    out = np.where(table.condition >= 0, of_condition[np.maximum(table.condition, 0)], -1)
    control = table.condition == CONTROL
    own = np.where(trained[np.maximum(table.pool, 0)], CONTROLS, OTHER_CONTROLS)
    return np.asarray(np.where(control, own, out), dtype=np.int64)


@once
def _moments_by_role(screen: Screen, split: Split) -> CellMoments:
    """Walk over the cells once for the lists of the screen and of all models."""
    return cell_moments(screen, cell_groups(screen, split))


def cell_moments(screen: Screen, group: Codes) -> CellMoments:
    """Walk over the cells once, row by row in order: the same bits whatever the size of a chunk."""
    counted = screen.design.readout is Readout.COUNTS
    sums = np.zeros((GROUPS, screen.adata.n_vars, 6))
    for start, block in screen.chunks():
        csr = sp.csr_matrix(block)
        own = group[start : start + csr.shape[0]]
        add_rows(csr.data, csr.indices, csr.indptr, own, DEPTH, counted, sums)
    scaled, logged, counts = (np.moveaxis(sums[..., k : k + 2], 2, 1) for k in (0, 2, 4))
    cells = np.bincount(group[group >= 0], minlength=GROUPS)
    return CellMoments(cells, scaled, logged, counts if counted else None)


def effect_scores(effects: Effects, index: Codes) -> dict[str, Array]:
    """(g,) scores by which differentially expressed genes are chosen, over some conditions; none without them."""
    if not len(index):
        return {}
    delta = np.nan_to_num(effects.delta[index])
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num(delta / effects.se[index], nan=0.0, posinf=0.0, neginf=0.0)
    return {
        "mean size of the effect": np.abs(delta).mean(axis=0),
        "mean significance of the effect": np.abs(z).mean(axis=0),
    }


@dataclass(frozen=True, slots=True)
class Match:
    """How near a list comes to one made again: by which recipe, from which cells, and the genes that it chose."""

    recipe: str
    cells: str
    origin: str
    jaccard: float
    genes: Mask


def compare_lists(supplied: Mask, screen: Screen, split: Split, effects: Effects) -> tuple[Match, ...]:
    """Make lists of the same length by the usual recipes from the cells of training, of all conditions and of the test.

    Parameters
    ----------
    supplied
        (g,) genes of the list, in the screen's order.

    Returns
    -------
    One match a recipe and set of cells; sets without cells, or equal to an earlier one, are left out.
    """
    order = np.argsort(screen.genes, kind="stable")  # ties are broken by name
    back = np.argsort(order, kind="stable")
    moments = _moments_by_role(screen, split)
    k = int(supplied.sum())
    matches: list[Match] = []

    def add(scores: Mapping[str, Array], cells: str, origin: str) -> None:
        for recipe, score in scores.items():
            chosen = top(score[order], k)[back]
            matches.append(Match(recipe, cells, origin, jaccard(supplied, chosen), chosen))

    used: set[tuple[int, ...]] = set()
    for origin, sets in SETS.items():
        for cells, groups in sets:
            held = tuple(i for i in groups if moments.cells[i])
            if held and held not in used:
                used.add(held)
                add(moments.scores(held), cells, origin)
    every = np.union1d(split.train, split.test)
    for origin, index in (("training", split.train), ("all", every), ("test", split.test)):
        add(effect_scores(effects, index), f"effects of {origin} conditions", origin)
    return tuple(matches)


def sign_test(supplied: Mask, leaked: Mask, sound: Mask) -> float:
    """One-sided p-value that a list sides with one recomputed list no more than with another where these differ."""
    differ = leaked != sound
    n = int(differ.sum())
    return (
        float(scipy.stats.binomtest(int((supplied == leaked)[differ].sum()), n, alternative="greater").pvalue)
        if n
        else 1.0
    )


def best(matches: Iterable[Match]) -> Match | None:
    """The nearest of some matches; the first of equals."""
    return max(matches, key=lambda m: m.jaccard, default=None)
