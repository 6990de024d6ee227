"""Noise: which conditions were measured twice, and predictions measured as the truth is.

Predictions have no noise; what clusters, or can be decoded, depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Threshold
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


NEARLY = Threshold(
    "attribution_halving", 0.9, "of the conditions that the best way of halving measures: else it is left"
)


@once
def usable(bench: Bench) -> tuple[tuple[int, ...], Mask]:
    """Ways of halving that measure nearly as many test conditions as the best one, and (t,) what all of them measure.

    Few wells leave one half empty in some ways, and none in others.
    """
    known = bench.truth.known
    defined = [known & np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1) for a, b in bench.halves()]
    most = max((int(d.sum()) for d in defined), default=0)
    ways = tuple(k for k, d in enumerate(defined) if d.sum() >= NEARLY.value * most)
    measured = np.logical_and.reduce([defined[k] for k in ways]) if ways else known
    return ways, np.asarray(measured)


def measurable(bench: Bench) -> Mask:
    """(t,) test conditions that were measured, in halves where there are any."""
    return usable(bench)[1]


def halved(bench: Bench) -> Iterator[tuple[Array, Array]]:
    """Pairs of (t, g) effects from disjoint rows and controls, in the usable ways; none without halves."""
    ways = usable(bench)[0]
    return (pair for k, pair in enumerate(bench.halves()) if k in ways)


def measured_twice(bench: Bench, arm: Arm, rng: np.random.Generator, rows: NDArray[np.int64]) -> tuple[Array, Array]:
    """(n, g) left and right measurements of some test conditions, with the noise of the truth's halves in both.

    Of the truth, two halves. Of a prediction, itself with Gaussian noise of the halves' standard error drawn
    twice: what is clustered or decoded depends on noise, which predictions do not have. Without halves, the effects
    themselves.
    """
    if not bench.has_halves:
        return arm.values[rows], arm.values[rows]
    if arm.role == TRUTH:
        left, right = next(halved(bench))
        return left[rows], right[rows]
    error = np.sqrt(2.0) * np.where(bench.mask[rows], np.nan_to_num(bench.effects.se[bench.split.test[rows]]), 0.0)
    place = np.argsort(np.argsort(bench.genes))  # a gene has the same noise wherever it stands
    left, right = (arm.values[rows] + error * rng.standard_normal(error.shape)[:, place] for _ in range(2))
    return left, right
