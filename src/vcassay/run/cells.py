"""Cells: measured and predicted cells of the test conditions, drawn and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.cellsets import row_keys
from vcassay.arrays.shards import N_SHARDS, TRAINING, hash_names
from vcassay.claim import Split
from vcassay.effects import Effects
from vcassay.effects.distances import MIN_HALF_CELLS
from vcassay.effects.distributions import Distributions, DrawnCells, Values, control_copy, halved
from vcassay.evidence.metrics import Panel
from vcassay.evidence.metrics.ceilings.cell_references import perfect_cells
from vcassay.prediction import Answer
from vcassay.screen import Readout, Rows, Screen

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CONDITIONS = 300
"""Conditions whose cells are compared, in proportion over contexts and effect-size strata, where there are more."""
CELLS = 128
"""Cells of a condition that are compared."""
POOL_CELLS = 256
"""Control cells of each pool that are compared, at least."""
FIT_CELLS = 4096
"""Control cells, and as many perturbed training cells, to which components are fitted."""
MIN_FEATURES = 2
BLOCK = 64
"""Conditions whose predicted cells are in memory before some are drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class CellScores:
    """What the cells of a study tell.

    Attributes
    ----------
    answers
        Answer to name (see `vcassay.effects.distributions.NAMES`) to (t,) values or ratios.
    control, replicate
        The same of a copy of the controls, and of one half of the measured cells against the other half.
    chosen
        (t,) conditions that are compared.
    reason
        Why nothing is compared; empty otherwise.
    """

    answers: Mapping[str, Mapping[str, Values]] = field(default_factory=dict)
    control: Mapping[str, Values] | None = None
    replicate: Mapping[str, Values] | None = None
    chosen: NDArray[np.bool_] | None = None
    reason: str = ""


NO_CELLS = "the model predicts no cells"
QUICK = "comparing cells is left out of a quick assessment"
NO_CHANGE = "no_change"
"""The baseline whose cells are a copy of the controls."""


def with_cells(panel: Panel, answers: Mapping[str, Answer], scores: CellScores) -> tuple[Panel, dict[str, Answer]]:
    """Hand the comparison of cells to the answers, and to the panel what a perfect model would get.

    The baseline of no change gets that of a copy of the controls.
    """
    panel = replace(panel, missing={**panel.missing, "cells": scores.reason or NO_CELLS})
    out = {name: replace(answer, cells=scores.answers.get(name)) for name, answer in answers.items()}
    if scores.control is None:
        return panel, out
    if NO_CHANGE in out:
        out[NO_CHANGE] = replace(out[NO_CHANGE], cells=scores.control)
    return replace(panel, perfect_cells=perfect_cells(scores.control)), out


