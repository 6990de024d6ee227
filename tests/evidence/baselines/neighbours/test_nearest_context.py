"""Nearest contexts and genes, condition by condition, against loops over what is near."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.neighbours.coexpression import GeneNeighbours
from vcassay.evidence.baselines.neighbours.nearest_context import ContextNeighbours
from vcassay.evidence.baselines.neighbours.neighbours import mean_weights

CONTEXTS = tuple(f"c{i}" for i in range(6))
GENES = [f"g{i:02d}" for i in range(30)]


def noise_task(make, seed=0):
    rng = np.random.default_rng(seed)
    keys = [(c, p) for c in CONTEXTS for p in (*GENES[:12], "g01+g02") if rng.random() < 0.8]
    wanted = [("c5", p) for p in (*GENES[:14], "g01+g02", "zz", "g03+zz")] + [("nowhere", "g01")]
    effects = {k: rng.normal(size=30) for k in keys if k[0] != "c5"}
    controls = {c: rng.normal(size=30) for c in CONTEXTS}
    return make(effects, wanted, regime=Regime.CEX, genes=GENES, controls=controls, embedding=rng.normal(size=(30, 4)))


def nearest_by_hand(task, k):
    """Cosine of control profiles less their mean over contexts; weights 1.001 + similarity."""
    rows, middle = {key: i for i, key in enumerate(task.train.keys)}, np.mean(list(task.controls.values()), axis=0)
    for context, *rest in task.wanted.keys:
        found = []
        for other in sorted(set(task.train.context.tolist())):
            if other != context and (other, *rest) in rows and context in task.controls:
                a, b = task.controls[context] - middle, task.controls[other] - middle
                found.append((a @ b / np.linalg.norm(a) / np.linalg.norm(b), rows[other, *rest]))
        found = sorted(found, reverse=True)[:k]
        if found:
            yield np.average([task.effects[i] for _, i in found], axis=0, weights=[1.001 + s for s, _ in found])
            continue
        yield perturbation_mean(task, *rest)


def perturbation_mean(task, parts, dose, time):
    contexts = sorted(set(task.train.context.tolist()))
    mean = np.mean([task.effects[task.train.context == c].mean(axis=0) for c in contexts], axis=0)
    of = {}
    for treatment, effect in zip(task.train.treatments, task.effects, strict=True):
        of.setdefault(treatment, []).append(effect)
    if (parts, dose, time) in of or not any(((p,), dose, time) in of for p in parts):
        return np.mean(of.get((parts, dose, time), [mean]), axis=0)
    return np.sum([np.mean(of.get(((p,), dose, time), [mean]), axis=0) for p in parts], axis=0)


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("seed", range(3))
def test_nearest_contexts_one_by_one(make, k, seed):
    task = noise_task(make, seed)
    found, lost = ContextNeighbours(task).predict(task.wanted, k)
    np.testing.assert_allclose(found, list(nearest_by_hand(task, k)), atol=1e-12)
    trained = set(task.train.treatments)
    assert lost == sum(c not in task.controls or (p, d, t) not in trained for c, p, d, t in task.wanted.keys)


def genes_by_hand(task, k):
    position = {g: i for i, g in enumerate(task.genes.tolist())}
    unit = task.embedding / np.linalg.norm(task.embedding, axis=1, keepdims=True)
    means = {c: task.effects[task.train.context == c].mean(axis=0) for c in sorted(set(task.train.context.tolist()))}
    for context, parts, _, _ in task.wanted.keys:
        near = {}
        for i, (other, own, _, _) in enumerate(task.train.keys):
            usable = len(own) == 1 and own[0] in position and own[0] not in parts
            if usable and (context not in means or other == context):
                near.setdefault(own[0], []).append(task.effects[i])
        measured = [position[p] for p in parts if p in position]
        if not measured or not near:
            yield means.get(context, np.mean(list(means.values()), axis=0))
            continue
        query = unit[measured].mean(axis=0)
        order = sorted(near, key=lambda name: -unit[position[name]] @ query)[:k]
        yield np.mean([np.mean(near[name], axis=0) for name in order], axis=0)


@pytest.mark.parametrize("k", [1, 3, 20])
@pytest.mark.parametrize("seed", range(3))
def test_nearest_genes_one_by_one(make, k, seed):
    task = noise_task(make, seed)
    few = task.wanted.take(np.arange(4))
    task = replace(task, wanted=replace(task.wanted, context=np.where(task.wanted.context == "nowhere", "c1", "c5")))
    found, _ = GeneNeighbours(task).predict(task.wanted, k)
    np.testing.assert_allclose(found, list(genes_by_hand(task, k)), atol=1e-12)
    here = replace(few, context=np.full(4, "c2"))
    found, _ = GeneNeighbours(task).predict(here, k)
    np.testing.assert_allclose(found, list(genes_by_hand(replace(task, wanted=here), k)), atol=1e-12)


def test_similarity_of_many_contexts_is_that_of_fifty_components(make):
    """With more than 51 contexts the last components, which are noise, are left out."""
    rng = np.random.default_rng(1)
    contexts = [f"c{i:02d}" for i in range(70)]
    x = rng.normal(size=(70, 100)) * np.linspace(3, 0.5, 100)
    effects = {(c, "g"): rng.normal(size=100) for c in contexts[1:]}
    task = make(effects, [("c00", "g")], regime=Regime.CEX, controls=dict(zip(contexts, x, strict=True)))
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    scores = u[:, :50] * s[:50]
    unit = scores / np.linalg.norm(scores, axis=1, keepdims=True)
    np.testing.assert_allclose(ContextNeighbours(task).similarity, unit @ unit.T, atol=1e-10)


def test_the_number_of_contexts_is_one_of_the_published_grid(make):
    assert BASELINES["nearest_context"].obj().fit(noise_task(make)).k in (1, 3, 5, 10)


def test_rows_of_weights_add_up_to_one_where_anything_counts():
    rows, weight = np.array([[0, 2], [1, 1], [2, -1]]), np.array([[1.0, 3.0], [0.0, 0.0], [2.0, 5.0]])
    found, known = mean_weights(rows, weight, np.array([[True, True], [True, True], [True, False]]), 3)
    np.testing.assert_allclose(found.toarray(), [[0.25, 0, 0.75], [0, 0, 0], [0, 0, 1]])
    assert known.tolist() == [True, False, True]
