from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from vcassay.claim import make_split
from vcassay.screen import CONTROL
from vcassay.simulate import leaks, simulate_screen
from vcassay.simulate.leaks.nuisances import QUALITY, effect_rank


@pytest.fixture(scope="module")
def simulation(plan):
    return simulate_screen(replace(plan, cells_per_condition=40), seed=1)


def mean_of(simulation, values):
    """(conditions,) mean over the rows of each condition."""
    code = simulation.screen.table.condition
    at = code >= 0
    return np.bincount(code[at], weights=values[at]) / np.bincount(code[at])


def told(simulation, values):
    """Rank correlation of a mean over rows with the true effect."""
    return spearmanr(mean_of(simulation, values), simulation.truth.magnitude).statistic


def depth(simulation):
    return np.asarray(simulation.screen.adata.X.sum(axis=1)).ravel()


def test_rank_of_the_effect(simulation):
    assert told(simulation, effect_rank(simulation)) > 0.98  # conditions without effect are ties
    assert set(effect_rank(simulation)[simulation.screen.table.condition == CONTROL]) == {0.5}


def test_depth_follows_effect(simulation):
    leaked = leaks.depth_follows_effect(simulation, np.random.default_rng(0), amount=0.3)
    control = simulation.screen.table.condition == CONTROL
    assert np.array_equal(depth(leaked)[control], depth(simulation)[control])
    kept = mean_of(leaked, depth(leaked)) / mean_of(simulation, depth(simulation))
    truth = simulation.truth.magnitude
    assert kept[np.argmax(truth)] == pytest.approx(0.7, abs=0.02)
    assert kept[np.argmin(truth)] == pytest.approx(1.0, abs=0.02)
    none = leaks.depth_follows_effect(simulation, np.random.default_rng(0), amount=0.0)
    assert np.array_equal(depth(none), depth(simulation))


def test_rows_follow_effect(simulation):
    rng = np.random.default_rng(0)
    found = {a: leaks.rows_follow_effect(simulation, rng, amount=a) for a in (0.0, 1.0)}
    assert {a: told(s, np.arange(s.screen.n_rows)) for a, s in found.items()} == pytest.approx(
        {0.0: 0.0, 1.0: 1.0}, abs=0.3
    )
    assert sorted(found[1.0].screen.adata.obs_names) == sorted(simulation.screen.adata.obs_names)


def test_quality_follows_effect(simulation):
    leaked = leaks.quality_follows_effect(simulation, np.random.default_rng(0), amount=1.0)
    assert told(leaked, leaked.screen.adata.obs[QUALITY].to_numpy()) > 0.7
    assert QUALITY not in simulation.screen.adata.obs


def test_copies_at_another_depth(simulation):
    split = _split(simulation)
    leaked = leaks.copied_cells(simulation, split, np.random.default_rng(0), amount=0.1, factor=3.0)
    new = depth(leaked)[simulation.screen.n_rows :]
    assert len(new)
    assert (new % 3 == 0).all()


def test_repeated_cells_keep_their_labels(simulation):
    split = _split(simulation)
    leaked = leaks.repeated_cells(simulation, split, np.random.default_rng(0), amount=0.1)
    old, condition = simulation.screen.n_rows, leaked.screen.table.condition
    assert leaked.screen.adata.obs_names.is_unique
    matrix = leaked.screen.adata.X.toarray()
    for row in range(old, old + 20):
        same = np.flatnonzero((matrix[:old] == matrix[row]).all(axis=1))
        assert condition[same].tolist() == [condition[row]]
        assert condition[row] in split.test
    assert leaks.repeated_cells(simulation, split, np.random.default_rng(0), amount=0.0) is simulation


def _split(simulation):
    return make_split(simulation.screen.conditions, "gex", seed=0, fraction=0.4)
