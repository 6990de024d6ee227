"""Quarters: the truth measured four times, on rows and controls of which no two have any in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import RESERVED
from vcassay.evidence.biology.bench import Bench

Array = NDArray[np.float64]

QUARTERS = 4


def quarters(bench: Bench) -> list[Array]:
    """Four (t, g) effects, 0 for genes that do not count, NaN where a quarter has no rows; none without halves.

    Rows are dealt to shards in turn, so that four rows fill four quarters.
    """
    if not bench.has_halves:
        return []
    shards, test, moments = bench.split.scored_shards, bench.split.test, bench.effects.moments
    parts = ((shards[q::QUARTERS], (RESERVED[q],)) for q in range(QUARTERS))
    return [np.where(bench.mask, moments.effects(own, control)[test], 0.0) for own, control in parts]
