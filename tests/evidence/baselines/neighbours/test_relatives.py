"""Look-ups by kinship copy what is related, and nothing where the split kept kin together."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.claim import find_related, make_claim, make_split
from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, make_task
from vcassay.knowledge import Knowledge


def effect(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=6)


def fitted(name: str, task):
    model = BASELINES[name].obj().fit(task)
    return model, model.predict(task.wanted)


def test_relatives_of_the_context_go_first_and_each_counts_once(make):
    train = {
        ("A", "p1", 1.0): effect(0),
        ("A", "p1", 5.0): effect(1),
        ("A", "p2", 5.0): effect(2),
        ("B", "p3", 5.0): effect(3),
    }
    task = make(train, [("A", "q", 5.0)], relatives={"q": ("p1", "p2", "p3", "p9")})
    model, found = fitted("trained_relatives", task)
    np.testing.assert_allclose(found[0], (effect(1) + effect(2)) / 2)  # p1 at the same dose; p3 is elsewhere
    assert model.n_fallback == 0


def test_a_relative_of_another_context_stands_in(make):
    train = {("A", "p1"): effect(0), ("B", "p3"): effect(3), ("C", "p3"): effect(4)}
    _, found = fitted("trained_relatives", make(train, [("A", "q")], relatives={"q": ("p3",)}))
    np.testing.assert_allclose(found[0], (effect(3) + effect(4)) / 2)


def test_without_trained_kin_it_is_the_mean_of_the_context(make):
    train = {("A", "p1"): effect(0), ("A", "p2"): effect(1), ("B", "p1"): effect(2)}
    model, found = fitted("trained_relatives", make(train, [("A", "q"), ("A", "q+p1")], relatives={"q": ("r",)}))
    np.testing.assert_allclose(found, np.tile((effect(0) + effect(1)) / 2, (2, 1)))
    assert model.n_fallback == 2
    assert "no relative being trained" in model.fallback


def test_related_contexts_lend_the_same_treatment(make):
    train = {("A", "p"): effect(0), ("B", "p"): effect(1), ("C", "p"): effect(2), ("C", "q"): effect(3)}
    task = make(train, [("Z", "p"), ("Z", "q")], regime=Regime.CEX, siblings={"Z": ("A", "B", "Y")})
    model, found = fitted("related_contexts", task)
    np.testing.assert_allclose(found[0], (effect(0) + effect(1)) / 2)
    np.testing.assert_allclose(found[1], effect(3))  # no related context has it: the perturbation mean
    assert model.n_fallback == 1


@pytest.mark.parametrize("together", [False, True])
def test_kin_that_a_split_keeps_together_is_not_there(study, together):
    made = study("cex", n_siblings=2, n_contexts=6)
    conditions, relations = made.effects.conditions, made.simulation.relations
    related = find_related(conditions, Knowledge(siblings=tuple((a, b) for a, b, _ in relations)))
    child = relations[0][1]
    split = make_split(conditions, "cex", contexts=(child,), together=related.together() if together else (), seed=0)
    task = make_task(made.effects, make_claim(split, related=related))
    model, _ = fitted("related_contexts", task)
    assert (model.n_fallback == len(task.wanted)) is together


def test_a_task_knows_kin_by_what_is_handed_in(study):
    made = study("cex", n_siblings=2, n_contexts=6)
    (a, b, _), *_ = made.simulation.relations
    related = find_related(made.effects.conditions, Knowledge(siblings=((a, b),)))
    task = make_task(made.effects, make_claim(made.split, related=related))
    assert task.siblings[a] == (b,)
    assert task.siblings[b] == (a,)
    assert task.relatives == {}
