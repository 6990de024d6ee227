"""Template: what the screen tells of test conditions besides their effects; for probes alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import N_SHARDS
from vcassay.claim import Split
from vcassay.effects import Effects
from vcassay.evidence.baselines.task import Task
from vcassay.screen import Readout, Screen

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Numbers of rows, depth and batches of training and wanted conditions.

    Attributes
    ----------
    rows_train, rows
        (n,) and (t,) numbers of rows.
    depth_train, depth
        (n,) and (t,) mean total count a row; NaN where values are no counts.
    batches
        B names; empty where the screen has no batches.
    share_train, share
        (n, B) and (t, B) share of each condition's rows in each batch.
    """

    rows_train: Array
    rows: Array
    depth_train: Array
    depth: Array
    batches: tuple[str, ...]
    share_train: Array
    share: Array


def blank(task: Task) -> Template:
    """The template of a task of which nothing but the effects is known."""
    n, t = (np.full(len(table), np.nan) for table in (task.train, task.wanted))
    return Template(n, t, n, t, (), np.zeros((len(n), 0)), np.zeros((len(t), 0)))


def make_template(screen: Screen, effects: Effects, split: Split, task: Task) -> Template:
    """Fill the template of a task from the design and the sums of the one pass; the matrix is not read again.

    Where rows of a condition lie on both sides of the split, the training side is that of the shards that are not
    scored.

    Parameters
    ----------
    effects
        Of this screen.
    task
        Whose ``train`` and ``wanted`` the rows of the template are.
    """
    scored = split.scored_shards
    other = tuple(s for s in range(N_SHARDS) if s not in scored)
    both = np.zeros(len(effects.conditions), dtype=bool)
    both[split.both_sides] = bool(other)
    every = tuple(range(N_SHARDS))
    train, wanted = effects.conditions.locate(task.train), effects.conditions.locate(task.wanted)
    counts = [_Counts.of(screen, effects, shards) for shards in (every, other)]
    of_train = counts[0].take(train) if not both[train].any() else counts[0].mixed(counts[1], both, train)
    of_test = (counts[0] if scored == every else _Counts.of(screen, effects, scored)).take(wanted)
    return Template(
        rows_train=of_train.rows,
        rows=of_test.rows,
        depth_train=of_train.depth,
        depth=of_test.depth,
        batches=screen.table.batches if len(screen.table.batches) > 1 else (),
        share_train=of_train.share,
        share=of_test.share,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """(n,) rows, (n,) mean total counts and (n, B) shares of batches, of the rows in some shards."""

    rows: Array
    depth: Array
    share: Array

    @classmethod
    def of(cls, screen: Screen, effects: Effects, shards: tuple[int, ...]) -> _Counts:
        moments = effects.moments
        n, wide = len(effects.conditions), len(screen.table.batches)
        at = list(shards)
        rows = moments.rows[:, at].sum(axis=1).astype(np.float64)
        depth = np.full(n, np.nan)
        if screen.design.readout is Readout.COUNTS and moments.sizes.shape[-1] == 1:
            total = moments.sizes[:, at, 0].sum(axis=1)
            depth = np.where(rows > 0, total / np.maximum(rows, 1.0), np.nan)
        if wide < 2:
            return cls(rows, depth, np.zeros((n, 0)))
        slot, batch = moments.slots.perturbed, screen.table.batch
        use = (slot >= 0) & (batch >= 0) & np.isin(slot % N_SHARDS, at)
        cells = np.bincount(slot[use] // N_SHARDS * wide + batch[use], minlength=n * wide).reshape(n, wide)
        return cls(rows, depth, cells / np.maximum(cells.sum(axis=1, keepdims=True), 1))

    def take(self, at: Codes) -> _Counts:
        return _Counts(self.rows[at], self.depth[at], self.share[at])

    def mixed(self, other: _Counts, where: NDArray[np.bool_], at: Codes) -> _Counts:
        """Rows ``at``, from ``other`` where a condition says so."""
        here = where[at]
        mine, theirs = self.take(at), other.take(at)
        return _Counts(
            np.where(here, theirs.rows, mine.rows),
            np.where(here, theirs.depth, mine.depth),
            np.where(here[:, None], theirs.share, mine.share),
        )
