"""Moments: what the one pass over the rows stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.profile import matched_control, rate, to_profile
from vcassay.arrays.shards import N_SHARDS, TRAINING
from vcassay.effects.slots import Slots

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
    squares, nonzeros, control_squares, control_nonzeros
        (n, 8, g) and (groups, 8, g) sums of squares, and numbers of values that are not 0, of the values as the
        matrix holds them; ``None`` where the pass was not asked for them. A missing value takes no part.
    notes
        (sentence, reason) of each thing that the pass met among the values.
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
    squares: Array | None = None
    nonzeros: NDArray[np.uint32] | None = None
    control_squares: Array | None = None
    control_nonzeros: NDArray[np.uint32] | None = None
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> NDArray[np.int64]:
        """(n, 8) rows of each condition in each shard."""
        slot, n = self.slots.perturbed, self.slots.n_conditions
        return np.bincount(slot[slot >= 0], minlength=n * N_SHARDS).reshape(n, N_SHARDS)

    @property
    def control_rows(self) -> NDArray[np.int64]:
        """(groups, 8) rows of each control group in each shard; a pool too small to divide as in ``control_sums``."""
        slots = self.slots
        batch, at = slots.batch_control[slots.batch_control >= 0], np.flatnonzero(slots.atom >= 0)
        own = np.bincount(batch, minlength=slots.n_batch_groups * N_SHARDS).reshape(-1, N_SHARDS)
        pool = slots.atom[at] // slots.n_atoms * N_SHARDS + slots.shard[at]
        pools = np.bincount(pool, minlength=len(slots.control_rows) * N_SHARDS).reshape(-1, N_SHARDS)
        whole = pools.sum(axis=1, keepdims=True) * (np.arange(N_SHARDS) < 2)
        return np.concatenate([own, np.where(slots.shared_pool[:, None], whole, pools)])

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
