"""What every baseline must do on effects of known structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.knowledge import Features

HEAVY = {"csendes_forest"}
ALL = [pytest.param(e.name, marks=pytest.mark.slow) if e.name in HEAVY else e.name for e in BASELINES]
LEARNT = [name for name in ALL if name != "no_change"]
WEIGHED = {"general_mean", "perturbed_mean_cells", "ridge", "kernel_ridge", "elastic_net", "pls", "random_forest"}
"""Baselines in which conditions weigh by their cells. Gradient boosting weighs too, but not on noise, where inner
validation leaves it no rounds."""
CONTEXTS, GUIDES, GENES = ("A", "B", "C", "D", "E"), tuple(f"g{i}" for i in range(8)), 30


@pytest.fixture(scope="module")
def prior():
    """Genes named like the guides, a control co-expression embedding, features and control profiles."""
    rng = np.random.default_rng(0)
    return {
        "genes": [*GUIDES, *(f"x{i}" for i in range(GENES - len(GUIDES)))],
        "controls": {c: rng.normal(size=GENES) for c in CONTEXTS},
        "embedding": rng.normal(size=(GENES, 4)),
        "features": (
            Features("f", GUIDES, rng.normal(size=(len(GUIDES), 3))),
            Features("other screen", GUIDES, rng.normal(size=(len(GUIDES), 5)), kind="response"),
        ),
    }


def grid(value):
    return {(c, p): value(i, j) for i, c in enumerate(CONTEXTS) for j, p in enumerate(GUIDES)}


def held_out(effects, keys):
    return {k: v for k, v in effects.items() if k not in keys}


UNSEEN = {
    Regime.GEX: [(c, p) for c in CONTEXTS for p in ("g6", "g7")],
    Regime.CEX: [("E", p) for p in GUIDES],
    Regime.FEW_SHOT: [("E", p) for p in GUIDES[2:]],
}


@pytest.fixture(scope="module", params=list(UNSEEN), ids=str)
def noisy_task(request, make, prior):
    """A task of each regime on effects without particular structure."""
    rng = np.random.default_rng(1)
    effects = grid(lambda i, j: rng.normal(size=GENES))
    wanted = UNSEEN[request.param]
    weights = {k: float(10 + 3 * n) for n, k in enumerate(effects)}
    return make(held_out(effects, wanted), wanted, regime=request.param, weights=weights, **prior)


@pytest.mark.parametrize("regime", list(UNSEEN), ids=str)
@pytest.mark.parametrize("name", LEARNT)
def test_a_constant_effect_comes_back_as_it_is(make, answer, prior, name, regime):
    """1: catches models whose mean effect gets lost in centring."""
    v = np.linspace(-1.0, 2.0, GENES)
    effects = grid(lambda i, j: v)
    task = make(held_out(effects, UNSEEN[regime]), UNSEEN[regime], regime=regime, **prior)
    np.testing.assert_allclose(answer(name, task), np.tile(v, (len(task.wanted), 1)), atol=1e-10)


def test_no_change_is_zero(noisy_task, answer):
    assert not answer("no_change", noisy_task).any()


def test_a_hidden_cell_of_an_additive_grid(make, answer, prior):
    """2: additive returns it; the perturbation mean, which knows no context term, must not."""
    rng = np.random.default_rng(2)
    alpha, beta = rng.normal(size=(len(CONTEXTS), GENES)), rng.normal(size=(len(GUIDES), GENES))
    effects = grid(lambda i, j: alpha[i] + beta[j])
    hidden = ("C", "g3")
    task = make(held_out(effects, [hidden]), [hidden], regime=Regime.FEW_SHOT, **prior)
    np.testing.assert_allclose(answer("additive", task)[0], effects[hidden], atol=1e-8)
    assert np.abs(answer("perturbation_mean", task)[0] - effects[hidden]).max() > 0.1


def test_an_unseen_context_whose_term_follows_its_controls(make, answer, prior):
    """2: with no shown perturbation the context term is regressed on control expression."""
    rng = np.random.default_rng(3)
    state = np.array([-1.0, 0.4, 1.1, -0.3, 0.9])
    axis, response = rng.normal(size=GENES), rng.normal(size=GENES)
    beta = rng.normal(size=(len(GUIDES), GENES))
    effects = grid(lambda i, j: state[i] * response + beta[j])
    inputs = prior | {"controls": {c: 2.0 + state[i] * axis for i, c in enumerate(CONTEXTS)}}
    wanted = [("E", p) for p in GUIDES]
    task = make(held_out(effects, wanted), wanted, regime=Regime.CEX, **inputs)
    expected = [effects[k] for k in wanted]
    np.testing.assert_allclose(answer("additive", task), expected, atol=1e-6)
    assert np.abs(answer("perturbation_mean", task) - expected).max() > 0.1


def test_control_expression_that_tells_nothing_is_not_used(make, answer, prior):
    """The context term of an unseen context then is the mean term, not the noise of a regression."""
    rng = np.random.default_rng(4)
    alpha, beta = rng.normal(size=(len(CONTEXTS), GENES)), rng.normal(size=(len(GUIDES), GENES))
    effects = grid(lambda i, j: alpha[i] + beta[j])
    wanted = [("E", p) for p in GUIDES]
    found = []
    for seed in range(10):
        controls = {c: np.random.default_rng([5, seed, i]).normal(size=GENES) for i, c in enumerate(CONTEXTS)}
        task = make(held_out(effects, wanted), wanted, regime=Regime.CEX, **(prior | {"controls": controls}))
        found.append(np.abs(answer("additive", task) - [alpha[:4].mean(axis=0) + b for b in beta]).max())
    spread = np.abs(alpha - alpha.mean(axis=0)).max()
    assert np.median(found) < 0.05 * spread


@pytest.mark.parametrize("name", ["additive", "perturbation_mean"])
def test_doubles_are_sums_of_their_parts(make, answer, prior, name):
    """3: no error without synergy; the order of partners is irrelevant."""
    rng = np.random.default_rng(6)
    beta = rng.normal(size=(len(GUIDES), GENES))
    train = {("A", p): beta[j] for j, p in enumerate(GUIDES)}
    task = make(train, [("A", "g5+g1"), ("A", "g0+g3")], regime=Regime.COMBINATION, **prior)
    found = dict(zip(task.wanted.perturbation.tolist(), answer(name, task), strict=True))
    np.testing.assert_allclose(found["g1+g5"], beta[1] + beta[5], atol=1e-8)
    np.testing.assert_allclose(found["g0+g3"], beta[0] + beta[3], atol=1e-8)


def test_doubles_add_up_within_a_context(make, answer, prior):
    rng = np.random.default_rng(7)
    alpha, beta = rng.normal(size=(len(CONTEXTS), GENES)), rng.normal(size=(len(GUIDES), GENES))
    effects = grid(lambda i, j: alpha[i] + beta[j])
    task = make(effects, [("B", "g1+g5")], regime=Regime.COMBINATION, **prior)
    np.testing.assert_allclose(answer("additive", task)[0], effects["B", "g1"] + effects["B", "g5"], atol=1e-8)


def test_an_unknown_partner_counts_as_the_mean(make, answer, prior):
    rng = np.random.default_rng(8)
    beta = rng.normal(size=(len(GUIDES), GENES))
    train = {("A", p): beta[j] for j, p in enumerate(GUIDES[:6])}
    task = make(train, [("A", "g1+g7"), ("A", "g6+g7")], regime=Regime.COMBINATION, **prior)
    model = BASELINES["perturbation_mean"].obj().fit(task)
    found = dict(zip(task.wanted.perturbation.tolist(), model.predict(task.wanted), strict=True))
    mean = beta[:6].mean(axis=0)
    np.testing.assert_allclose(found["g1+g7"], beta[1] + mean)
    np.testing.assert_allclose(found["g6+g7"], mean)
    assert model.n_fallback == 1  # only the pair of which nothing is known


def test_ridge_adds_parts_up(make, answer, prior):
    """Sharing a part makes two conditions alike, so doubles are much nearer to the sum than to the mean."""
    rng = np.random.default_rng(9)
    beta = rng.normal(size=(len(GUIDES), GENES))
    train = {("A", p): beta[j] for j, p in enumerate(GUIDES)}
    pairs = [(i, j) for i in range(8) for j in range(i)]
    train |= {("A", f"g{j}+g{i}"): beta[i] + beta[j] for i, j in pairs[:14]}
    task = make(train, [("A", f"g{j}+g{i}") for i, j in pairs[14:]], regime=Regime.COMBINATION, genes=prior["genes"])
    sums = np.array([sum(beta[int(p[1])] for p in parts) for parts in task.wanted.parts])
    error, none = (np.sum((answer(n, task) - sums) ** 2) for n in ("ridge", "perturbed_mean"))
    assert error < 0.1 * none


def test_an_unknown_perturbation_gets_the_mean_and_is_logged(make, prior):
    """4: not zero, which would be unfairly weak."""
    rng = np.random.default_rng(10)
    effects = grid(lambda i, j: 1.0 + rng.normal(size=GENES))
    train = held_out(effects, [(c, p) for c in CONTEXTS for p in ("g6", "g7")])
    task = make(train, [("A", "g6"), ("A", "g7"), ("A", "g0")], **prior)
    model = BASELINES["perturbation_mean"].obj().fit(task)
    found = model.predict(task.wanted)
    mean = np.mean([np.mean([train[c, p] for p in GUIDES[:6]], axis=0) for c in CONTEXTS], axis=0)
    np.testing.assert_allclose(found[1:], [mean, mean])
    np.testing.assert_allclose(found[0], np.mean([train[c, "g0"] for c in CONTEXTS], axis=0))
    assert model.n_fallback == 2
    assert "2 conditions" in model.fallback
    assert "not being trained" in model.fallback


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("context_mean", ("Z", "g0")),
        ("additive", ("A", "unknown")),
        ("gene_loading", ("A", "compound")),
        ("coexpression_knn", ("A", "compound")),
        ("nearest_context", ("A", "unknown")),
    ],
)
def test_fallbacks_are_finite_and_logged(make, prior, name, wanted):
    rng = np.random.default_rng(11)
    effects = grid(lambda i, j: rng.normal(size=GENES))
    task = make(effects, [wanted], **prior)
    model = BASELINES[name].obj().fit(task)
    assert np.isfinite(model.predict(task.wanted)).all()
    assert model.n_fallback == 1
    assert "1 conditions" in model.fallback
    model.predict(task.train)
    assert model.n_fallback == 0
    assert model.fallback == ""


@pytest.mark.parametrize("name", ALL)
def test_names_of_contexts_do_not_matter(noisy_task, answer, name):
    """5: contexts of other names in the same order give the same numbers, bit by bit."""
    task = noisy_task
    new = {c: f"line {c.lower()}" for c in CONTEXTS}

    def renamed(conditions):
        return replace(conditions, context=np.array([new[c] for c in conditions.context.tolist()]))

    other = replace(
        task,
        train=renamed(task.train),
        wanted=renamed(task.wanted),
        controls={new[c]: v for c, v in task.controls.items()},
    )
    np.testing.assert_array_equal(answer(name, other), answer(name, task))


@pytest.mark.parametrize("name", ["perturbed_mean", "perturbation_mean", "context_mean", "gene_loading"])
def test_order_of_contexts_does_not_matter(make, answer, prior, name):
    rng = np.random.default_rng(12)
    effects = grid(lambda i, j: rng.normal(size=GENES))
    wanted = UNSEEN[Regime.FEW_SHOT]
    swap = dict(zip(CONTEXTS, reversed(CONTEXTS), strict=True))
    one = make(held_out(effects, wanted), wanted, regime=Regime.FEW_SHOT, **prior)
    turned = {(swap[c], p): v for (c, p), v in held_out(effects, wanted).items()}
    inputs = prior | {"controls": {swap[c]: v for c, v in prior["controls"].items()}}
    two = make(turned, [(swap[c], p) for c, p in wanted], regime=Regime.FEW_SHOT, **inputs)
    place = {k: i for i, k in enumerate(two.wanted.keys)}
    order = [place[swap[c], p, d, t] for c, p, d, t in one.wanted.keys]
    np.testing.assert_allclose(answer(name, two)[order], answer(name, one), atol=1e-10)


@pytest.mark.parametrize("name", ALL)
def test_order_of_genes_does_not_matter(noisy_task, answer, name):
    task = noisy_task
    order = np.random.default_rng(0).permutation(GENES)
    moved = replace(
        task,
        effects=task.effects[:, order],
        genes=task.genes[order],
        controls={c: v[order] for c, v in task.controls.items()},
        embedding=task.embedding[order],
    )
    np.testing.assert_allclose(answer(name, moved), answer(name, task)[:, order], atol=1e-8)


@pytest.mark.parametrize("name", ALL)
def test_doubling_every_cell_changes_nothing(noisy_task, answer, name):
    doubled = replace(noisy_task, weights=2.0 * noisy_task.weights)
    np.testing.assert_allclose(answer(name, doubled), answer(name, noisy_task), atol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_numbers_of_cells_matter_to_those_that_weigh_by_them_alone(noisy_task, answer, name):
    uneven = replace(noisy_task, weights=noisy_task.weights[::-1].copy() ** 2)
    changed = not np.allclose(answer(name, uneven), answer(name, noisy_task), atol=1e-9)
    unseen = name == "matching_mean" and noisy_task.regime is Regime.GEX  # weighs for what was not trained
    assert changed == (bool({name, BASELINES[name].meta["twin"]} & set(WEIGHED)) or unseen)


@pytest.mark.parametrize("name", ALL)
def test_the_same_task_gives_the_same_numbers(noisy_task, answer, name):
    np.testing.assert_array_equal(answer(name, noisy_task), answer(name, noisy_task))


@pytest.mark.parametrize("name", ALL)
def test_an_answer_does_not_depend_on_what_else_is_asked(noisy_task, name):
    model = BASELINES[name].obj().fit(noisy_task)
    whole = model.predict(noisy_task.wanted)
    one = model.predict(noisy_task.wanted.take([1]))
    np.testing.assert_allclose(one[0], whole[1], atol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_one_training_condition_is_enough(make, answer, prior, name):
    v = np.linspace(0.0, 1.0, GENES)
    task = make({("A", "g0"): v}, [("B", "g1")], regime=Regime.AEX, **prior)
    found = answer(name, task)
    assert found.shape == (1, GENES)
    assert np.isfinite(found).all()
    if name != "no_change":
        np.testing.assert_allclose(found[0], v, atol=1e-9)


@pytest.mark.parametrize("name", LEARNT)
def test_nothing_but_effects_is_needed(make, answer, name):
    """Without controls, features, co-expression or measured target genes they still answer."""
    rng = np.random.default_rng(13)
    effects = grid(lambda i, j: rng.normal(size=GENES))
    for regime, wanted in UNSEEN.items():
        task = make(held_out(effects, wanted), wanted, regime=regime)
        assert np.isfinite(answer(name, task)).all()
