from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.arrays.shards import RESERVED, TRAINING
from vcassay.core import Status
from vcassay.effects import measure
from vcassay.evidence.leakage.cells.inflation import (
    Inflation,
    control_difference,
    expected_inflation,
    judge,
    measure_inflation,
    training_mean,
)
from vcassay.testing.leaks.controls import mean_on_all_controls, within_contexts


def test_inflation_is_the_correlation_of_two_null_effects_with_one_control():
    rng = np.random.default_rng(0)
    n_c, n_p, g = 40, 20, 20000
    control = rng.normal(size=g) / np.sqrt(n_c)
    a, b = (rng.normal(size=(2, g)) / np.sqrt(n_p)) - control
    assert expected_inflation(np.array([n_c]), np.array([n_p]))[0] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=0.02)
    assert expected_inflation(np.array([100]), np.array([100]))[0] == 0.5


def test_moving_a_mean_gives_the_mean_on_the_other_controls():
    study = within_contexts(0, controls_per_batch=100)
    effects, split = study.effects, study.split
    half = control_difference(effects, split) / 2
    on_training = training_mean(effects, split)
    on_all = study.answer(mean_on_all_controls(study)).values
    # the same on the scale of rates; log profiles differ by the curvature of the logarithm alone
    gap = (on_training + half - on_all)[effects.mask[split.test]]
    assert np.sqrt(np.mean(gap**2)) < 0.1 * np.sqrt(np.mean(half[effects.mask[split.test]] ** 2))


def test_a_null_screen_scores_as_control_noise_alone_has_it():
    """As many controls as rows: sqrt(1/2) all shared, sqrt(1/3) if the truth has half of them, 0 if disjoint.

    With the controls left to training on both sides, half as many, sqrt(2/3).
    """
    scores = {name: [] for name in ("disjoint", "training", "all", "on all", "gained")}
    for seed in range(8):
        study = within_contexts(seed, n_crispri=40)
        effects, split = study.effects, study.split
        rng = np.random.default_rng(seed)
        found = measure_inflation(effects, split, training_mean(effects, split), rng)
        assert not found.detectable
        own = measure_inflation(effects, split, study.answer(mean_on_all_controls(study)).values, rng)
        scores["disjoint"].append(found.score.value)
        scores["training"].append(found.score.value + found.against_training.value)
        scores["all"].append(found.score.value + found.placed.value)
        scores["on all"].append(own.score.value)
        scores["gained"].append(own.gained.value)
    mean = {name: np.mean(values) for name, values in scores.items()}
    assert mean["disjoint"] == pytest.approx(0.0, abs=0.06)
    assert mean["training"] == pytest.approx(np.sqrt(2 / 3), abs=0.05)
    assert mean["all"] == pytest.approx(mean["on all"], abs=0.02)
    assert mean["on all"] == pytest.approx(np.sqrt(1 / 3), abs=0.05)
    assert mean["gained"] == pytest.approx(mean["on all"] - mean["disjoint"], abs=0.02)


def test_random_cells_are_moved_between_the_controls_of_the_scored_cells(make_study):
    study = make_study(1, cells_per_condition=64)
    split = study.split
    shards = (4, 5, 6, 7)
    effects = measure(study.simulation.screen, test_shards=shards, seed=1)
    parted = replace(split, roles=np.full(len(split.roles), "test"), test_shards=shards)
    moments = effects.moments
    expected = moments.effects(shards, RESERVED) - moments.effects(shards, TRAINING)
    assert control_difference(effects, parted) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "at_least", "status"),
    [
        (0.3, 0.25, Status.FAIL),
        (0.3, 0.1, Status.WARN),
        (0.3, 0.04, Status.PASS),
        (0.3, np.nan, Status.WARN),
        (0.04, np.nan, Status.PASS),
        (np.nan, np.nan, Status.PASS),
    ],
)
def test_judgement_is_by_the_lower_end(value, at_least, status):
    assert judge(value, at_least) is status


@pytest.mark.parametrize(("gained", "score", "least"), [(0.3, 0.1, 0.1), (0.1, 0.3, 0.1), (np.nan, 0.1, np.nan)])
def test_sharing_adds_no_more_than_there_is(gained, score, least):
    ends = {name: Estimate(low + 0.1, low, low + 0.2, 0.05) for name, low in (("gained", gained), ("score", score))}
    nothing = Estimate(0.0, 0.0, 0.0, 0.0)
    found = Inflation(against_training=nothing, placed=nothing, n=20, detectable=True, **ends)
    assert found.at_least == pytest.approx(least, nan_ok=True)
