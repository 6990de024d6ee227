"""Moments: what the one pass over the rows stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.accumulate import add_dense, add_sparse
from vcassay.arrays.profile import matched_control, rate, to_profile
from vcassay.arrays.shards import N_SHARDS, TRAINING
from vcassay.effects.slots import Slots, make_slots
from vcassay.screen import Readout, Screen

Array = NDArray[np.float64]

TARGET_SUM = 1e4
"""Depth to which count profiles are scaled unless a prediction uses another (scanpy's custom)."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sums over shards of every condition and control group.

    Attributes
    ----------
    slots
        Which rows went where.
    sums, sizes
        (n, 8, g) and (n, 8, 1 or g) of the conditions; see `vcassay.arrays.profile`.
    control_sums, control_sizes
        The same of the control groups (a pool's batch, or a whole pool).
    links
        Eight (n, groups) matrices: size of a condition's rows matched to each control group.
    atoms, atom_sizes
        (pools, atoms, g) and (pools, atoms, 1 or g) control rows dealt into small parts, from which
        pseudo-perturbations are drawn.
    atom_links
        (pools x atoms, groups) size of a part's rows in each control group.
    target_sum
        Depth of a count profile; ``None`` for readouts that are averaged.
    """

    slots: Slots
    sums: Array
    sizes: Array
    control_sums: Array
    control_sizes: Array
    links: tuple[sp.csr_matrix, ...]
    atoms: Array
    atom_sizes: Array
    atom_links: sp.csr_matrix
    target_sum: float | None

    def profile(self, shards: tuple[int, ...] = tuple(range(N_SHARDS))) -> Array:
        """(n, g) profile of the perturbed rows in some shards."""
        return to_profile(rate(self.sums, self.sizes, shards), self.target_sum)

    def control_rate(self, shards: tuple[int, ...], controls: tuple[int, ...]) -> Array:
        """(n, g) matched control rate for the condition's ``shards`` from the control shards ``controls``.

        A batch in whose controls a feature was never measured takes no part in that feature.
        """
        n, group = len(self.sums), rate(self.control_sums, self.control_sizes, controls)
        absent = np.asarray(self.control_sizes.sum(axis=1) == 0)
        absent &= ~absent.all(axis=1, keepdims=True)
        if not absent.any():
            return matched_control(self.links, shards, group, n)
        value = matched_control(self.links, shards, np.where(absent, 0.0, group), n)
        share = matched_control(self.links, shards, np.where(absent, 0.0, 1.0), n)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(share > 0, value / share, np.nan))

    def control(self, shards: tuple[int, ...], controls: tuple[int, ...]) -> Array:
        """(n, g) matched control profile."""
        return to_profile(self.control_rate(shards, controls), self.target_sum)

    def pool_profiles(self, controls: tuple[int, ...] = TRAINING) -> Array:
        """(pools, g) control profile of each pool, batches merged."""
        at = self.slots.whole_pool
        return to_profile(rate(self.control_sums[at], self.control_sizes[at], controls), self.target_sum)

    def atom_batches(self, pool: int) -> tuple[Array, Array]:
        """(atoms, k) size of a pool's parts in each of its k control groups, and the (k, g) rates of these."""
        first = pool * self.slots.n_atoms
        links = self.atom_links[first : first + self.slots.n_atoms]
        groups = np.unique(links.indices)
        every = tuple(range(N_SHARDS))
        return links[:, groups].toarray(), rate(self.control_sums[groups], self.control_sizes[groups], every)

    def effects(self, shards: tuple[int, ...], controls: tuple[int, ...]) -> Array:
        """(n, g) batch-matched effects: profile minus matched control."""
        return self.profile(shards) - self.control(shards, controls)


def accumulate(
    screen: Screen,
    *,
    seed: int = 0,
    target_sum: float = TARGET_SUM,
    chunk: int = 4096,
    progress: Callable[[int, int], None] | None = None,
) -> Moments:
    """Walk over the screen's rows once.

    Parameters
    ----------
    screen
        What was measured.
    seed
        Deals the rows into shards.
    target_sum
        Depth of a count profile.
    chunk
        Rows read at a time; does not change the result.
    progress
        Called with the rows done and the rows in all.

    Returns
    -------
    Sums in float64; bit-identical whatever the chunk, to 1e-10 whatever the order of the rows.
    """
    slots = make_slots(screen, seed)
    g = screen.adata.n_vars
    counts = screen.design.readout is Readout.COUNTS
    stores = [np.zeros((size, g)) for size in slots.store_sizes]
    valid = [np.zeros((size, 1 if counts else g)) for size in slots.store_sizes]
    weight = np.ones(screen.n_rows)
    for start, block in screen.chunks(chunk):
        stop = start + block.shape[0]
        part = [slot[start:stop] for slot in slots.store_slots]
        depth = _add_block(block, part, stores, valid, counts=counts)
        if depth is not None:
            weight[start:stop] = depth
        if progress is not None:
            progress(stop, screen.n_rows)
    if not counts and not _has_missing(valid, slots):
        valid = [v[:, :1] for v in valid]
    (perturbed, batches, atoms), (size_p, size_b, size_a) = stores, valid
    atoms = atoms.reshape(-1, slots.n_atoms, g)
    atom_sizes = size_a.reshape(-1, slots.n_atoms, size_a.shape[1])
    return Moments(
        slots=slots,
        sums=perturbed.reshape(-1, N_SHARDS, g),
        sizes=size_p.reshape(-1, N_SHARDS, size_p.shape[1]),
        control_sums=_control_groups(slots, batches.reshape(-1, N_SHARDS, g), atoms),
        control_sizes=_control_groups(slots, size_b.reshape(-1, N_SHARDS, size_b.shape[1]), atom_sizes),
        links=_links(screen, slots, weight),
        atoms=atoms,
        atom_sizes=atom_sizes,
        atom_links=_atom_links(screen, slots, weight),
        target_sum=target_sum if counts else None,
    )


def _add_block(
    block: NDArray[np.generic] | sp.csr_matrix,
    slots: list[NDArray[np.int64]],
    stores: list[Array],
    valid: list[Array],
    *,
    counts: bool,
) -> Array | None:
    """Add a block of rows to the accumulators; return the rows' depths, where there are counts."""
    if counts:
        csr = sp.csr_matrix(block).astype(np.float64)
        depth = np.asarray(csr.sum(axis=1), dtype=np.float64).ravel()
        for slot, store, size in zip(slots, stores, valid, strict=True):
            add_sparse(csr.data, csr.indices, csr.indptr, slot, store)
            np.add.at(size[:, 0], slot[slot >= 0], depth[slot >= 0])
        return depth
    dense = np.asarray(block.toarray() if sp.issparse(block) else block, dtype=np.float64)
    for slot, store, size in zip(slots, stores, valid, strict=True):
        add_dense(dense, slot, store, size)
    return None


def _has_missing(valid: list[Array], slots: Slots) -> bool:
    """Whether any feature of any row was NaN."""
    return any(bool((v != v.max(axis=1, keepdims=True, initial=0.0)).any()) for v in valid if v.size)


def _control_groups(slots: Slots, batches: Array, atoms: Array) -> Array:
    """Batch groups, then whole pools (their atoms by shard), (groups, 8, g).

    Pools too small to divide show the same rows to scoring (shard 0) and to training (shard 1).
    """
    pools = atoms.reshape(len(atoms), slots.n_atoms // N_SHARDS, N_SHARDS, atoms.shape[2]).sum(axis=1)
    for p in np.flatnonzero(slots.shared_pool):
        total = pools[p].sum(axis=0)
        pools[p] = 0.0
        pools[p, :2] = total
    return np.concatenate([batches, pools])


def _links(screen: Screen, slots: Slots, weight: Array) -> tuple[sp.csr_matrix, ...]:
    """Size of each condition's rows in each control group, one matrix a shard.

    Rows weigh alike; with counts each weighs by its depth, as it does in the pooled profile, so that a
    batch that was sequenced deeper has the same share in the profile and in its control.

    Parameters
    ----------
    weight
        (rows,) of every row of the screen.
    """
    n, groups = slots.n_conditions, slots.n_groups
    if groups == 0:
        return tuple(sp.csr_matrix((n, 0)) for _ in range(N_SHARDS))
    at = np.flatnonzero(slots.perturbed >= 0)
    condition, shard = np.divmod(slots.perturbed[at], N_SHARDS)
    group = slots.group_of[screen.table.pool[at], screen.table.batch[at]]
    return tuple(
        sp.csr_matrix((weight[at[shard == s]], (condition[shard == s], group[shard == s])), shape=(n, groups))
        for s in range(N_SHARDS)
    )


def _atom_links(screen: Screen, slots: Slots, weight: Array) -> sp.csr_matrix:
    """Size of each part of the controls in each control group; weights as in `_links`."""
    shape = (slots.n_atoms * len(slots.control_rows), slots.n_groups)
    at = np.flatnonzero(slots.atom >= 0)
    group = slots.group_of[screen.table.pool[at], screen.table.batch[at]]
    return sp.csr_matrix((weight[at], (slots.atom[at], group)), shape=shape)
