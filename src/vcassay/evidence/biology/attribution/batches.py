"""Batches: which batch most rows of each test condition lie in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_sums
from vcassay.arrays.profile import rate, to_profile
from vcassay.core import Threshold
from vcassay.effects.measure import halves_of
from vcassay.evidence.biology.attribution.noise import usable
from vcassay.evidence.biology.bench import Bench
from vcassay.screen import Screen

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

MOSTLY = Threshold("attribution_batch_share", 0.8, "share of a condition's rows in one batch to speak of its batch")


class Batches(NamedTuple):
    """(t,) batch that most rows of a condition are in, -1 where none has `MOSTLY`, and the names of all batches."""

    code: Codes
    names: tuple[str, ...]


def batches_of(screen: Screen, bench: Bench) -> Batches:
    """Find the batch of each test condition."""
    table, test = screen.table, bench.split.test
    names = tuple(map(str, table.batches))
    n, k = len(bench.effects.conditions), max(len(names), 1)
    use = (table.condition >= 0) & (table.batch >= 0)
    pair = table.condition[use].astype(np.int64) * k + table.batch[use]
    pairs, rows = np.unique(pair, return_counts=True)
    total = np.bincount(pairs // k, weights=rows, minlength=n)
    code = np.full(n, -1, dtype=np.int64)
    most = rows >= MOSTLY.value * total[pairs // k]
    code[pairs[most] // k] = pairs[most] % k
    return Batches(code[test], names)


def own_groups(screen: Screen, bench: Bench, batches: Batches) -> Codes:
    """(t,) control group of the controls of each condition's own batch; -1 where the batch has too few of its own."""
    slots, pool = bench.effects.moments.slots, screen.table.condition_pool[bench.split.test]
    if not slots.n_groups:
        return np.full(len(pool), -1, dtype=np.int64)
    group = slots.group_of[pool, np.maximum(batches.code, 0)].astype(np.int64)
    return np.where((batches.code >= 0) & (group < slots.n_batch_groups), group, -1)


def against_other_batches(screen: Screen, bench: Bench, group: Codes) -> tuple[Array, Array] | None:
    """Effects of both halves against the mean of the controls of all other batches of the same pool.

    What a batch does to its rows is not taken off by such controls.

    Returns
    -------
    Two (t, g) measurements on disjoint rows and controls, NaN where a pool has no other batch; ``None`` without halves.
    """
    if not bench.has_halves:
        return None
    moments, test = bench.effects.moments, bench.split.test
    slots, pool = moments.slots, screen.table.condition_pool[test].astype(np.int64)
    pools, groups = np.nonzero(_has_group(slots.group_of, slots.n_batch_groups, slots.n_groups))
    others = np.bincount(pools, minlength=len(slots.group_of))[pool] - 1.0
    matched = ((group >= 0) & (others > 0))[:, None]
    splits, controls = halves_of(bench.split.scored_shards)
    way = usable(bench)[0][0]
    out = []
    for rows, shards in zip(splits[way], controls[way % len(controls)], strict=True):
        own = np.nan_to_num(rate(moments.control_sums, moments.control_sizes, shards))
        total = group_sums(own[groups], pools, len(slots.group_of))
        control = (total[pool] - own[np.maximum(group, 0)]) / np.maximum(others, 1.0)[:, None]
        value = moments.profile(rows)[test] - to_profile(control, moments.target_sum)
        out.append(np.where(matched, np.where(bench.mask, value, 0.0), np.nan))
    return out[0], out[1]


def _has_group(group_of: Codes, n_batch_groups: int, n_groups: int) -> NDArray[np.bool_]:
    """(pools, groups) batches of a pool that have controls of their own."""
    out = np.zeros((len(group_of), n_groups), dtype=bool)
    pool, batch = np.nonzero((group_of >= 0) & (group_of < n_batch_groups))
    out[pool, group_of[pool, batch]] = True
    return out
