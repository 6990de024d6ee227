"""Floors: with both sides' taken off, a perfect model is at 0 and a wrong spread is never rewarded."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.cellsets import CellSets, as_sets
from vcassay.arrays.energy import energy_distance
from vcassay.arrays.floor import (
    Comparison,
    Halves,
    Measure,
    compare_halves,
    energy_measure,
    measure_halves,
    mmd_measure,
    noise_floor,
    sinkhorn_measure,
    sliced_measure,
)
from vcassay.arrays.mmd import median_kernel, squared_mmd
from vcassay.arrays.sinkhorn import Regularisation, sinkhorn_divergence
from vcassay.arrays.wasserstein import random_directions, sliced_wasserstein

D, N, SETS = 20, 30, 100
DIRECTIONS = random_directions(D, np.random.default_rng(0), 32)
KERNEL, HOW = median_kernel(6.0), Regularisation(6.0)
MEASURES = {
    "energy": (energy_measure(), energy_distance),
    "mmd": (mmd_measure(KERNEL), lambda x, y: squared_mmd(x, y, KERNEL)),
    "sinkhorn": (sinkhorn_measure(HOW), lambda x, y: sinkhorn_divergence(x, y, HOW)),
    "sliced": (sliced_measure(DIRECTIONS), lambda x, y: sliced_wasserstein(x, y, DIRECTIONS)),
}


def draw(rng: np.random.Generator, scale: float = 1.0, shift: float = 0.0) -> CellSets:
    return as_sets(rng.normal(shift, scale, size=(SETS * N, D)), np.full(SETS, N))


def halves(measure: Measure, rng: np.random.Generator, scale: float = 1.0, shift: float = 0.0) -> Halves:
    return measure_halves(measure, draw(rng, scale, shift), draw(rng, scale, shift))


def compared(measure: Measure, rng: np.random.Generator, scale: float = 1.0, shift: float = 0.0) -> Comparison:
    every = np.arange(SETS)
    return compare_halves(measure, halves(measure, rng), halves(measure, rng, scale, shift), every, every)


@pytest.mark.parametrize("name", MEASURES)
def test_equal_to_the_plain_definition(name: str) -> None:
    measure, distance = MEASURES[name]
    rng = np.random.default_rng(1)
    a, b, p, q = (draw(rng, scale) for scale in (1, 1, 1.3, 1.3))
    truth, other = measure_halves(measure, a, b), measure_halves(measure, p, q)
    i, j = np.array([3, 5]), np.array([0, 9])
    found = compare_halves(measure, truth, other, i, j)
    for k in range(2):
        one, two, ours, theirs = (
            s.cells[s.start[c] : s.start[c] + N] for s, c in ((a, i[k]), (b, i[k]), (p, j[k]), (q, j[k]))
        )
        value = (distance(one, ours) + distance(two, theirs)) / 2
        floors = distance(one, two), distance(ours, theirs)
        assert found.value[k] == pytest.approx(value, abs=1e-9)
        assert (truth.floor[i[k]], other.floor[j[k]]) == pytest.approx(floors, abs=1e-9)
        assert found.corrected[k] == pytest.approx(value - sum(floors) / 2, abs=1e-9)


@pytest.mark.parametrize("name", MEASURES)
def test_a_perfect_model_is_at_zero(name: str) -> None:
    corrected = compared(MEASURES[name][0], np.random.default_rng(2)).corrected
    assert abs(corrected.mean()) < 3 * corrected.std() / np.sqrt(SETS)
    assert 0.3 < (corrected < 0).mean() < 0.75


@pytest.mark.parametrize("name", MEASURES)
def test_a_wrong_spread_and_a_wrong_mean_are_never_rewarded(name: str) -> None:
    measure = MEASURES[name][0]
    for scale, shift in ((0.7, 0.0), (0.01, 0.0), (1.3, 0.0), (1.0, 0.2)):
        corrected = compared(measure, np.random.default_rng(3), scale, shift).corrected
        assert corrected.mean() > 3 * corrected.std() / np.sqrt(SETS)


def test_taking_off_the_truths_floor_alone_would_reward_too_little_spread() -> None:
    measure, rng, every = MEASURES["sinkhorn"][0], np.random.default_rng(4), np.arange(SETS)
    truth, narrow = halves(measure, rng), halves(measure, rng, 0.7)
    assert (compare_halves(measure, truth, narrow, every, every).value - truth.floor).mean() < -1


def test_noise_floor_of_one_set() -> None:
    rng = np.random.default_rng(5)
    cells = rng.normal(size=(61, 4))
    floor = noise_floor(cells, energy_distance, np.random.default_rng(0))
    assert noise_floor(cells[::-1], energy_distance, np.random.default_rng(0)) == pytest.approx(floor, abs=1e-12)
    draws = [noise_floor(cells, energy_distance, rng) for _ in range(200)]
    assert abs(np.mean(draws)) < 0.05
    assert np.isnan(noise_floor(cells[:1], energy_distance, rng))
