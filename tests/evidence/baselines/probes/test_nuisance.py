"""Probes: they find what is planted in numbers of cells and batches, and say the mean where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, Template, climb
from vcassay.evidence.baselines.probes.nuisance import neighbour_means, standardised

G = 20
PROBES = ("cell_count_neighbour", "cell_count_magnitude", "batch_only")


def template_of(task, rows, depth=None, share=None):
    """A template from what each condition, by key, has."""
    pick = lambda table, of: np.array([of[k[0], k[1][0]] for k in table.keys], dtype=float)  # noqa: E731
    nan = dict.fromkeys(rows, np.nan)
    depth = depth or nan
    share = share or {key: [] for key in rows}
    of_train, of_wanted = ([pick(t, x) for x in (rows, depth, share)] for t in (task.train, task.wanted))
    names = tuple(f"b{i}" for i in range(of_train[2].shape[1]))
    return Template(of_train[0], of_wanted[0], of_train[1], of_wanted[1], names, of_train[2], of_wanted[2])


def fitted(name, task, template):
    return BASELINES[name].obj().fit(task, template)


@pytest.fixture
def world(make):
    """One context in which effects come in two sizes, and large ones leave few cells."""
    rng = np.random.default_rng(0)
    v = rng.normal(size=G)
    keys = [("A", f"g{i}") for i in range(24)]
    large = {k: i % 2 == 0 for i, k in enumerate(keys)}
    effects = {k: (3.0 if large[k] else 1.0) * v for k in keys}
    rows = {k: (20.0 if large[k] else 80.0) + rng.integers(0, 3) for k in keys}
    task = make({k: effects[k] for k in keys[:18]}, keys[18:])
    return task, template_of(task, rows), np.array([effects[k[0], k[1][0]] for k in task.wanted.keys])


@pytest.mark.parametrize("name", ["cell_count_neighbour", "cell_count_magnitude"])
def test_numbers_that_tell_the_size_are_read(world, name):
    task, template, truth = world
    found = fitted(name, task, template).predict(task.wanted)
    mean = task.effects.mean(axis=0)
    assert np.sum((found - truth) ** 2) < 0.02 * np.sum((mean - truth) ** 2)


def test_the_scale_is_the_regression_on_log_numbers(world):
    """Independently: slope of <y, m> / <m, m> on log rows, less their mean over all conditions of the context."""
    task, template, _ = world
    m = task.effects.mean(axis=0)
    y = task.effects @ m / (m @ m)
    x = np.log(template.rows_train)
    slope, intercept = np.polyfit(x, y, 1)
    expected = (intercept + slope * np.log(template.rows))[:, None] * m
    found = fitted("cell_count_magnitude", task, template).predict(task.wanted)
    # the mean of 1 is that over training conditions
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_what_differs_between_contexts_is_not_read_as_an_effect():
    rows = np.array([[10.0], [20.0], [1000.0], [2000.0]])
    train, wanted = standardised(rows, np.zeros((0, 1)), np.array(["A", "A", "B", "B"]))
    np.testing.assert_allclose(train[:2], train[2:])
    assert wanted.shape == (0, 1)
    np.testing.assert_allclose(train.std(axis=0), 1.0)


def test_columns_without_spread_or_with_gaps_are_left_out():
    context = np.array(["A", "A", "A"])
    both = np.array([[10.0, 5.0], [20.0, 5.0]])
    assert standardised(both, np.array([[30.0, 5.0]]), context)[0].shape == (2, 1)
    assert standardised(both, np.array([[np.nan, 5.0]]), context)[0].shape == (2, 0)


def test_ties_count_alike():
    distance = np.array([[0.0, 1.0, 1.0, 2.0]])
    effects = np.array([[1.0], [2.0], [6.0], [100.0]])
    np.testing.assert_allclose(neighbour_means(distance, effects, 2), [[3.0]])
    np.testing.assert_allclose(neighbour_means(distance, effects, 1), [[1.0]])
    np.testing.assert_allclose(neighbour_means(distance, effects, 99), [[109 / 4]])


def test_the_mean_of_a_batch_is_weighted_by_shares(make):
    effects = {("A", "g0"): np.ones(G), ("A", "g1"): 3 * np.ones(G), ("A", "g2"): 8 * np.ones(G)}
    task = make(effects, [("A", "g3"), ("A", "g4")])
    share = {("A", "g0"): [1, 0, 0], ("A", "g1"): [0.5, 0.5, 0], ("A", "g2"): [0, 1, 0]}
    share |= {("A", "g3"): [0.25, 0.75, 0], ("A", "g4"): [0, 0, 1]}
    model = fitted("batch_only", task, template_of(task, dict.fromkeys(share, 9.0), share=share))
    one, two = (1 + 0.5 * 3) / 1.5, (0.5 * 3 + 8) / 1.5
    np.testing.assert_allclose(model.predict(task.wanted)[:, 0], [0.25 * one + 0.75 * two, 4.0])
    assert model.n_fallback == 1


@pytest.mark.parametrize("name", PROBES)
def test_equal_numbers_tell_nothing(make, name):
    rng = np.random.default_rng(1)
    effects = {("A", f"g{i}"): rng.normal(size=G) for i in range(6)}
    task = make(effects, [("A", "new")])
    keys = [*effects, ("A", "new")]
    model = fitted(name, task, template_of(task, dict.fromkeys(keys, 30.0), dict.fromkeys(keys, 9.0)))
    np.testing.assert_allclose(model.predict(task.wanted)[0], task.effects.mean(axis=0))
    assert model.n_fallback == 1


@pytest.mark.parametrize("name", PROBES)
def test_a_constant_effect_comes_back(make, name):
    rng = np.random.default_rng(2)
    v = rng.normal(size=G)
    keys = [(c, f"g{i}") for c in "AB" for i in range(8)]
    task = make(dict.fromkeys(keys[:12], v), keys[12:], regime=Regime.FEW_SHOT)
    rows, depth = ({k: float(x) for k, x in zip(keys, rng.uniform(5, 50, 16), strict=True)} for _ in range(2))
    share = {k: rng.dirichlet([1, 1]).tolist() for k in keys}
    found = fitted(name, task, template_of(task, rows, depth, share)).predict(task.wanted)
    np.testing.assert_allclose(found, np.tile(v, (len(task.wanted), 1)), atol=1e-9)


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_is_never_legal_and_runs_with_a_template_alone(study, name):
    world = study("gex")
    bare = climb(world.task, world.claim, BASELINES[name])
    assert (bare.record.ran, bare.record.legal) == (False, False)
    keys = [(k[0], k[1][0]) for t in (world.task.train, world.task.wanted) for k in t.keys]
    share = {k: [1.0, 0.0] if i % 2 else [0.5, 0.5] for i, k in enumerate(keys)}
    template = template_of(world.task, {k: 10.0 + i for i, k in enumerate(keys)}, share=share)
    rung = climb(world.task, world.claim, BASELINES[name], template=template)
    assert (rung.record.ran, rung.record.legal) == (True, False)
    assert "which no claim grants" in rung.record.why
    assert {"cell_numbers", "batches"} & set(BASELINES[name].meta["reads"])


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_that_has_nothing_to_read_is_no_probe(study, name):
    """It would answer as a mean does, and a model that loses to it would be told of batches that there are not."""
    world = study("gex")
    keys = [(k[0], k[1][0]) for t in (world.task.train, world.task.wanted) for k in t.keys]
    alike = template_of(world.task, dict.fromkeys(keys, 50.0))  # equal numbers, and no batches
    rung = climb(world.task, world.claim, BASELINES[name], template=alike)
    assert (rung.record.ran, rung.answer) == (False, None)
    assert rung.record.why.startswith("has nothing to read here")
