"""Slots: which accumulator each row of the screen is added to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import HELD_OUT, N_SHARDS, deal, hash_names
from vcassay.core import Threshold
from vcassay.screen import CONTROL, Rows, Screen

ATOMS = (256, 64)
"""Parts into which a pool's controls are dealt for pseudo-perturbations (multiples of the shards):
the finer number while its sums stay below `ATOM_BYTES`."""
ATOM_BYTES = 512 * 2**20

MIN_BATCH_CONTROLS = Threshold("min_batch_controls", 8, "one control row a shard: every split half has controls")
MIN_BATCH_REPLICATES = Threshold("min_batch_replicates", 4, "two control wells for scoring, two for training")
MIN_POOL_CONTROLS = Threshold("min_pool_controls", 4, "two control rows for scoring, two for training")

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Rows to accumulators.

    Attributes
    ----------
    perturbed
        (rows,) condition x 8 + shard; -1 for other rows.
    batch_control
        (rows,) batch group x 8 + shard of control rows in batches matched on their own; else -1.
    atom
        (rows,) pool x ``n_atoms`` + atom of control rows; -1 for others.
    shard
        (rows,) shard of every row.
    group_of
        (pools, batches) control group that a batch's rows are matched to: its own, or the pool's.
        Batch groups come first, then one group a pool.
    shared_pool
        (pools,) whether control rows are too few to reserve any: scoring and training share them.
    rows, control_rows
        (n,) perturbed rows of each condition, (pools,) control rows of each pool.
    matched
        (n,) share of a condition's rows matched within batch (1 where the pool is one batch).
    """

    perturbed: Codes
    batch_control: Codes
    atom: Codes
    shard: Codes
    group_of: Codes
    shared_pool: NDArray[np.bool_]
    rows: Codes
    control_rows: Codes
    matched: NDArray[np.float64]
    n_batch_groups: int
    n_atoms: int

    @property
    def n_conditions(self) -> int:
        """Number of perturbed conditions."""
        return len(self.rows)

    @property
    def n_groups(self) -> int:
        """Number of control groups; 0 for ready-made effects."""
        return self.n_batch_groups + len(self.control_rows)

    @property
    def whole_pool(self) -> Codes:
        """(pools,) the group of each whole pool."""
        return self.n_batch_groups + np.arange(len(self.control_rows))

    @property
    def store_sizes(self) -> tuple[int, int, int]:
        """Rows of the accumulators of conditions, batch groups and atoms."""
        return (self.n_conditions * N_SHARDS, self.n_batch_groups * N_SHARDS, len(self.control_rows) * self.n_atoms)

    @property
    def store_slots(self) -> tuple[Codes, Codes, Codes]:
        """Slot of each row in the three accumulators."""
        return (self.perturbed, self.batch_control, self.atom)


def make_slots(screen: Screen, seed: int) -> Slots:
    """Deal the rows of a screen.

    Parameters
    ----------
    seed
        Another seed deals the rows of every group anew.
    """
    table, design = screen.table, screen.design
    hashes = hash_names(np.asarray(screen.adata.obs_names, dtype=str), seed)
    n, pools = len(table.conditions), len(table.pools) if design.rows is not Rows.EFFECTS else 0
    is_control = table.condition == CONTROL
    is_perturbed = table.condition >= 0
    shard = np.zeros(screen.n_rows, dtype=np.int64)
    for at, hands, first in _sides(screen, is_perturbed):
        shard[at] = first + deal(table.condition[at], table.batch[at], hashes[at], hands)
    perturbed = np.where(is_perturbed, table.condition.astype(np.int64) * N_SHARDS + shard, -1)

    atom = np.full(screen.n_rows, -1, dtype=np.int64)
    batch_control = atom.copy()
    rows_in = np.zeros((pools, max(1, len(table.batches))), dtype=np.int64)
    group_of = np.empty(rows_in.shape, dtype=np.int64)
    n_batch_groups = 0
    n_atoms = next((k for k in ATOMS if pools * k * screen.adata.n_vars * 8 <= ATOM_BYTES), ATOMS[-1])
    at = np.flatnonzero(is_control) if pools else np.empty(0, dtype=np.int64)
    if pools:
        hand = deal(table.pool[at], table.batch[at], hashes[at], n_atoms)
        shard[at] = hand % N_SHARDS
        atom[at] = table.pool[at].astype(np.int64) * n_atoms + hand
        np.add.at(rows_in, (table.pool[at], table.batch[at]), 1)
        needed = MIN_BATCH_REPLICATES if design.rows is Rows.REPLICATES else MIN_BATCH_CONTROLS
        own = (rows_in >= needed.value) & ((rows_in > 0).sum(axis=1, keepdims=True) > 1)
        n_batch_groups = int(own.sum())
        group_of[:] = n_batch_groups + np.arange(pools)[:, None]
        group_of[own] = np.arange(n_batch_groups)
        group = group_of[table.pool[at], table.batch[at]]
        batch_control[at] = np.where(group < n_batch_groups, group * N_SHARDS + shard[at], -1)
    control_rows = rows_in.sum(axis=1)
    return Slots(
        perturbed=perturbed,
        batch_control=batch_control,
        atom=atom,
        shard=shard,
        group_of=group_of,
        shared_pool=control_rows < MIN_POOL_CONTROLS.value,
        rows=np.bincount(table.condition[is_perturbed], minlength=n).astype(np.int64),
        control_rows=control_rows,
        matched=_matched(screen, group_of, rows_in, n_batch_groups),
        n_batch_groups=n_batch_groups,
        n_atoms=n_atoms,
    )


def _sides(screen: Screen, perturbed: NDArray[np.bool_]) -> list[tuple[Codes, int, int]]:
    """Perturbed rows that are dealt together, into how many shards, and the first of these.

    Where a split parts the rows of a condition, test rows fall into the shards `HELD_OUT` and the others into the rest.
    """
    if screen.held_out is None:
        return [(np.flatnonzero(perturbed), N_SHARDS, 0)]
    test, hands = perturbed & screen.held_out, len(HELD_OUT)
    return [(np.flatnonzero(test), hands, HELD_OUT[0]), (np.flatnonzero(perturbed & ~test), hands, 0)]


def _matched(screen: Screen, group_of: Codes, rows_in: Codes, n_batch_groups: int) -> NDArray[np.float64]:
    """Share of each condition's rows whose controls come from their own batch."""
    table = screen.table
    n = len(table.conditions)
    if not len(rows_in):
        return np.full(n, np.nan)
    at = np.flatnonzero(table.condition >= 0)
    pool, batch = table.pool[at], table.batch[at]
    only_batch = ((rows_in > 0).sum(axis=1) == 1)[pool] & (rows_in[pool, batch] > 0)
    within = (group_of[pool, batch] < n_batch_groups) | only_batch
    total = np.bincount(table.condition[at], minlength=n)
    return np.bincount(table.condition[at], weights=within, minlength=n) / np.maximum(total, 1)
