"""Random cells: offered only to show why not."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.shards import N_SHARDS
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, Regime


def random_cells(conditions: Conditions, *, fraction: float, seed: int) -> Split:
    """Hold out a share of every condition's cells.

    Whole shards are held out, so the share is rounded to eighths; at least two, at most six.
    """
    held = int(np.clip(round(fraction * N_SHARDS), 2, N_SHARDS - 2))
    roles = np.full(len(conditions), Role.TEST.value)
    shards = tuple(range(N_SHARDS - held, N_SHARDS))
    return Split(conditions, roles, Regime.RANDOM_CELLS, seed, "cells", test_shards=shards)
