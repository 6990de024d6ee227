"""Selectivity: in which contexts a perturbation acts, beyond how sensitive contexts are in general."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from vcassay.arrays.matching import codes_of, unit_rows
from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.specificity.matched import Layout, compare

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "selectivity"
CONTEXTS = Threshold("selectivity_contexts", 4, "with three, one sign is left beyond mean and general sensitivity")
LEAST = Threshold("selectivity_least", 5, "permutations of fewer perturbations cannot be told from the true order")
ROWS = 200
DIGITS = 9
"""Significant digits to which strengths differ; below it is rounding."""
WORDS = Wording(
    quantity="partial rank correlation over contexts of strength, given how sensitive contexts are,",
    unit="perturbations",
    permuted="perturbations",
    wanted="it would take more contexts, more rows a condition, or perturbations that act in some contexts only",
    remedy="It does not tell the contexts in which a perturbation acts from those in which it does little.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Grid(Layout):
    """A layout of perturbations by contexts: ``at`` holds positions of test conditions, -1 where there is none."""

    at: Codes


@diagnostic(NAME, title="Selectivity", source="rank correlation of strength over contexts, split halves; spec 6.7")
def selectivity(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """A perturbation is predicted to act in the contexts in which it does.

    Strength is the length of an effect along the perturbation's direction over the other contexts, so that noise has
    none. Strengths are ranked over contexts within each perturbation (treatments: doses apart); how sensitive
    contexts are in general, the mean rank of the other perturbations there, is taken out by regression, and what is
    left is correlated with the truth's (a prediction that is the same in all contexts counts 0). Whose ranks they are
    is permuted, the doses of a perturbation together. The truth's value is that of a perfect prediction, from the
    correlation of its halves. Not assessable with fewer than four test contexts a perturbation, or five perturbations.
    """
    if not bench.has_halves:
        return not_assessable(NAME, "the truth cannot be measured twice: it takes several rows.", bench.submissions)
    table = bench.table
    context, treatments = codes_of(table.context.tolist()), table.treatments
    treatment = codes_of(treatments)

    def lay(known: NDArray[np.bool_]) -> Grid | None:
        at = np.full((int(treatment.max(initial=-1)) + 1, int(context.max(initial=-1)) + 1), -1, dtype=np.int64)
        rows = np.flatnonzero(known)
        at[treatment[rows], context[rows]] = rows
        at = at[(at >= 0).sum(axis=1) >= CONTEXTS.value]
        if len(at) < LEAST.value:
            return None
        item = np.arange(len(at))
        first = at.max(axis=1)
        block = codes_of([treatments[i][0] for i in first.tolist()])
        return Grid(first, item, np.zeros(len(at), dtype=np.int64), block, at)

    def measure(arm: Arm, grid: Layout) -> list[tuple[Array, Array]]:
        assert isinstance(grid, Grid)
        if arm.role == TRUTH:
            return [(selective(a, grid.at), selective(b, grid.at)) for a, b in bench.halves()]
        return [(selective(arm.values, grid.at), selective(bench.truth.values, grid.at))]

    def tell(grid: Layout, truth: Array, model: Array | None) -> list[Mapping[str, Any]]:
        assert isinstance(grid, Grid)
        names, rows = table.perturbation[grid.rows].tolist(), []
        for i in np.argsort(-truth, kind="stable")[:ROWS].tolist():
            row = {"kind": "perturbation", "perturbation": names[i], "dose": float(table.dose[grid.rows[i]])}
            row |= {"contexts": float((grid.at[i] >= 0).sum()), "truth": float(truth[i])}
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


def selective(values: Array, at: Codes) -> Array:
    """Ranks of strength over contexts beyond the general sensitivity of contexts, as rows of unit length.

    Parameters
    ----------
    values
        (t, g) effects.
    at
        (p, c) rows of each perturbation and context, -1 where there is none.

    Returns
    -------
    (p, c); 0 where nothing is left, or there is no condition.
    """
    some = at >= 0
    strength = np.full(at.shape, np.nan)
    strength[some] = strengths(values, at)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 10.0 ** (DIGITS - np.ceil(np.log10(np.nanmax(np.abs(strength), axis=1, keepdims=True))))
    rounded = np.where(np.isfinite(scale), np.round(strength * np.where(np.isfinite(scale), scale, 0.0)), 0.0)
    counts = some.sum(axis=1, keepdims=True)
    rank = rankdata(np.where(some, rounded, np.nan), axis=1, nan_policy="omit")
    rank = np.where(some, (rank - (counts + 1) / 2) / counts, 0.0)
    others = some.sum(axis=0) - some
    general = (rank.sum(axis=0) - rank) / np.maximum(others, 1)
    general = np.where(some, general - (general * some).sum(axis=1, keepdims=True) / counts, 0.0)
    size = np.einsum("ij,ij->i", general, general)
    share = np.einsum("ij,ij->i", rank, general) / np.where(size > 0, size, 1.0)
    return unit_rows(rank - share[:, None] * general, rank)


def strengths(values: Array, at: Codes) -> Array:
    """Strength of each condition along the perturbation's mean direction over its other contexts.

    Returns
    -------
    (conditions of ``at``, row by row); 0 without a direction.
    """
    some = at >= 0
    rows, item = at[some], np.nonzero(some)[0]
    own = np.nan_to_num(values[rows])
    total = np.zeros((len(at), values.shape[1]))
    np.add.at(total, item, own)
    rest = total[item] - own
    length = np.sqrt(np.einsum("ij,ij->i", rest, rest))
    return np.asarray(np.einsum("ij,ij->i", own, rest) / np.where(length > 0, length, 1.0))
