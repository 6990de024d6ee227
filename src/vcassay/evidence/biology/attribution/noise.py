"""Noise: which conditions were measured twice, and predictions measured as the truth is.

Predictions have no noise; what clusters, or can be decoded, depends on it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core.memo import once
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@once
def measurable(bench: Bench) -> Mask:
    """(t,) test conditions that were measured, in all halves where there are any."""
    known = bench.truth.known.copy()
    for pair in bench.halves():
        for half in pair:
            known &= np.isfinite(half).all(axis=1)
    return known


def measured_twice(bench: Bench, arm: Arm, rng: np.random.Generator, rows: NDArray[np.int64]) -> tuple[Array, Array]:
    """(n, g) left and right measurements of some test conditions, with the noise of the truth's halves in both.

    Of the truth, the first two halves. Of a prediction, itself with Gaussian noise of the halves' standard error drawn
    twice: what is clustered or decoded depends on noise, which predictions do not have. Without halves, the effects
    themselves.
    """
    if not bench.has_halves:
        return arm.values[rows], arm.values[rows]
    if arm.role == TRUTH:
        left, right = next(bench.halves())
        return left[rows], right[rows]
    error = np.sqrt(2.0) * np.where(bench.mask[rows], np.nan_to_num(bench.effects.se[bench.split.test[rows]]), 0.0)
    left, right = (arm.values[rows] + error * rng.standard_normal(error.shape) for _ in range(2))
    return left, right
