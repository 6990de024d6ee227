"""Seeds as a nested level: closed forms, and how often intervals hold the expected score over seeds."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.resample import aggregate_many, draw_weights, interval
from vcassay.arrays.seeds import draw_seeds, nest_seeds

N = 60


def joined(values: np.ndarray, draws: int, rng: np.random.Generator):
    """Estimate of (s, n) per-condition scores of seeds, with the naive one of their mean."""
    weights = draw_weights(np.zeros(values.shape[1], dtype=int), np.arange(values.shape[1]), draws, rng)
    parts = aggregate_many(values.T, weights, [None] * len(values))
    stacked = [np.array([p[i] for p in parts]) for i in range(3)]
    nested = nest_seeds(stacked[0], stacked[1], stacked[2], draw_seeds(len(values), draws, rng))
    mean = aggregate_many(values.mean(axis=0)[:, None], weights, [None])[0]
    return [interval(*x, weights.method, families=weights.families) for x in (nested, mean)]


@pytest.mark.parametrize(("seeds", "draws"), [(1, 7), (2, 200), (3, 200), (7, 7)])
def test_every_seed_is_drawn_equally_often(seeds: int, draws: int) -> None:
    which = draw_seeds(seeds, draws, np.random.default_rng(0))
    counts = np.bincount(which, minlength=seeds)
    assert counts.sum() == draws
    assert np.ptp(counts) <= 1


def test_scores_are_averaged() -> None:
    values = np.random.default_rng(0).normal(size=(3, N))
    nested, mean = joined(values, 200, np.random.default_rng(1))
    assert nested.value == pytest.approx(values.mean())
    assert nested.value == pytest.approx(mean.value)


def test_equal_seeds_are_as_one() -> None:
    values = np.tile(np.random.default_rng(0).normal(size=N), (4, 1))
    nested, mean = joined(values, 300, np.random.default_rng(1))
    assert nested == pytest.approx(mean)


def test_spread_is_that_of_a_single_seed() -> None:
    """The variance adds (s - 1) / s of that between seeds to that of conditions."""
    rng = np.random.default_rng(3)
    level = np.array([-0.4, 0.1, 0.5])
    values = rng.normal(size=N)[None, :] + level[:, None]
    nested, mean = joined(values, 60_000, rng)
    assert nested.se**2 - mean.se**2 == pytest.approx(level.var() * N / (N - 1), rel=0.03)


def coverage(seeds: int, spread: float, repeats: int, draws: int = 200) -> tuple[float, float]:
    rng = np.random.default_rng([seeds, int(spread * 1000)])
    hits = np.zeros(2)
    for _ in range(repeats):
        own = spread * rng.normal(size=(seeds, 1)) + 0.3 * rng.normal(size=(seeds, N))
        hits += [e.low <= 0 <= e.high for e in joined(rng.normal(size=N) + own, draws, rng)]
    return hits[0] / repeats, hits[1] / repeats


def test_intervals_hold_the_expected_score_over_seeds() -> None:
    nested, naive = coverage(3, 0.3, 300)
    assert nested >= 0.89
    assert naive < 0.82


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "floor"), [(2, 0.9), (3, 0.94), (5, 0.95), (10, 0.95)])
def test_coverage_over_seeds_at_length(seeds: int, floor: float) -> None:
    """With a spread between seeds like the error from conditions."""
    nested, naive = coverage(seeds, 1.0 / np.sqrt(N), 1500, draws=400)
    assert nested >= floor
    assert nested > naive
