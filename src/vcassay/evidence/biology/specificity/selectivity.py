"""Selectivity: in which contexts a perturbation acts, beyond how sensitive contexts are in general."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import codes_of
from vcassay.arrays.matching import to_whole
from vcassay.arrays.unit_rows import unit_rows
from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.quarters import QUARTERS, quarters
from vcassay.evidence.biology.specificity.matched import Layout, compare, treatments_of

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "selectivity"
CONTEXTS = Threshold("selectivity_contexts", 4, "with three, one sign is left beyond mean and general sensitivity")
LEAST = Threshold("selectivity_least", 5, "permutations of fewer perturbations cannot be told from the true order")
ROWS = 200
WORDS = Wording(
    quantity="correlation over contexts of squared effect size, given how sensitive contexts are in general,",
    unit="perturbations",
    permuted="perturbations",
    wanted="it would take more contexts, more rows a condition, or perturbations that act in some contexts only",
    remedy="It does not tell the contexts in which a perturbation acts from those in which it does little.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Grid(Layout):
    """A layout of perturbations by contexts: ``at`` holds positions of test conditions, -1 where there is none."""

    at: Codes = field(kw_only=True)


@diagnostic(
    NAME,
    title="Selectivity",
    source="our own (docs/biology.md): effect sizes over contexts, from disjoint quarters of the rows",
)
def selectivity(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """A perturbation is predicted to act in the contexts in which it does.

    Squared sizes of effects are compared over the contexts of each perturbation (treatments: doses apart). How
    sensitive contexts are in general, the mean size of the other perturbations there, is taken out by regression, and
    what is left is correlated with the truth's (a prediction of one size in all contexts counts 0). The truth's sizes
    are products of disjoint parts of its rows, with controls of their own: a square would be larger where there are
    fewer rows. Whose sizes they are is permuted, the doses of a perturbation together. The truth's value is that of a
    perfect prediction, from the correlation of its halves. Not assessable with fewer than four test contexts a
    perturbation, with fewer than five perturbations, or where rows cannot be parted in four.
    """
    if not bench.has_halves:
        return not_assessable(NAME, "the truth cannot be measured twice: it takes several rows.", bench.submissions)
    if len(bench.split.scored_shards) < QUARTERS:
        why = "the rows that are scored cannot be parted in four."
        return not_assessable(NAME, why, bench.submissions)
    table, parts = bench.table, squared_sizes(bench)
    measured = np.all([np.isfinite(v) for pair in parts for v in pair], axis=0)
    context, treatments = codes_of(table.context.tolist()), treatments_of(table)
    treatment = codes_of(treatments)

    def lay(known: NDArray[np.bool_]) -> Grid | None:
        at = np.full((int(treatment.max(initial=-1)) + 1, int(context.max(initial=-1)) + 1), -1, dtype=np.int64)
        rows = np.flatnonzero(known & measured)
        at[treatment[rows], context[rows]] = rows
        at = at[(at >= 0).sum(axis=1) >= CONTEXTS.value]
        first = at.max(axis=1, initial=-1)
        block = codes_of([treatments[i][0] for i in first.tolist()])
        if len(set(block.tolist())) < LEAST.value:
            return None
        item = np.arange(len(at))
        return Grid(first, item, np.zeros(len(at), dtype=np.int64), block, at=at)

    truth = bench.effects.size[bench.split.test] * bench.mask.sum(axis=1)

    def measure(arm: Arm, grid: Layout) -> list[tuple[Array, Array]]:
        assert isinstance(grid, Grid)
        if arm.role == TRUTH:
            return [(selective(a, grid.at), selective(b, grid.at)) for a, b in parts]
        size = np.einsum("ij,ij->i", arm.values, arm.values)
        return [(selective(size, grid.at), selective(truth, grid.at))]

    def tell(grid: Layout, own: Array, model: Array | None) -> list[Mapping[str, Any]]:
        assert isinstance(grid, Grid)
        names = table.perturbation[grid.rows].tolist()
        rows: list[Mapping[str, Any]] = []
        for i in np.argsort(-own, kind="stable")[:ROWS].tolist():
            row = {"kind": "perturbation", "perturbation": names[i], "dose": float(table.dose[grid.rows[i]])}
            row |= {"contexts": float((grid.at[i] >= 0).sum()), "truth": float(to_whole(own[i]))}
            rows.append(row if model is None else row | {"model": float(model[i])})
        return rows

    contrast = compare(bench, rng, lay, measure, tell)
    if contrast is None:
        why = (
            f"fewer than {LEAST.value:g} perturbations were tested in {CONTEXTS.value:g} contexts or more: "
            "it would take a test set with several contexts."
        )
        return not_assessable(NAME, why, bench.submissions)
    return judge(NAME, bench, contrast, WORDS)


def selective(size: Array, at: Codes) -> Array:
    """Sizes over contexts beyond the general sensitivity of contexts, as rows of unit length.

    Parameters
    ----------
    size
        (t,) squared effect sizes, unbiased: factors of perturbation and context then leave nothing but noise.
    at
        (p, c) rows of each perturbation and context, -1 where there is none.

    Returns
    -------
    (p, c); 0 where nothing is left, or there is no condition.
    """
    some = at >= 0
    own = np.where(some, np.nan_to_num(size)[at], 0.0)
    count = np.maximum(some.sum(axis=1, keepdims=True), 1)

    def middle(rows: Array) -> Array:
        return np.where(some, rows - (rows * some).sum(axis=1, keepdims=True) / count, 0.0)

    others = some.sum(axis=0) - some
    general = middle((own.sum(axis=0) - own) / np.maximum(others, 1))
    left = middle(own)
    of = np.einsum("ij,ij->i", general, general)
    share = np.einsum("ij,ij->i", left, general) / np.where(of > 0, of, 1.0)
    return unit_rows(left - share[:, None] * general, own)


def squared_sizes(bench: Bench) -> list[tuple[Array, Array]]:
    """Two (t,) squared sizes of the truth that share neither rows nor controls, the three ways of pairing quarters.

    The product of two quarters' effects has no noise in it, whatever the number of rows; NaN where it is undefined.
    """
    part = quarters(bench)

    def product(i: int, j: int) -> Array:
        return np.asarray(np.einsum("ij,ij->i", part[i], part[j]))

    return [(product(0, i), product(*(j for j in (1, 2, 3) if j != i))) for i in (1, 2, 3)]
