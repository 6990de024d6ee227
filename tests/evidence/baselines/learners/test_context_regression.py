"""Context regression: ridge paths by hand, and planted interactions that follow control expression."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, climb
from vcassay.evidence.baselines.learners.context_regression import best_setting
from vcassay.evidence.baselines.learners.residual_ridge import Kernels, residual_answers, ridge_paths
from vcassay.knowledge import Features

G = 40


def error(values, truth):
    return float(np.sum((values - truth) ** 2) / np.sum(truth**2))


def test_ridge_paths_are_kernel_ridge():
    rng = np.random.default_rng(0)
    x, z, y = rng.normal(size=(9, 4)), rng.normal(size=(3, 4)), rng.normal(size=(9, 2))
    kernel = x @ x.T
    scale = np.trace(kernel) / 9
    found = ridge_paths(kernel, z @ x.T, (0.1, 2.0, np.inf))
    for weights, penalty in zip(found[:2], (0.1, 2.0), strict=True):
        model = KernelRidge(alpha=penalty * scale, kernel="precomputed").fit(kernel, y)
        np.testing.assert_allclose(weights @ y, model.predict(z @ x.T), atol=1e-10)
    assert not found[2].any()
    assert not ridge_paths(np.zeros((3, 3)), np.ones((2, 3)), (0.1,)).any()


def test_answers_one_by_one():
    """Condition by condition: the contexts' means on the kernel, then the treatment's own deviations."""
    rng = np.random.default_rng(1)
    contexts, treatments, k = 7, 5, 3
    x = rng.normal(size=(contexts + 2, 4))
    kernel, have = x @ x.T, rng.random((contexts, treatments)) < 0.7
    have[:, 0] = True
    rows = np.where(have, np.cumsum(have.ravel()).reshape(have.shape) - 1, -1)
    left = rng.normal(size=(int(have.sum()), k))
    trained = np.array([*range(contexts - 1), -1])  # nothing is known of the last one
    context, treatment = np.array([7, 8, 8, -1, 2]), np.array([0, 1, -1, 2, 3])
    penalties = (0.5, np.inf)
    found = residual_answers(kernel, trained, rows, left, context, treatment, penalties)
    able = [c for c in range(contexts) if trained[c] >= 0]
    mean = np.array([left[rows[c][have[c]]].mean(axis=0) for c in able])

    def ridge(use, target, y, penalty):
        if np.isinf(penalty):
            return np.zeros(k)
        inner = kernel[np.ix_(use, use)]
        return kernel[target, use] @ np.linalg.solve(inner + penalty * np.trace(inner) / len(use) * np.eye(len(use)), y)

    for i, (c, t) in enumerate(zip(context, treatment, strict=True)):
        for a, first in enumerate(penalties):
            for b, second in enumerate(penalties):
                if c < 0:
                    assert not found[a, b, i].any()
                    continue
                shared = mean.mean(axis=0) + ridge(able, c, mean - mean.mean(axis=0), first)
                value = mean[c] if c in able else shared
                if t >= 0:
                    use = [u for u in able if have[u, t]]
                    value = value + ridge(use, c, left[rows[use, t]] - mean[use], second)
                np.testing.assert_allclose(found[a, b, i], value, atol=1e-10)


def test_a_component_is_left_alone_unless_the_gain_is_beyond_its_noise():
    """Four folds, three settings, the last learns nothing: a sure gain, a gain of one fold alone, none, a tie."""
    sure = np.array([[1.0, 2.0, 3.0], [1.1, 2.0, 3.0], [0.9, 2.0, 3.1], [1.0, 2.0, 2.9]])
    unsure = np.array([[0.0, 1.0, 4.0], [3.2, 3.1, 3.0], [3.1, 3.0, 3.0], [3.2, 3.1, 3.0]])
    none = np.array([[2.0, 1.5, 1.0]] * 4)
    tie = np.array([[1.0, 1.0, 2.0], [1.0, 1.0, 2.1], [1.0, 1.0, 2.0], [1.0, 1.0, 2.0]])
    assert best_setting(np.stack([sure, unsure, none, tie], axis=2)).tolist() == [0, 2, 2, 1]
    assert best_setting(np.ones((1, 3, 2))).tolist() == [2, 2]


def test_kernels_are_centred_on_training_and_weigh_blocks_alike():
    rng = np.random.default_rng(2)
    names = ["a", "b", "c", "new"]
    x, y = rng.normal(size=(4, 3)), 50.0 * rng.normal(size=(4, 2))
    found = Kernels.of([(names, x), (names, y)], ["a", "b", "c"])
    expected = np.zeros((4, 4))
    for block in (x, y):
        centred = block - block[:3].mean(axis=0)
        expected += centred @ centred.T / (centred[:3] ** 2).sum(axis=1).mean() / 2
    np.testing.assert_allclose(found.matrix, expected, atol=1e-12)


def world(make, seed, *, own=1.0, shared=1.0, contexts=16, guides=25, noise=0.2, known=True, features=False):
    """Effects beta_p + z_c (a + b_p): lines differ as two axes of their control expression say."""
    rng = np.random.default_rng([seed, 11])
    names = [f"c{i:02d}" for i in range(contexts)]
    z = rng.normal(size=(contexts, 2))
    beta, a, b = rng.normal(size=(guides, G)), rng.normal(size=(2, G)), rng.normal(size=(guides, 2, G))
    truth = {
        (c, f"p{j:02d}"): beta[j] + z[i] @ (shared * a + own * b[j]) for i, c in enumerate(names) for j in range(guides)
    }
    visible = z if known and not features else rng.normal(size=z.shape)
    profile = 3.0 + visible @ rng.normal(size=(2, G)) + 0.05 * rng.normal(size=(contexts, G))
    wanted = [k for k in truth if k[0] in names[-3:]]
    train = {k: v + noise * rng.normal(size=G) for k, v in truth.items() if k not in set(wanted)}
    task = make(train, wanted, regime=Regime.CEX, controls=dict(zip(names, profile, strict=True)))
    if features:
        task = replace(task, context_features=(Features("expression", tuple(names), 100.0 * z),))
    return task, np.array([truth[c, p] for c, p in zip(task.wanted.context, task.wanted.perturbation, strict=True)])


@pytest.mark.parametrize("seed", range(4))
def test_interactions_that_follow_control_expression_are_found(make, answer, seed):
    task, truth = world(make, seed)
    found = {n: error(answer(n, task), truth) for n in ("context_regression", "additive", "perturbation_mean")}
    found["nearest_context"] = error(answer("nearest_context", task), truth)
    assert min(found, key=found.__getitem__) == "context_regression"
    assert found["context_regression"] < 0.4 * min(v for n, v in found.items() if n != "context_regression")


@pytest.mark.parametrize("seed", range(4))
def test_terms_that_all_perturbations_share_are_found(make, answer, seed):
    task, truth = world(make, seed, own=0.0)
    found = {n: error(answer(n, task), truth) for n in ("context_regression", "additive", "perturbation_mean")}
    assert found["context_regression"] < 0.2 * found["perturbation_mean"]
    assert found["context_regression"] < 1.5 * found["additive"]


def test_control_expression_that_tells_nothing_is_not_followed(make, answer):
    """Two axes of 13 contexts look alike by chance now and then; mostly they do not, and the template is the answer."""
    found = []
    for seed in range(16):
        task, truth = world(make, seed, known=False, guides=12)
        found.append(error(answer("context_regression", task), truth) / error(answer("perturbation_mean", task), truth))
    assert np.median(found) < 1.02
    assert np.mean(np.array(found) < 1.05) > 0.7


@pytest.mark.parametrize("seed", range(3))
def test_features_of_contexts_are_used(make, answer, seed):
    task, truth = world(make, seed, features=True)
    bare = error(answer("context_regression", replace(task, context_features=())), truth)
    assert error(answer("context_regression", task), truth) < 0.5 * bare


def test_an_interaction_without_noise_comes_back(make, answer):
    """One axis of control expression, hardly a penalty: nearly exact (the least penalty tried is .03)."""
    task, truth = world(make, 0, noise=0.0)
    assert error(answer("context_regression", task), truth) < 0.02


def test_a_context_that_is_trained_keeps_its_own_mean(make, answer):
    """Contexts differ by what controls do not show: a few perturbations shown there tell it."""
    rng = np.random.default_rng(3)
    names = [f"c{i}" for i in range(8)]
    alpha, beta = 2.0 * rng.normal(size=(8, G)), rng.normal(size=(12, G))
    truth = {(c, f"p{j:02d}"): alpha[i] + beta[j] for i, c in enumerate(names) for j in range(12)}
    wanted = [("c7", f"p{j:02d}") for j in range(6, 12)]
    controls = {c: rng.normal(size=G) for c in names}
    train = {k: v for k, v in truth.items() if k not in wanted}
    task = make(train, wanted, regime=Regime.FEW_SHOT, controls=controls)
    assert error(answer("context_regression", task), np.array([truth[k] for k in wanted])) < 0.05


def test_with_few_contexts_it_is_the_template_and_says_so(make):
    rng = np.random.default_rng(4)
    alpha, beta = rng.normal(size=(3, G)), rng.normal(size=(5, G))
    train = {(f"c{i}", f"p{j}"): alpha[i] + beta[j] for i in range(3) for j in range(5) if (i, j) != (0, 0)}
    wanted = [("c3", f"p{j}") for j in range(5)]
    task = make(train, wanted, regime=Regime.CEX, controls={f"c{i}": rng.normal(size=G) for i in range(4)})
    model = BASELINES["context_regression"].obj().fit(task)
    np.testing.assert_allclose(model.predict(task.wanted), alpha.mean(axis=0) + beta, atol=1e-6)
    assert model.n_fallback == 5


@pytest.mark.parametrize(("split", "legal"), [("cex", True), ("gex", False)])
def test_it_is_legal_where_the_perturbation_was_trained_elsewhere(study, split, legal):
    world = study(split)
    assert climb(world.task, world.claim, BASELINES["context_regression"]).record.legal == legal