def score_cells(
    screen: Screen,
    effects: Effects,
    split: Split,
    answers: Mapping[str, Answer],
    *,
    seed: int,
    progress: Callable[[str], None] = lambda step: None,
) -> CellScores:
    """Compare the cells of every answer that has some with the measured cells.

    Cells are compared as log1p of counts scaled to the depth of the profiles, or as the readout has them, in the genes
    that are scored and that all of these answers predict. At most `CONDITIONS` conditions take part, and `CELLS` cells
    of each; they are drawn by their names (predicted cells by their values) and the seed, never by their position.

    Parameters
    ----------
    answers
        Submissions, matched to the test conditions of the split.
    """
    asked = {name: answer for name, answer in answers.items() if answer.sampled is not None}
    if not asked:
        return CellScores(reason=NO_CELLS)
    if screen.design.rows is not Rows.CELLS:
        return CellScores(reason="rows of the screen are not cells")
    least = 2 * int(MIN_HALF_CELLS.value)
    draw = _Draw(screen, effects, split, seed)
    if not draw.conditions.size:
        return CellScores(reason=f"no test condition has {least} measured cells")
    if len(draw.training) < 2 or not len(draw.control):
        return CellScores(reason="there are no control cells that training may see")
    progress("comparing cells")
    genes = np.flatnonzero(effects.mask[split.test].any(axis=0) & np.all([a.genes for a in asked.values()], axis=0))
    counts = [a.sampled.counts for a in asked.values() if a.sampled is not None]
    if len(genes) < MIN_FEATURES:
        return CellScores(reason=f"{len(genes)} features have no distribution to compare")
    whole = np.all([a.genes for a in asked.values()], axis=0) if all(counts) else np.ones(len(effects.genes), bool)
    scale = _Scale(genes, whole, effects.moments.target_sum)
    truth, control, training = _measured(screen, draw, scale)
    if not all(np.isfinite(part.data).all() for part in (truth.values, control.values, training)):
        return CellScores(reason="measured cells have missing values")
    pool = screen.table.condition_pool[split.test[draw.conditions]].astype(np.int64)
    pools, pool = np.unique(pool, return_inverse=True)
    at = np.searchsorted(pools, control.code)
    use = (at < len(pools)) & (pools[np.minimum(at, len(pools) - 1)] == control.code)
    control = control.take(np.flatnonzero(use))._replace(code=at[use])
    here = Distributions(truth, control, training, pool, seed=seed, n_max=CELLS // 2)
    t = len(split.test)

    def spread(values: Mapping[str, Values]) -> dict[str, Values]:
        return {name: _spread(v, draw.conditions, t) for name, v in values.items()}

    found = {name: spread(here.compare(_predicted(a, draw, scale, seed))) for name, a in asked.items()}
    copy = spread(here.compare(control_copy(control, pool, CELLS)))
    one, other = halved(truth)
    twice = Distributions(one, control, training, pool, seed=seed, n_max=CELLS // 2)
    chosen = np.zeros(t, dtype=bool)
    chosen[draw.conditions] = True
    return CellScores(found, copy, spread(twice.compare(other)), chosen)


def _spread(values: Values, at: Codes, t: int) -> Values:
    """Values of some conditions as values of all, NaN for the others."""
    if isinstance(values, Ratio):
        return Ratio(*(np.asarray(_spread(part, at, t)) for part in values))
    out = np.full(t, np.nan)
    out[at] = values
    return out


class _Scale(NamedTuple):
    """How cells become comparable: scored genes, genes that make the depth, and the depth (``None``: as they are)."""

    genes: Codes
    depth: NDArray[np.bool_]
    target_sum: float | None

    def __call__(self, cells: sp.csr_matrix, *, counts: bool) -> sp.csr_matrix:
        cells = sp.csr_matrix(cells, dtype=np.float64)
        out = sp.csr_matrix(cells[:, self.genes])
        if counts and self.target_sum is not None:
            total = np.asarray(cells @ self.depth.astype(np.float64)).ravel()
            factor = np.where(total > 0, self.target_sum / np.where(total > 0, total, 1.0), 0.0)
            out.data = np.log1p(out.data * np.repeat(factor, np.diff(out.indptr)))
        return out


class _Draw:
    """Which rows of the screen take part.

    Attributes
    ----------
    conditions
        Positions among the test conditions, ascending.
    truth, code
        Rows of the screen, and the position of their condition in ``conditions``.
    control, pool
        Rows that training may see, and their pools.
    training
        Rows to which components are fitted.
    """

    def __init__(self, screen: Screen, effects: Effects, split: Split, seed: int) -> None:
        slots = effects.moments.slots
        key = hash_names(np.asarray(screen.adata.obs_names, dtype=str), seed)
        test = np.full(len(effects.conditions), -1, dtype=np.int64)
        test[split.test] = np.arange(len(split.test))
        condition, shard = slots.perturbed // N_SHARDS, slots.perturbed % N_SHARDS
        perturbed = slots.perturbed >= 0
        held_out = np.isin(shard, split.test_shards) if split.test_shards else np.ones(len(shard), dtype=bool)
        at = np.flatnonzero(perturbed & held_out)
        at = at[test[condition[at]] >= 0]
        size = np.bincount(test[condition[at]], minlength=len(split.test))
        able = np.flatnonzero(size >= 2 * MIN_HALF_CELLS.value)
        context, stratum = effects.conditions.context[split.test], effects.stratum[split.test]
        groups = np.array([f"{c}\n{s}" for c, s in zip(context, stratum, strict=True)], dtype=str)
        ids = hash_names(np.asarray(effects.conditions.take(split.test).ids, dtype=str), seed)
        self.conditions = able[in_proportion(groups[able], ids[able], CONDITIONS)]
        position = np.full(len(split.test), -1, dtype=np.int64)
        position[self.conditions] = np.arange(len(self.conditions))
        code = position[test[condition[at]]]
        at, code = at[code >= 0], code[code >= 0]
        self.truth, self.code = _first(at, code, key, CELLS)

        control = np.flatnonzero(slots.atom >= 0)
        pool = slots.atom[control] // max(slots.n_atoms, 1)
        seen = np.isin(slots.shard[control], TRAINING) | slots.shared_pool[pool]
        control, pool = control[seen], pool[seen]
        each = max(POOL_CELLS, FIT_CELLS // max(len(np.unique(pool)), 1))
        self.control, self.pool = _first(control, pool, key, each)
        learnt = np.zeros(len(effects.conditions), dtype=bool)
        learnt[split.train] = True
        train = np.flatnonzero(perturbed & ~(held_out & (test[condition] >= 0)))
        train = train[learnt[condition[train]]]
        fit = [_first(rows, np.zeros(len(rows), np.int64), key, FIT_CELLS)[0] for rows in (self.control, train)]
        self.training = np.concatenate(fit)


def in_proportion(group: NDArray[np.str_], key: NDArray[np.uint64], limit: int) -> Codes:
    """Positions of at most ``limit`` of the items, in proportion from each group, drawn by their keys; ascending."""
    order = np.lexsort((key, group))
    _, start, size = np.unique(group[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(start, size)
    place = (rank + 0.5) / np.repeat(size, size)
    return np.sort(order[np.lexsort((key[order], place))[:limit]])


def _first(rows: Codes, code: Codes, key: NDArray[np.uint64], limit: int) -> tuple[Codes, Codes]:
    """The first rows of each code by their keys, code after code."""
    order = np.lexsort((key[rows], code))
    rows, code = rows[order], code[order]
    rank = np.arange(len(rows)) - np.searchsorted(code, code)
    return rows[rank < limit], code[rank < limit]


def _halves(code: Codes) -> Codes:
    """Deal consecutive rows of each code into halves."""
    return (np.arange(len(code)) - np.searchsorted(code, code)) % 2


def _measured(screen: Screen, draw: _Draw, scale: _Scale) -> tuple[DrawnCells, DrawnCells, sp.csr_matrix]:
    """Gather the drawn rows in one walk over the screen."""
    wanted = np.unique(np.concatenate([draw.truth, draw.control, draw.training]))
    counts = screen.design.readout is Readout.COUNTS
    parts: list[sp.csr_matrix] = []
    for start, block in screen.chunks():
        low, high = np.searchsorted(wanted, [start, start + block.shape[0]])
        if high > low:
            parts.append(scale(sp.csr_matrix(block[wanted[low:high] - start]), counts=counts).astype(np.float32))
    cells = sp.csr_matrix(sp.vstack(parts, format="csr"), dtype=np.float32)

    def take(rows: Codes) -> sp.csr_matrix:
        return sp.csr_matrix(cells[np.searchsorted(wanted, rows)])

    truth = DrawnCells(take(draw.truth), draw.code, _halves(draw.code))
    return truth, DrawnCells(take(draw.control), draw.pool, _halves(draw.pool)), take(draw.training)


def _predicted(answer: Answer, draw: _Draw, scale: _Scale, seed: int) -> DrawnCells:
    """Draw the cells of an answer, a block of conditions at a time."""
    source = answer.sampled
    assert source is not None
    nothing: Any = (0, len(scale.genes))
    parts, codes = [sp.csr_matrix(nothing, dtype=np.float32)], [np.empty(0, np.int64)]
    position = np.full(len(answer.state) + 1, -1, dtype=np.int64)
    position[draw.conditions] = np.arange(len(draw.conditions))
    code = position[source.condition]
    with source.open() as read:
        for rows in _blocks(code, len(draw.conditions)):
            cells = scale(read(rows), counts=source.counts)
            keys = row_keys(cells, seed)
            first, own = _first(np.arange(len(rows)), code[rows], keys, CELLS)
            parts.append(sp.csr_matrix(cells[first], dtype=np.float32))
            codes.append(own)
    drawn = np.concatenate(codes)
    return DrawnCells(sp.csr_matrix(sp.vstack(parts, format="csr")), drawn, _halves(drawn))


def _blocks(code: Codes, n: int) -> Iterator[Codes]:
    """Rows of `BLOCK` conditions at a time."""
    order = np.argsort(code, kind="stable")
    for low in range(0, n, BLOCK):
        first, last = np.searchsorted(code[order], [low, min(low + BLOCK, n)])
        if last > first:
            yield np.sort(order[first:last])
