"""The task: nothing that is scored, or that only scoring may read, is in it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays.shards import RESERVED, TRAINING
from vcassay.claim import make_claim, make_split
from vcassay.core import Regime
from vcassay.effects import measure
from vcassay.evidence.baselines import BASELINES, make_task
from vcassay.run.cache import digest
from vcassay.run.ladder import _depends
from vcassay.screen import CONTROL, make_screen
from vcassay.simulate.leaks.rebuild import plain
from vcassay.simulate.simulation import make_adata

ALL = [entry.name for entry in BASELINES]
MAKES = ("gex", "cex")


@pytest.fixture(params=MAKES)
def world(request, study):
    return study(request.param)


def poisoned(effects, split, value):
    """Effects in which all that only scoring may read holds ``value``."""
    test = np.zeros(len(effects.conditions), dtype=bool)
    test[split.test] = True
    changed = {}
    for field in fields(effects):
        array = getattr(effects, field.name)
        if field.name in ("mask", "matched"):
            continue
        if isinstance(array, np.ndarray) and array.dtype == np.float64 and len(array) == len(test):
            array = array.copy()
            array[test] = value
            changed[field.name] = array
    for name in ("delta", "control", "half_a", "half_b", "half_mean", "cross", "se"):
        changed[name] = np.full_like(getattr(effects, name), value)
    rows = effects.n_rows.copy()
    rows[test] = 10**6
    moments = effects.moments
    sums, control_sums, atoms = moments.sums.copy(), moments.control_sums.copy(), moments.atoms.copy()
    sizes = moments.sizes.copy()
    sums[test] = value
    sizes[test] = value
    control_sums[:, list(RESERVED)] = value
    reserved = np.isin(np.arange(atoms.shape[1]) % 8, RESERVED)
    atoms[:, reserved] = value
    changed["moments"] = replace(moments, sums=sums, sizes=sizes, control_sums=control_sums, atoms=atoms)
    return replace(effects, n_rows=rows, **changed)


@pytest.mark.parametrize("value", [np.nan, 1e12])
def test_no_baseline_sees_what_is_scored(world, value):
    """Test effects, their cell numbers and the reserved controls may hold anything."""
    task = make_task(poisoned(world.effects, world.split, value), world.claim, world.knowledge, 0)
    for name in ALL:
        clean, dirty = (BASELINES[name].obj().fit(t).predict(t.wanted) for t in (world.task, task))
        assert np.isfinite(clean).all()
        np.testing.assert_array_equal(dirty, clean, err_msg=name)


def garbled(world, rng):
    """The screen with half of the test cells gone, and garbage in the others and in the reserved control cells."""
    screen, slots = world.simulation.screen, world.effects.moments.slots
    condition = screen.table.condition
    test = np.isin(condition, world.split.test)
    reserved = (condition == CONTROL) & np.isin(slots.shard, RESERVED)
    counts = screen.adata.X.toarray()
    where = test | reserved
    counts[where] = rng.poisson(30.0, size=(int(where.sum()), counts.shape[1]))
    _, first = np.unique(condition, return_index=True)  # no condition loses all of its cells
    keep = ~test | (rng.random(len(test)) < 0.5) | np.isin(np.arange(len(test)), first)
    adata = make_adata(sp.csr_matrix(counts[keep]), plain(screen.adata.obs[keep]), screen.genes)
    return make_screen(adata, screen.design, name=screen.name)


def test_the_task_is_the_same_whatever_is_measured_on_test_cells(world):
    """From the rows on: other counts and numbers of test cells and reserved controls give the same task and answers."""
    screen = garbled(world, np.random.default_rng(0))
    effects = measure(screen, train=world.split.train, seed=0)
    test = world.split.test
    assert not np.allclose(effects.delta[test], world.effects.delta[test])
    assert (effects.n_rows[test] < world.effects.n_rows[test]).any()
    task = make_task(effects, make_claim(world.split, effects=effects), world.knowledge, 0)
    assert digest(_depends(task)) == digest(_depends(world.task))
    for entry in BASELINES:
        clean, other = (entry.obj().fit(t).predict(t.wanted) for t in (world.task, task))
        np.testing.assert_array_equal(other, clean, err_msg=entry.name)


def test_it_holds_what_is_granted(world):
    task, split, effects = world.task, world.split, world.effects
    assert task.train.keys == effects.conditions.take(split.train).keys
    assert task.wanted.keys == effects.conditions.take(split.test).keys
    np.testing.assert_array_equal(task.effects, effects.delta_train[split.train])
    np.testing.assert_array_equal(task.weights, effects.n_rows[split.train])
    assert set(task.controls) == set(effects.conditions.context.tolist())  # those of unseen contexts are granted
    assert task.regime == world.claim.regime
    assert task.embedding.shape == (len(effects.genes), 20)
    assert np.isfinite(task.embedding).all()


def test_controls_are_those_left_to_training(study):
    world = study("cex")
    profiles = world.effects.moments.pool_profiles(TRAINING)
    for profile, context in zip(profiles, world.effects.pool_context, strict=True):
        np.testing.assert_array_equal(world.task.controls[context], profile)
    whole = world.effects.moments.pool_profiles(tuple(range(8)))
    assert not np.allclose(profiles, whole)


def test_unmeasured_training_conditions_are_left_out(study):
    world = study("gex")
    delta = world.effects.delta_train.copy()
    gone = world.split.train[3]
    delta[gone, np.flatnonzero(world.effects.mask[gone])[0]] = np.nan
    unscored = world.split.train[5]
    delta[unscored, np.flatnonzero(~world.effects.mask[unscored])[0]] = np.nan
    task = make_task(replace(world.effects, delta_train=delta), world.claim, world.knowledge, 0)
    lost = set(world.task.train.keys) - set(task.train.keys)
    assert lost == {world.effects.conditions.keys[gone]}
    assert np.isfinite(task.effects).all()


def test_a_random_cell_split_trains_on_the_other_cells(study):
    world = study("gex")
    conditions = world.simulation.screen.conditions
    split = make_split(conditions, "random-cells", seed=0)
    effects = measure(world.simulation.screen, train=split.train, test_shards=split.test_shards)
    task = make_task(effects, make_claim(split, effects=effects), world.knowledge, 0)
    assert task.regime is Regime.RANDOM_CELLS
    assert len(task.train) == len(task.wanted) == len(conditions)
    shards = tuple(s for s in range(8) if s not in split.test_shards)
    np.testing.assert_allclose(task.effects, effects.moments.effects(shards, TRAINING))


def test_co_expression_finds_genes_that_vary_together(study):
    """Planted: copies of genes in control cells. Their loadings agree; those of others do not."""
    world = study("gex")
    moments = world.effects.moments
    rng = np.random.default_rng(0)
    driver = rng.gamma(4.0, size=moments.atoms.shape[:2])
    atoms = moments.atoms.copy()
    for g in (10, 11, 12):
        atoms[:, :, g] = rng.poisson(40.0 * driver)
    task = make_task(replace(world.effects, moments=replace(moments, atoms=atoms)), world.claim, world.knowledge, 0)
    unit = task.embedding / np.linalg.norm(task.embedding, axis=1, keepdims=True)
    likeness = unit @ unit.T
    planted = likeness[np.ix_([10, 11, 12], [10, 11, 12])][np.triu_indices(3, 1)]
    others = np.abs(likeness[10, 13:])
    assert planted.min() > 0.7
    assert np.median(others) < 0.4


def test_a_part_of_a_task_keeps_rows_together(make):
    effects = {("A", f"g{i}"): np.full(3, float(i)) for i in range(5)}
    task = make(effects, [("A", "g9")], weights={k: 10.0 + v[0] for k, v in effects.items()})
    part = task.part(np.array([3, 0, 4]), np.array([1, 2]))
    assert part.train.perturbation.tolist() == ["g0", "g3", "g4"]
    np.testing.assert_array_equal(part.effects[:, 0], [0.0, 3.0, 4.0])
    np.testing.assert_array_equal(part.weights, [10.0, 13.0, 14.0])
    assert part.wanted.perturbation.tolist() == ["g1", "g2"]
    assert len(task.train) == 5


def test_without_tuning_no_fold_is_drawn_and_every_rung_still_answers(study):
    task = replace(study("cex").task, tune=False)
    assert study("cex").task.folds()
    assert task.folds() == []
    for name in ("additive", "ridge", "pls", "elastic_net", "random_forest", "nearest_context", "context_regression"):
        assert np.isfinite(BASELINES[name].obj().fit(task).predict(task.wanted)).all(), name
