"""Dose series of a given shape, without a screen."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.biology.dose.projection import measure_series
from vcassay.evidence.biology.dose.series import find_series


def series_of(n, k=3):
    table = Conditions.make(np.repeat([f"c{i:02d}" for i in range(n)], k), ["d"] * (n * k), list(range(1, k + 1)) * n)
    return find_series(table)


def from_shape(shape, rng, n=12, g=80, noise=1.0, k=3):
    """Pairs of halves of n series whose effect is ``shape`` (by dose) times a direction of its own."""
    direction = rng.normal(size=(n, 1, g))
    true = (np.asarray(shape)[None, :, None] * direction).reshape(n * k, g)
    a, b = (true + noise * rng.normal(size=true.shape) for _ in range(2))
    return [(a, b), (b, a)]


def responses(shape, seed, n=12, k=3, **settings):
    rng = np.random.default_rng(seed)
    pairs = from_shape(shape, rng, n=n, k=k, **settings)
    return measure_series(pairs, series_of(n, k), pairs[0][0].shape)
