"""Sabotage destroys one input, all of it, and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, climb
from vcassay.evidence.baselines.probes import sabotage
from vcassay.knowledge import Features

NAMES = (
    "shuffled_perturbations",
    "shuffled_features",
    "zeroed_features",
    "random_features",
    "shuffled_contexts",
)
TOUCHED = {
    "shuffled_perturbations": {"effects", "weights"},
    "shuffled_features": {"features", "embedding"},
    "zeroed_features": {"features", "embedding"},
    "random_features": {"features", "embedding"},
    "shuffled_contexts": {"controls", "context_features"},
}
G, GUIDES, CONTEXTS = 15, tuple(f"g{i}" for i in range(6)), "ABCDEF"


@pytest.fixture
def task(make):
    rng = np.random.default_rng(0)
    train = {(c, p): rng.normal(size=G) for c in CONTEXTS[:3] for p in GUIDES[:4]}
    prior = (Features("f", GUIDES, rng.normal(size=(len(GUIDES), 3))),)
    return make(
        train,
        [(c, p) for c in CONTEXTS for p in GUIDES[4:]],
        regime=Regime.AEX,
        genes=[*GUIDES, *(f"x{i}" for i in range(G - len(GUIDES)))],
        controls={c: rng.normal(size=G) for c in CONTEXTS},
        embedding=rng.normal(size=(G, 2)),
        features=prior,
        weights={k: float(i + 1) for i, k in enumerate(train)},
    )


def same(a, b):
    """Whether two fields of a task hold the same."""
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)
    if isinstance(a, tuple) and a and isinstance(a[0], Features):
        return all(np.array_equal(x.matrix, y.matrix) and x.ids == y.ids for x, y in zip(a, b, strict=True))
    return a is b or a == b


@pytest.mark.parametrize("name", NAMES)
def test_one_input_is_destroyed_and_nothing_else(task, name):
    task = replace(task, context_features=(Features("c", tuple(CONTEXTS), np.arange(12.0).reshape(6, 2)),))
    made = getattr(sabotage, name)(task)
    changed = {
        f.name for f in fields(task) if f.name != "memo" and not same(getattr(task, f.name), getattr(made, f.name))
    }
    assert changed == TOUCHED[name]


@given(st.lists(st.sampled_from("abc"), max_size=20), st.integers(0, 99))
def test_exchange_moves_everything_within_its_group(groups, seed):
    source = sabotage.exchange(groups, np.random.default_rng(seed))
    assert sorted(source.tolist()) == list(range(len(groups)))
    for i, j in enumerate(source.tolist()):
        assert groups[i] == groups[j]
        assert (i != j) or groups.count(groups[i]) == 1


def test_effects_stay_in_their_context_and_leave_their_perturbation(task):
    made = sabotage.shuffled_perturbations(task)
    for c in CONTEXTS[:3]:
        here = task.train.context == c
        np.testing.assert_allclose(made.effects[here].mean(axis=0), task.effects[here].mean(axis=0))
        assert sorted(map(tuple, made.effects[here])) == sorted(map(tuple, task.effects[here]))
        assert sorted(made.weights[here]) == sorted(task.weights[here])
    assert not (made.effects == task.effects).all(axis=1).any()


def test_doses_are_exchanged_among_their_like_alone(make):
    effects = {("A", d, x): np.full(3, x * (i + 1)) for i, d in enumerate(("d0", "d1", "d2")) for x in (1.0, 10.0)}
    task = make(effects, [("A", "d3", 1.0)])
    made = sabotage.shuffled_perturbations(task)
    for x in (1.0, 10.0):
        at = task.train.dose == x
        assert sorted(made.effects[at, 0]) == sorted(task.effects[at, 0])


def test_every_perturbation_gets_the_features_of_another(task):
    made = sabotage.shuffled_features(task)
    for before, after in zip(task.features, made.features, strict=True):
        assert after.ids == before.ids
        assert sorted(map(tuple, after.matrix)) == sorted(map(tuple, before.matrix))
        assert not (after.matrix == before.matrix).all(axis=1).any()


def test_random_features_are_as_wide_and_tell_nothing(task):
    wide = replace(task, features=(Features("f", tuple(f"p{i}" for i in range(500)), np.ones((500, 4))),))
    (made,) = sabotage.random_features(wide).features
    assert made.matrix.shape == (500, 4)
    np.testing.assert_allclose(made.matrix.mean(axis=0), 0.0, atol=0.2)
    np.testing.assert_allclose(np.cov(made.matrix.T), np.eye(4), atol=0.25)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides(task, name):
    one, two = (getattr(sabotage, name)(replace(task, seed=s)) for s in (0, 0))
    assert all(same(getattr(one, f), getattr(two, f)) for f in TOUCHED[name])
    if name != "zeroed_features":
        other = [getattr(sabotage, name)(replace(task, seed=s)) for s in range(1, 5)]
        field = sorted(TOUCHED[name] - {"context_features", "weights"})[0]
        assert not all(same(getattr(one, field), getattr(o, field)) for o in other)


def test_what_has_nothing_to_destroy_does_not_run(task, make):
    assert all(sabotage.destroyed(name, task) == "" for name in NAMES)
    seen = replace(task, wanted=task.train)
    assert "every test perturbation was trained" in sabotage.destroyed("shuffled_features", seen)
    assert "every test context was trained" in sabotage.destroyed("shuffled_contexts", seen)
    one = replace(task, wanted=task.wanted.take(np.flatnonzero(task.wanted.context == "F")))
    assert "1 new context: for an exchange 3 are needed" in sabotage.destroyed("shuffled_contexts", one)
    assert "no prior feature" in sabotage.destroyed("random_features", replace(task, features=()))
    assert "fewer than two contexts" in sabotage.destroyed("shuffled_contexts", replace(task, controls={}))
    lone = make({("A", "g0"): np.ones(3)}, [("A", "g1")])
    assert "one perturbation" in sabotage.destroyed("shuffled_perturbations", lone)


def test_a_sabotaged_rung_is_its_twin_on_the_destroyed_task(study, answer):
    """The rotation that it works in changes no number."""
    world = study("gex")
    for name in ("shuffled_perturbations", "shuffled_features", "random_features", "zeroed_features"):
        direct = answer("ridge", getattr(sabotage, name)(world.task))
        np.testing.assert_allclose(answer(name, world.task), direct, atol=1e-9)


def test_a_sabotaged_rung_is_no_rival(study):
    world = study("gex")
    rung = climb(world.task, world.claim, BASELINES["shuffled_features"])
    assert (rung.record.ran, rung.record.legal, rung.record.twin) == (True, False, "ridge")
    assert "must lose" in rung.record.why
    idle = climb(world.task, world.claim, BASELINES["shuffled_contexts"])
    assert not idle.record.ran
    assert idle.record.why.startswith("nothing to destroy: every test context was trained")
