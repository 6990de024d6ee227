"""The linear models of Ahlmann-Eltze et al. against direct transcriptions, and where each form must win."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, climb
from vcassay.evidence.baselines.linear.gene_loading import GeneLoading
from vcassay.evidence.baselines.linear.gene_loading_features import principal_scores, reduce_block, side_by_side
from vcassay.knowledge import Features

GENES = [f"g{i:02d}" for i in range(60)]
D, PENALTY = 10, 0.1


def error(values, truth):
    return float(np.sum((values - truth) ** 2) / np.sum(truth**2))


def solve(y, g, p, new):
    """K = (G'G + .1)^-1 G' Yc P' (P P' + .1)^-1; prediction G K p + b with b taken before centring."""
    b = y.mean(axis=1, keepdims=True)
    left = np.linalg.inv(g.T @ g + PENALTY * np.eye(g.shape[1])) @ g.T
    right = p.T @ np.linalg.inv(p @ p.T + PENALTY * np.eye(len(p)))
    return (g @ (left @ (y - b) @ right) @ new + b).T


@pytest.mark.parametrize("wanted", [["g50", "g59"], ["g50", "g51+g53", "g03+g55"]])
def test_it_is_the_published_formula(make, answer, wanted):
    """G: scores of genes in a PCA of the training pseudobulks, p: the perturbed gene's own; doubles p_a + p_b."""
    rng = np.random.default_rng(0)
    control = rng.gamma(2.0, size=60)
    effects = {("A", p): rng.normal(size=60) for p in GENES[:40]}
    task = make(effects, [("A", w) for w in wanted], genes=GENES, controls={"A": control})
    y = np.array([effects["A", p] for p in task.train.perturbation.tolist()]).T
    g = PCA(D, svd_solver="full").fit_transform(y + control[:, None])
    row = dict(zip(GENES, g, strict=True))
    p = np.array([row[n] for n in task.train.perturbation.tolist()]).T
    new = np.array([sum(row[part] for part in parts) for parts in task.wanted.parts]).T
    np.testing.assert_allclose(answer("gene_loading", task), solve(y, g, p, new), atol=1e-9)


def test_every_context_has_its_own_level(make, answer):
    """Contexts far apart: what the port pools is the level; here an unmeasured perturbation gets its context's own."""
    rng = np.random.default_rng(1)
    level = {"A": np.full(60, 3.0), "B": np.full(60, -3.0)}
    effects = {(c, p): level[c] + 0.1 * rng.normal(size=60) for c in level for p in GENES[:20]}
    wanted = [("A", "compound"), ("B", "compound"), ("C", "compound")]
    found = answer("gene_loading", make(effects, wanted, genes=GENES))
    means = {c: np.mean([effects[c, p] for p in GENES[:20]], axis=0) for c in level}
    np.testing.assert_allclose(found[:2], [means["A"], means["B"]], atol=1e-3)
    np.testing.assert_allclose(found[2], (means["A"] + means["B"]) / 2, atol=1e-12)


