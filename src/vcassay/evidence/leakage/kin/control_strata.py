"""Control strata: control profiles of contexts in disjoint shards, on the batches that two contexts share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.crossed_distance import FEWEST_SHARDS
from vcassay.arrays.profile import to_profile
from vcassay.arrays.shards import N_SHARDS
from vcassay.effects.moments import Moments
from vcassay.screen import CONTROL, Screen

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Stratum = tuple[str, int]
"""A time and a batch: controls of two contexts in one stratum were processed together."""
Layout = frozenset[Stratum]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over some controls in n shards: (n, g) values, (n, 1 or g) sizes, and the number of rows."""

    values: Array
    sizes: Array
    rows: int

    def full(self) -> bool:
        """Whether every shard holds rows."""
        return bool((self.sizes.max(axis=1) > 0).all())

    def fold(self, n: int) -> Sums:
        """The same in fewer shards: the eight, or every second pair of them together."""
        parts = len(self.values) // n
        values, sizes = (x.reshape(parts, n, -1).sum(axis=0) for x in (self.values, self.sizes))
        return Sums(values, sizes, self.rows)

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.values + other.values, self.sizes + other.sizes, self.rows + other.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Controls of every context that has enough of them.

    Attributes
    ----------
    names
        Contexts that can be compared, sorted.
    shards
        How many shards, 8 or 4.
    whole
        All controls of each context.
    parts
        Its controls by stratum, those with rows in every shard.
    genes
        (g,) features that are measured in every shard of every context.
    target_sum
        Depth of a count profile, ``None`` for other readouts.
    """

    names: tuple[str, ...]
    shards: int
    whole: tuple[Sums, ...]
    parts: tuple[Mapping[Stratum, Sums], ...]
    genes: NDArray[np.bool_]
    target_sum: float | None

    def layout(self, i: int) -> Layout:
        """Strata of a context."""
        return frozenset(self.parts[i])

    def profiles(self, at: Iterable[int], shared: Layout) -> Array:
        """(len(at), shards, genes) profiles on the strata that these contexts share; on all controls without any.

        The strata weigh alike in every context, so that what a batch does to all of them cancels in a difference.
        """
        at = list(at)
        strata = sorted(shared)
        if not strata:
            return self._profiles([(self._rate(self.whole[i]),) for i in at], np.ones(1))
        weight = np.asarray([sum(self.parts[i][s].rows for i in at) for s in strata], dtype=np.float64)
        return self._profiles([tuple(self._rate(self.parts[i][s]) for s in strata) for i in at], weight / weight.sum())

    def across(self, i: int) -> list[Array]:
        """(shards, genes) profiles of a context in each of its strata."""
        return [self._profiles([(self._rate(own),)], np.ones(1))[0] for _, own in sorted(self.parts[i].items())]

    def _rate(self, sums: Sums) -> Array:
        size = sums.sizes if sums.sizes.shape[1] == 1 else sums.sizes[:, self.genes]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(sums.values[:, self.genes] / size)

    def _profiles(self, rates: Sequence[Sequence[Array]], weight: Array) -> Array:
        return to_profile(np.stack([np.tensordot(weight, np.stack(r), axes=1) for r in rates]), self.target_sum)


def control_strata(moments: Moments, screen: Screen, contexts: Iterable[str], scored: NDArray[np.bool_]) -> Strata:
    """Collect the controls of some contexts.

    Eight shards are used if half of the contexts fill them, else four; what does not fill them is left out. Batches
    with too few controls to be matched on their own take part in the whole alone.
    """
    slots, table = moments.slots, screen.table
    wanted = set(contexts)
    at = table.condition == CONTROL
    rows = np.zeros((len(table.pools), max(1, len(table.batches))), dtype=np.int64)
    np.add.at(rows, (table.pool[at], table.batch[at]), 1)
    whole: dict[str, Sums] = {}
    parts: dict[str, dict[Stratum, Sums]] = {}

    def sums(group: int, n: int) -> Sums:
        return Sums(moments.control_sums[group], moments.control_sizes[group], n)

    for p, (pool, context) in enumerate(zip(table.pools, table.pool_context, strict=True)):
        if context not in wanted or slots.shared_pool[p]:
            continue
        time, group = pool[len(context) :], int(slots.whole_pool[p])
        own = sums(group, int(rows[p].sum()))
        whole[context] = whole[context] + own if context in whole else own
        batches = np.flatnonzero(rows[p])
        for b in batches.tolist():
            matched = group if len(batches) == 1 else int(slots.group_of[p, b])
            if len(batches) == 1 or matched < slots.n_batch_groups:
                parts.setdefault(context, {})[time, b] = sums(matched, int(rows[p, b]))
    fill = {n: sorted(c for c, own in whole.items() if own.fold(n).full()) for n in (N_SHARDS, FEWEST_SHARDS)}
    n = N_SHARDS if 2 * len(fill[N_SHARDS]) >= len(fill[FEWEST_SHARDS]) else FEWEST_SHARDS
    names = fill[n]
    folded = [whole[c].fold(n) for c in names]
    by_stratum = [{s: own.fold(n) for s, own in parts.get(c, {}).items()} for c in names]
    kept = [{s: own for s, own in found.items() if own.full()} for found in by_stratum]
    genes = scored.copy()
    for own in (*folded, *(x for found in kept for x in found.values())):
        genes &= (own.sizes > 0).all(axis=0)
    return Strata(tuple(names), n, tuple(folded), tuple(kept), genes, moments.target_sum)
