"""Batches: which batch most rows of each test condition lie in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Threshold
from vcassay.evidence.biology.bench import Bench
from vcassay.screen import Screen

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
