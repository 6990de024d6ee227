"""The perturbed reference: what the training perturbations do on average, without the test's own."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from vcassay.claim import Role, Split
from vcassay.core import Conditions
from vcassay.evidence.metrics.reference import perturbed_reference

GENES = 5


def study(table: list[tuple[str, str, str]], seed: int = 0):
    """Conditions with a role each, and random effects of training controls; test effects are NaN."""
    conditions = Conditions.make([c for c, _, _ in table], [p for _, p, _ in table])
    role = {(c, p): r for c, p, r in table}
    roles = np.array([role[c, p] for c, p in zip(conditions.context, conditions.perturbation, strict=True)])
    delta = np.random.default_rng(seed).normal(size=(len(table), GENES))
    delta[roles == Role.TEST] = np.nan
    mask = np.ones(delta.shape, dtype=bool)
    return SimpleNamespace(conditions=conditions, delta_train=delta, mask=mask), Split(conditions, roles)


def at(effects, context, perturbation):
    keys = list(zip(effects.conditions.context, effects.conditions.perturbation, strict=True))
    return effects.delta_train[keys.index((context, perturbation))]


def test_unseen_gene_gets_the_mean_of_its_own_context():
    effects, split = study([("A", "g1", "train"), ("A", "g2", "train"), ("B", "g1", "train"), ("A", "g3", "test")])
    expected = (at(effects, "A", "g1") + at(effects, "A", "g2")) / 2
    np.testing.assert_allclose(perturbed_reference(effects, split), [expected])


def test_unseen_context_gets_the_mean_of_the_others_contexts_weighing_alike():
    effects, split = study(
        [("A", "g1", "train"), ("A", "g2", "train"), ("A", "g3", "train"), ("B", "g1", "train"), ("C", "g1", "test")]
    )
    a = np.mean([at(effects, "A", g) for g in ("g1", "g2", "g3")], axis=0)
    np.testing.assert_allclose(perturbed_reference(effects, split), [(a + at(effects, "B", "g1")) / 2])


def test_the_perturbation_itself_takes_no_part():
    """When its cells are in training too, as in a random-cell split."""
    table = Conditions.make(["A"] * 3, ["g1", "g2", "g3"])
    delta = np.random.default_rng(0).normal(size=(3, GENES))
    effects = SimpleNamespace(conditions=table, delta_train=delta, mask=np.ones(delta.shape, dtype=bool))
    split = Split(table, np.full(3, Role.TEST.value), test_shards=(6, 7))
    expected = [(delta[1] + delta[2]) / 2, (delta[0] + delta[2]) / 2, (delta[0] + delta[1]) / 2]
    np.testing.assert_allclose(perturbed_reference(effects, split), expected)


def test_the_only_perturbation_of_a_context_is_its_own_reference():
    table = Conditions.make(["A", "B"], ["g1", "g1"])
    delta = np.arange(2.0 * GENES).reshape(2, GENES)
    effects = SimpleNamespace(conditions=table, delta_train=delta, mask=np.ones(delta.shape, dtype=bool))
    split = Split(table, np.full(2, Role.TEST.value), test_shards=(6, 7))
    np.testing.assert_allclose(perturbed_reference(effects, split), delta)


def test_unmeasured_training_conditions_are_left_out():
    effects, split = study([("A", "g1", "train"), ("A", "g2", "train"), ("A", "g3", "test")])
    effects.delta_train[1] = np.nan
    np.testing.assert_allclose(perturbed_reference(effects, split), [effects.delta_train[0]])
    effects.mask[1, 0] = False  # still NaN where it is scored
    np.testing.assert_allclose(perturbed_reference(effects, split), [effects.delta_train[0]])


def test_there_is_none_without_training():
    effects, split = study([("A", "g1", "test"), ("A", "g2", "test")])
    assert np.isnan(perturbed_reference(effects, split)).all()


@pytest.mark.parametrize("value", [np.nan, 1e9])
def test_test_effects_take_no_part(value):
    effects, split = study([("A", "g1", "train"), ("B", "g2", "train"), ("A", "g3", "test"), ("C", "g1", "test")])
    before = perturbed_reference(effects, split)
    effects.delta_train[split.test] = value
    np.testing.assert_array_equal(perturbed_reference(effects, split), before)