def test_the_rule_of_constant_effects_catches_a_level_taken_after_centring(make, answer):
    """What a published port does: the mean effect is gone, and with it the whole answer."""

    class Ported(GeneLoading):
        """As ported."""

        def fit(self, task):
            return super().fit(replace(task, effects=task.effects - task.effects.mean(axis=0)))

    v = np.linspace(-1.0, 2.0, 60)
    task = make({("A", p): v for p in GENES[:40]}, [("A", p) for p in GENES[40:]], genes=GENES)
    for model, caught in ((GeneLoading, False), (Ported, True)):
        found = model().fit(task).predict(task.wanted)
        assert (np.abs(found - v).max() > 1e-10) == caught
    np.testing.assert_allclose(Ported().fit(task).predict(task.wanted), 0.0, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_it_wins_where_genes_that_are_read_alike_act_alike(make, answer, seed):
    """Effects G K p of one loading for both roles, in noise: the mean knows nothing of it."""
    rng = np.random.default_rng(seed)
    g, (k, _) = rng.normal(size=(60, 3)), np.linalg.qr(rng.normal(size=(3, 3)))
    truth = {("A", p): g @ k @ g[i] for i, p in enumerate(GENES)}
    wanted = [("A", p) for p in GENES[45:]]
    train = {key: v + 0.3 * rng.normal(size=60) for key, v in truth.items() if key not in wanted}
    task = make(train, wanted, genes=GENES, controls={"A": rng.gamma(2.0, size=60)})
    expected = np.array([truth["A", p] for p in task.wanted.perturbation.tolist()])
    assert error(answer("gene_loading", task), expected) < 0.1 < 0.7 < error(answer("perturbed_mean", task), expected)


@pytest.mark.parametrize("seed", range(4))
def test_it_does_not_win_where_what_is_read_tells_nothing_of_what_acts(make, answer, seed):
    rng = np.random.default_rng([seed, 1])
    g = rng.normal(size=(60, 3))
    truth = {("A", p): 1.0 + g @ rng.normal(size=3) for p in GENES}
    wanted = [("A", p) for p in GENES[45:]]
    train = {key: v + 0.3 * rng.normal(size=60) for key, v in truth.items() if key not in wanted}
    task = make(train, wanted, genes=GENES, controls={"A": rng.gamma(2.0, size=60)})
    expected = np.array([truth["A", p] for p in task.wanted.perturbation.tolist()])
    assert error(answer("gene_loading", task), expected) > error(answer("perturbed_mean", task), expected)


def prior_task(make, seed, kind, n=200, informative=True, noise=0.3, regime=Regime.GEX):
    """Effects linear in four columns of a block of 30, of which there is a second one that tells nothing."""
    rng = np.random.default_rng([seed, 7])
    names = [f"d{i:03d}" for i in range(n)]
    x = rng.normal(size=(n, 30)) * np.where(np.arange(30) < 4, 3.0, 0.3)
    turn = rng.normal(size=(4, 60))
    truth = {("A", p): 1.0 + (x[i, :4] @ turn if informative else rng.normal(size=60)) for i, p in enumerate(names)}
    wanted = [("A", p) for p in names[n - 40 :]]
    train = {key: v + noise * rng.normal(size=60) for key, v in truth.items() if key not in wanted}
    blocks = Features("useful", tuple(names), x, kind=kind), Features("noise", tuple(names), rng.normal(size=(n, 30)))
    blocks = blocks[0], replace(blocks[1], kind=kind)
    task = make(train, wanted, features=blocks, genes=GENES, regime=regime, controls={"A": rng.gamma(2.0, size=60)})
    return task, np.array([truth["A", p] for p in task.wanted.perturbation.tolist()])


RUNGS = {"gene_loading_prior": "annotation", "gene_loading_transfer": "response", "response_transfer": "response"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", RUNGS)
def test_features_that_carry_the_effects_are_used(make, answer, name, seed):
    task, truth = prior_task(make, seed, RUNGS[name])
    assert error(answer(name, task), truth) < 0.1 < 0.7 < error(answer("perturbed_mean", task), truth)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["gene_loading_prior", "gene_loading_transfer"])
def test_features_that_tell_nothing_are_left_alone(make, answer, name, seed):
    """None of the blocks is better than the level: the answer is the mean effect, and that is counted."""
    task, truth = prior_task(make, seed, RUNGS[name], informative=False)
    model = BASELINES[name].obj().fit(task)
    found = model.predict(task.wanted)
    assert error(found, truth) < 1.1 * error(answer("perturbed_mean", task), truth)
    assert (model.blocks is None) == (model.n_fallback == len(found))


def test_the_block_that_tells_is_the_one_chosen(make):
    """Effects in three columns; the other block would only add noise, alone or joined."""
    chosen = []
    for seed in range(5):
        task, _ = prior_task(make, seed, "annotation", n=60)
        chosen.append(BASELINES["gene_loading_prior"].obj().fit(task).blocks.name)
    assert chosen.count("useful") >= 4


def test_with_one_block_it_is_the_published_formula_on_its_components(make, answer):
    task, _ = prior_task(make, 3, "network")
    task = replace(task, features=task.features[:1])
    y, block = task.effects.T, task.features[0]
    scores = PCA(D, svd_solver="full").fit_transform(block.matrix)
    row = dict(zip(block.ids, scores, strict=True))
    p = np.array([row[n] for n in task.train.perturbation.tolist()]).T
    scale = np.sqrt(D / (p**2).sum(axis=0).mean())
    new = np.array([row[n] for n in task.wanted.perturbation.tolist()]).T
    g = PCA(D, svd_solver="full").fit_transform(y + task.controls["A"][:, None])
    np.testing.assert_allclose(answer("gene_loading_prior", task), solve(y, g, scale * p, scale * new), atol=1e-8)


def test_each_reads_its_own_kind_of_features_alone(make, answer):
    for name, other in (
        ("gene_loading_prior", "response"),
        ("gene_loading_transfer", "text"),
        ("response_transfer", ""),
    ):
        kind = other if other == "response" else "embedding"
        task, _ = prior_task(make, 0, kind)
        np.testing.assert_allclose(answer(name, task), answer(name, replace(task, features=())), atol=1e-12)


def test_transfer_is_ridge_between_two_embeddings(make, answer):
    """[1, reference scores] to target scores, penalty .1 on all but the intercept, on shared perturbations alone."""
    rng = np.random.default_rng(4)
    names = [f"d{i:03d}" for i in range(90)]
    other = Features("K562", tuple(names[10:]), rng.normal(size=(80, 45)), kind="response")
    effects = {("A", p): rng.normal(size=60) for p in names[:70]}
    wanted = [("A", p) for p in names[70:]] + [("A", "d075+d080"), ("A", "nowhere")]
    task = make(effects, wanted, genes=GENES, features=(other,))
    target, reference = PCA(30, svd_solver="full"), PCA(30, svd_solver="full")
    y = target.fit_transform(task.effects)
    row = dict(zip(other.ids, reference.fit_transform(other.matrix), strict=True))
    shared = [i for i, p in enumerate(task.train.perturbation.tolist()) if p in row]
    x = np.array([[1.0, *row[task.train.perturbation[i]]] for i in shared])
    ridge = 0.1 * np.diag([0.0] + [1.0] * 30)
    beta = np.linalg.solve(x.T @ x + ridge, x.T @ y[shared])
    found = answer("response_transfer", task)
    for parts, values in zip(task.wanted.parts, found, strict=True):
        if parts == ("nowhere",):
            np.testing.assert_allclose(values, task.effects.mean(axis=0), atol=1e-10)
            continue
        new = np.array([1.0, *sum(row[p] for p in parts)])
        np.testing.assert_allclose(values, target.inverse_transform((new @ beta)[None])[0], atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_responses_of_another_screen_are_carried_over(make, answer, seed):
    """The same perturbations act through other genes here: linear from there to here, in noise."""
    rng = np.random.default_rng([seed, 8])
    names = [f"d{i:03d}" for i in range(150)]
    cause = rng.normal(size=(150, 6))
    there = cause @ rng.normal(size=(6, 80)) + 0.2 * rng.normal(size=(150, 80))
    truth = cause @ rng.normal(size=(6, 60))
    wanted = [("A", p) for p in names[100:]]
    train = {("A", p): truth[i] + 0.3 * rng.normal(size=60) for i, p in enumerate(names[:100])}
    task = make(train, wanted, genes=GENES, features=(Features("there", tuple(names), there, kind="response"),))
    for name in ("response_transfer", "gene_loading_transfer"):
        assert error(answer(name, task), truth[100:]) < 0.15 < 0.9 < error(answer("perturbed_mean", task), truth[100:])


def test_components_of_equal_size_stay_together():
    """A column a label: no component comes first. Kept together, or not at all, scores do not hang on rounding."""
    rng = np.random.default_rng(6)
    few, many = np.eye(15)[rng.permutation(15)], np.eye(60)[rng.permutation(60)]
    for x, columns in ((few, 14), (many, 0), (np.concatenate([many, 9.0 * rng.normal(size=(60, 4))], axis=1), 4)):
        centred = x - x.mean(axis=0)
        found = principal_scores(centred, D)
        turned = principal_scores(centred[:, ::-1] + 1e-13 * rng.normal(size=x.shape), D)
        assert found.shape == (len(x), columns)
        np.testing.assert_allclose(found @ found.T, turned @ turned.T, atol=1e-9)
    distinct = rng.normal(size=(60, 30))
    distinct -= distinct.mean(axis=0)
    assert principal_scores(distinct, D).shape == (60, D)


@pytest.mark.parametrize("labels", [12, 40])
def test_labels_of_one_column_each_do_not_make_it_hang_on_rounding(make, answer, labels):
    rng = np.random.default_rng(7)
    names = [f"d{i:03d}" for i in range(80)]
    hot = Features("targets", tuple(names), np.eye(labels)[np.arange(80) % labels], kind="label")
    other = Features("control co-expression", tuple(names), rng.normal(size=(80, 20)), kind="coexpression")
    effect = rng.normal(size=(labels, 60))
    train = {
        ("A", p): effect[i % labels] + other.matrix[i, :1] + 0.3 * rng.normal(size=60) for i, p in enumerate(names[:60])
    }
    wanted = [("A", p) for p in names[60:]]
    one = make(train, wanted, genes=GENES, features=(hot, other))
    jittered = replace(other, matrix=other.matrix * (1 + 1e-14 * rng.normal(size=(80, 20))))
    two = make(train, wanted, genes=GENES, features=(hot, jittered))
    np.testing.assert_allclose(answer("gene_loading_prior", one), answer("gene_loading_prior", two), atol=1e-8)


def test_blocks_side_by_side_weigh_alike(table):
    rng = np.random.default_rng(5)
    names = tuple(f"d{i}" for i in range(20))
    small, large = Features("s", names, rng.normal(size=(20, 3))), Features("l", names, 100 * rng.normal(size=(20, 5)))
    joined = side_by_side([small, large], table([("A", n) for n in names]))
    square = (joined.rows(names)[0] ** 2).mean(axis=0)
    assert square[:3].sum() == pytest.approx(D)
    assert square[3:].sum() == pytest.approx(D)
    assert reduce_block(joined, D).matrix.shape == (20, 8)


@pytest.mark.parametrize("split", ["gex", "cex", "aex"])
def test_they_are_legal_wherever_there_is_training(study, split):
    world = study(split)
    for name in ("gene_loading", *RUNGS):
        assert climb(world.task, world.claim, BASELINES[name]).record.legal
        assert BASELINES[name].meta["tier"] == "T2"
