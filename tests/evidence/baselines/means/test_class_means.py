"""Means of mechanisms and targets."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES

LABEL = {"mechanism_mean": "moa", "target_mean": "target"}


@pytest.fixture(params=list(LABEL))
def name(request):
    return request.param


def labelled(name, labels):
    return {LABEL[name]: labels}


def test_a_class_is_sought_where_it_is_nearest(make, name):
    """Same context and dose, else over doses there, else over contexts, else the perturbed mean."""
    labels = {"d1": "x", "d2": "x", "d3": "x", "d4": "y", "d5": "y", "d6": "z", "d9": "x", "d8": "y", "d7": "z"}
    rng = np.random.default_rng(0)
    train = [
        ("A", "d1", 1.0),
        ("A", "d2", 1.0),
        ("A", "d1", 10.0),
        ("B", "d3", 1.0),
        ("A", "d4", 1.0),
        ("B", "d5", 10.0),
    ]
    train += [("A", "d6", 1.0)]
    effects = {k: rng.normal(size=5) for k in train}
    wanted = [("A", "d9", 1.0), ("A", "d9", 10.0), ("A", "d8", 1.0), ("B", "d9", 1.0), ("A", "d7", 1.0)]
    task = make(effects, wanted, annotation=labelled(name, labels), regime=Regime.DEX)
    model = BASELINES[name].obj().fit(task)
    found = dict(zip(task.wanted.keys, model.predict(task.wanted), strict=True))
    e = effects
    d1 = (e["A", "d1", 1.0] + e["A", "d1", 10.0]) / 2
    means = [np.mean([e[k] for k in train if k[0] == c], axis=0) for c in "AB"]
    expected = {
        ("A", "d9", 1.0): (e["A", "d1", 1.0] + e["A", "d2", 1.0]) / 2,
        ("A", "d9", 10.0): (d1 + e["A", "d2", 1.0]) / 2,
        ("A", "d8", 1.0): (e["A", "d4", 1.0] + e["B", "d5", 10.0]) / 2,
        ("B", "d9", 1.0): (d1 + e["A", "d2", 1.0] + e["B", "d3", 1.0]) / 3,
        ("A", "d7", 1.0): np.mean(means, axis=0),
    }
    for (context, drug, dose), value in expected.items():
        np.testing.assert_allclose(found[context, (drug,), dose, -1.0], value, err_msg=f"{context} {drug} {dose}")
    assert model.n_fallback == 1


def test_several_labels_pool_their_classes_and_count_each_compound_once(make, answer, name):
    labels = {"d1": "x|y", "d2": "x", "d3": "y", "d4": "z", "d5": "y|x"}
    effects = {("A", f"d{i}", 1.0): np.full(3, float(i)) for i in range(1, 5)}
    task = make(effects, [("A", "d5", 1.0)], annotation=labelled(name, labels), regime=Regime.DEX)
    np.testing.assert_allclose(answer(name, task), [[2.0, 2.0, 2.0]])


def test_a_gene_is_not_averaged_with_compounds(make, answer):
    """A knock-down of the target shares the target's column, but is no compound."""
    effects = {("A", "d1", 1.0): np.full(3, 1.0), ("A", "d2", 1.0): np.full(3, 3.0), ("A", "G"): np.full(3, 9.0)}
    labels = {"target": {"d1": "G", "d2": "G", "d3": "G"}}
    task = make(effects, [("A", "d3", 1.0)], annotation=labels, regime=Regime.DEX)
    np.testing.assert_allclose(answer("target_mean", task), [[2.0, 2.0, 2.0]])


@pytest.mark.parametrize("seed", range(5))
def test_it_wins_where_classes_share_effects_and_not_elsewhere(make, answer, name, seed):
    rng = np.random.default_rng(seed)
    kind = {f"d{i}": f"m{i % 6}" for i in range(30)}
    own = {f"m{i}": rng.normal(size=60) for i in range(6)}
    for share in (0.9, 0.0):
        effects = {
            ("A", d, 1.0): np.sqrt(share) * own[kind[d]] + np.sqrt(1 - share) * rng.normal(size=60) for d in kind
        }
        wanted = [k for k in effects if int(k[1][1:]) >= 24]
        train = {k: v for k, v in effects.items() if k not in wanted}
        task = make(train, wanted, annotation=labelled(name, kind), regime=Regime.DEX)
        truth = np.array([effects[c, p[0], d] for c, p, d, _ in task.wanted.keys])
        mine, mean = (np.sum((answer(n, task) - truth) ** 2) for n in (name, "perturbed_mean"))
        assert mine < 0.4 * mean if share else mine > 1.1 * mean
