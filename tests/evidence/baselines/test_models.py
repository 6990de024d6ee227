"""Single baselines against direct transcriptions, and planted structures in which each rung wins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import PluginError, Regime
from vcassay.evidence.baselines import BASELINES, TIERS, Rung, climb, ladder
from vcassay.evidence.baselines.ladder import without_echoes
from vcassay.evidence.baselines.linear.additive import ridge_weights
from vcassay.knowledge import Features


def error(values, truth):
    return float(np.sum((values - truth) ** 2) / np.sum(truth**2))


def test_linear_model_gives_the_mean_to_what_is_no_measured_gene(make, answer):
    rng = np.random.default_rng(0)
    genes = [f"g{i}" for i in range(12)]
    effects = {("A", p): rng.normal(size=12) for p in genes[:8]}
    task = make(effects, [("A", "compound")], genes=genes)
    np.testing.assert_allclose(answer("gene_loading", task)[0], np.mean(list(effects.values()), axis=0), atol=1e-12)


def test_means_are_what_their_names_say(make, answer):
    """Unweighted over conditions within a context, then over contexts: not by cells, not by conditions."""
    rng = np.random.default_rng(1)
    effects = {k: rng.normal(size=4) for k in [("A", "g1"), ("A", "g2"), ("A", "g3"), ("B", "g1")]}
    task = make(effects, [("A", "g9"), ("B", "g2"), ("C", "g1")], weights={("A", "g1"): 1000.0})
    a, b = np.mean([effects["A", p] for p in ("g1", "g2", "g3")], axis=0), effects["B", "g1"]
    np.testing.assert_allclose(answer("perturbed_mean", task), np.tile((a + b) / 2, (3, 1)))
    np.testing.assert_allclose(answer("context_mean", task), [a, b, (a + b) / 2])
    both = (effects["A", "g1"] + effects["B", "g1"]) / 2
    np.testing.assert_allclose(answer("perturbation_mean", task), [(a + b) / 2, effects["A", "g2"], both])


def test_doses_are_treatments_of_their_own(make, answer):
    effects = {("A", "d", 1.0): np.ones(3), ("B", "d", 1.0): 3 * np.ones(3), ("A", "d", 10.0): 9 * np.ones(3)}
    task = make(effects, [("C", "d", 1.0), ("C", "d", 10.0)], regime=Regime.CEX)
    np.testing.assert_allclose(answer("perturbation_mean", task)[:, 0], [2.0, 9.0])
    np.testing.assert_allclose(answer("nearest_context", task)[:, 0], [2.0, 9.0])


def test_nearest_genes_are_those_that_co_vary(make, answer):
    """Genes of three modules; effects are the module's. The neighbours' mean is the effect itself."""
    rng = np.random.default_rng(2)
    genes = [f"g{i:02d}" for i in range(24)]
    module = np.arange(24) % 3
    vectors, loading = rng.normal(size=(3, 24)), rng.normal(size=(3, 5))
    embedding = loading[module] + 0.01 * rng.normal(size=(24, 5))
    effects = {("A", genes[i]): vectors[module[i]] for i in range(18)}
    task = make(effects, [("A", genes[i]) for i in range(18, 24)], genes=genes, embedding=embedding)
    np.testing.assert_allclose(answer("coexpression_knn", task), vectors[module[18:]], atol=1e-12)


def test_nearest_gene_prefers_the_test_context_where_it_is_trained(make, answer):
    genes = ["g0", "g1", "g2"]
    embedding = np.array([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0]])
    effects = {("A", "g1"): np.full(3, 1.0), ("B", "g1"): np.full(3, 5.0)}
    task = make(effects, [("A", "g0"), ("B", "g0"), ("C", "g0")], genes=genes, embedding=embedding)
    np.testing.assert_allclose(answer("coexpression_knn", task)[:, 0], [1.0, 5.0, 3.0])


def test_nearest_context_copies_its_twin(make, answer):
    """Contexts in pairs: each pair has its own effects and control profile. Its twin wins over every mean."""
    rng = np.random.default_rng(3)
    pairs, guides, g = 5, 12, 40
    effects, controls = {}, {}
    for pair in range(pairs):
        response, profile = rng.normal(size=(guides, g)), rng.normal(size=g)
        for twin in "ab":
            context = f"{pair}{twin}"
            controls[context] = profile + 0.05 * rng.normal(size=g)
            effects |= {(context, f"p{i}"): response[i] + 0.1 * rng.normal(size=g) for i in range(guides)}
    wanted = [k for k in effects if k[0] == "3b"]
    task = make({k: v for k, v in effects.items() if k[0] != "3b"}, wanted, regime=Regime.CEX, controls=controls)
    truth = np.array([effects[c, p] for c, p in zip(task.wanted.context, task.wanted.perturbation, strict=True)])
    found = {n: error(answer(n, task), truth) for n in ("nearest_context", "additive", "perturbation_mean")}
    assert found["nearest_context"] < 0.1
    assert min(found["additive"], found["perturbation_mean"]) > 0.5


def test_neighbours_are_averaged_when_one_alone_is_noisy(make):
    """All contexts alike: with noise the mean over many is better than the nearest, and validation says so."""
    rng = np.random.default_rng(4)
    response = rng.normal(size=(20, 30))
    contexts = [f"c{i}" for i in range(9)]
    effects = {(c, f"p{i}"): response[i] + rng.normal(size=30) for c in contexts[:8] for i in range(20)}
    task = make(
        effects,
        [("c8", f"p{i}") for i in range(20)],
        regime=Regime.CEX,
        controls={c: 0.1 * rng.normal(size=30) for c in contexts},
    )
    model = BASELINES["nearest_context"].obj().fit(task)
    assert model.k >= 5
    # equal to the perturbation mean but for the weights
    order = [f"p{i}" for i in range(20)]
    truth = response[[order.index(p) for p in task.wanted.perturbation.tolist()]]
    mean = BASELINES["perturbation_mean"].obj().fit(task).predict(task.wanted)
    assert error(model.predict(task.wanted), truth) < 1.6 * error(mean, truth) < 0.3


def test_additive_wins_where_effects_add_up(make, answer):
    rng = np.random.default_rng(5)
    contexts, guides, g = 6, 20, 40
    alpha, beta = rng.normal(size=(contexts, g)), rng.normal(size=(guides, g))
    effects = {
        (f"c{i}", f"p{j}"): alpha[i] + beta[j] + 0.3 * rng.normal(size=g)
        for i in range(contexts)
        for j in range(guides)
    }
    wanted = [("c5", f"p{j}") for j in range(6, guides)]
    task = make({k: v for k, v in effects.items() if k not in wanted}, wanted, regime=Regime.FEW_SHOT)
    truth = np.array([alpha[5] + beta[int(p[1:])] for p in task.wanted.perturbation.tolist()])
    names = ("additive", "perturbation_mean", "context_mean", "perturbed_mean", "nearest_context")
    found = {n: error(answer(n, task), truth) for n in names}
    assert min(found, key=found.__getitem__) == "additive"
    assert found["additive"] < 0.1 < 0.3 < min(v for n, v in found.items() if n != "additive")


def test_additive_shrinks_what_is_noise(make, answer):
    """Terms of a few noisy conditions are shrunk: no worse than the perturbation mean where contexts do not differ."""
    rng = np.random.default_rng(6)
    beta = rng.normal(size=(15, 30))
    effects = {(f"c{i}", f"p{j}"): beta[j] + 2.0 * rng.normal(size=30) for i in range(5) for j in range(15)}
    wanted = [("c4", f"p{j}") for j in range(2, 15)]
    task = make({k: v for k, v in effects.items() if k not in wanted}, wanted, regime=Regime.FEW_SHOT)
    truth = np.array([beta[int(p[1:])] for p in task.wanted.perturbation.tolist()])
    assert error(answer("additive", task), truth) < 1.05 * error(answer("perturbation_mean", task), truth)


@pytest.mark.parametrize("informative", [True, False])
def test_ridge_uses_features_that_tell_and_ignores_those_that_do_not(make, answer, informative):
    rng = np.random.default_rng(7)
    ids = tuple(f"p{i:02d}" for i in range(60))
    x, weights = rng.normal(size=(60, 4)), rng.normal(size=(4, 50))
    effects = 1.0 + x @ weights + 0.3 * rng.normal(size=(60, 50))
    shown = x if informative else rng.normal(size=(60, 4))
    task = make(
        {("A", p): effects[i] for i, p in enumerate(ids[:45])},
        [("A", p) for p in ids[45:]],
        features=(Features("f", ids, shown),),
    )
    ridge, mean = (error(answer(n, task), effects[45:]) for n in ("ridge", "perturbed_mean"))
    assert ridge < 0.15 * mean if informative else ridge < 1.1 * mean


def test_ridge_says_when_it_is_blind(make):
    rng = np.random.default_rng(8)
    train = {(c, f"p{i}"): rng.normal(size=5) for c in "AB" for i in range(6)}
    task = make(train, [("A", "new"), ("A", "p1+new"), ("A", "p1+p2")])
    model = BASELINES["ridge"].obj().fit(task)
    model.predict(task.wanted)
    assert model.n_fallback == 1  # of the others a part is trained
    seen = make(train, [("A", "new")], features=(Features("f", ("p1", "p2", "new"), rng.normal(size=(3, 2))),))
    model = BASELINES["ridge"].obj().fit(seen)
    model.predict(seen.wanted)
    assert model.n_fallback == 0


def test_ridge_with_a_product_of_kernels_learns_an_interaction(make, answer):
    """A response that depends on context and perturbation together is beyond additive."""
    rng = np.random.default_rng(9)
    contexts, ids = [f"c{i}" for i in range(8)], tuple(f"p{i:02d}" for i in range(30))
    state, x = rng.normal(size=8), rng.normal(size=30)
    response = rng.normal(size=20)
    effects = {(c, p): state[i] * x[j] * response for i, c in enumerate(contexts) for j, p in enumerate(ids)}
    wanted = [(c, p) for i, c in enumerate(contexts) for j, p in enumerate(ids) if (i + j) % 5 == 0]
    task = make(
        {k: v for k, v in effects.items() if k not in set(wanted)},
        wanted,
        regime=Regime.FEW_SHOT,
        controls={c: state[i] * np.ones(20) for i, c in enumerate(contexts)},
        features=(Features("f", ids, x[:, None]),),
    )
    truth = np.array([effects[c, p] for c, p in zip(task.wanted.context, task.wanted.perturbation, strict=True)])
    assert error(answer("ridge", task), truth) < 0.1 < 0.7 < error(answer("additive", task), truth)


def test_ridge_weights_leave_one_out():
    """A response that follows the features is found; one that does not gets weight nothing."""
    rng = np.random.default_rng(10)
    x = rng.normal(size=(12, 2))
    x -= x.mean(axis=0)
    y = x @ rng.normal(size=(2, 5))
    y -= y.mean(axis=0)
    new = rng.normal(size=(3, 2))
    weights = ridge_weights(x @ x.T, new @ x.T, y)
    np.testing.assert_allclose(weights @ y, new @ np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-6)
    zero = sum(not ridge_weights(x @ x.T, new @ x.T, rng.normal(size=(12, 40))).any() for _ in range(20))
    assert zero >= 15
    assert not ridge_weights(np.zeros((12, 12)), np.zeros((3, 12)), y).any()


@pytest.mark.parametrize("split", ["gex", "cex"])
def test_what_is_legal_answers_for_every_condition(study, split):
    world = study(split)
    entries = [entry for entry in ladder() if entry.meta["kind"] == "baseline"]
    rungs = {entry.name: climb(world.task, world.claim, entry) for entry in entries}
    for name, rung in rungs.items():
        assert isinstance(rung, Rung)
        record = rung.record
        assert (record.ran, rung.answer is not None) == (record.legal, record.legal)
        assert bool(record.why) == (not record.legal)
        if not record.legal:
            lacking = "of which there are none" if "parts" in record.reads else "does not grant"
            assert lacking in record.why or "does not grant" in record.why
            continue
        assert rung.answer.values.shape == (len(world.task.wanted), len(world.task.genes))
        assert record.n_predicted == len(world.task.wanted)
        assert set(rung.answer.state.tolist()) == {"ok"}
        assert rung.answer.role == "baseline"
        assert rung.answer.source == name
        assert record.tier in TIERS
        assert record.summary
        assert record.source


def test_the_context_mean_is_an_oracle_in_an_unseen_context(study):
    world = study("cex")
    rung = climb(world.task, world.claim, BASELINES["context_mean"])
    assert not rung.record.legal
    assert "measured in the test context" in rung.record.why


def test_quick_leaves_out_what_is_slow(study):
    world = study("gex")
    entry = BASELINES["ridge"]
    slow = type(entry)(
        entry.name, entry.summary, entry.source, entry.obj, entry.arguments, {**entry.meta, "quick": False}
    )
    assert climb(world.task, world.claim, slow).record.ran
    rung = climb(world.task, world.claim, slow, quick=True)
    assert (rung.answer, rung.record.ran, rung.record.why) == (None, False, "left out by --quick")
    assert climb(world.task, world.claim, entry, quick=True).record.ran


def test_nothing_runs_without_training(study):
    world = study("gex")
    empty = world.task.part(np.empty(0, dtype=np.int64), np.arange(3))
    for entry in ladder():
        rung = climb(empty, world.claim, entry)
        assert rung.answer is None
        assert rung.record.why == "there are no training conditions"


def test_an_abstaining_baseline_is_recorded_as_such(study):
    world = study("gex")
    entry = BASELINES["perturbed_mean"]

    class Shy(entry.obj):
        """Answers all but the first."""

        def predict(self, wanted):
            out = super().predict(wanted)
            out[0] = np.nan
            return out

    shy = replace(entry, obj=Shy)
    rung = climb(world.task, world.claim, shy)
    assert rung.record.n_predicted == len(world.task.wanted) - 1
    assert rung.answer.state.tolist()[:2] == ["abstained", "ok"]


def test_the_ladder_goes_up():
    tiers = [entry.meta["tier"] for entry in ladder() if entry.meta["kind"] == "baseline"]
    assert tiers == sorted(tiers)
    assert set(tiers) >= {"T0", "T1", "T2", "T3"}
    with pytest.raises(PluginError, match="did you mean 'ridge'"):
        BASELINES["rigde"]


def test_informative_features_beat_the_mean_on_a_simulated_screen(study):
    """GEX with pathways that carry the effects: ridge is better than every mean, and worse without its features."""
    world = study("gex", 3, n_crispri=48, pathway_share=0.95, feature_quality=0.95, null_share=0.0)
    bare = climb(replace(world.task, features=()), world.claim, BASELINES["ridge"])
    found = {
        n: climb(world.task, world.claim, BASELINES[n]).answer.values
        for n in ("ridge", "perturbed_mean", "context_mean")
    }
    score = {n: error(v, world.truth) for n, v in found.items()}
    assert score["ridge"] < 0.85 * min(score["perturbed_mean"], score["context_mean"])
    assert score["ridge"] < 0.9 * error(bare.answer.values, world.truth)


def test_conserved_effects_make_the_perturbation_mean_strong(study):
    """CEX without interaction: means over contexts beat means over perturbations, as the simulation has it."""
    world = study("cex", 2, interaction_share=0.0, context_share=0.1, null_share=0.0)
    names = ("perturbation_mean", "additive", "ridge", "perturbed_mean", "no_change")
    score = {n: error(climb(world.task, world.claim, BASELINES[n]).answer.values, world.truth) for n in names}
    assert max(score["perturbation_mean"], score["additive"]) < 0.5 * score["perturbed_mean"]
    assert score["perturbed_mean"] < score["no_change"] == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_nearest_contexts_are_no_worse_than_the_mean_over_contexts(study, seed):
    """Contexts whose controls tell something about their responses: a weighted mean must gain, not lose."""
    world = study("cex", 10 + seed, n_contexts=8, visible_share=0.9, null_share=0.0)
    names = ("nearest_context", "perturbation_mean")
    score = {n: error(climb(world.task, world.claim, BASELINES[n]).answer.values, world.truth) for n in names}
    assert score["nearest_context"] < 1.02 * score["perturbation_mean"]


def test_a_rung_that_answers_as_a_simpler_one_is_no_further_rival(study):
    world = study("gex")
    names = ("no_change", "perturbed_mean", "context_mean", "ridge")
    rungs = [climb(world.task, world.claim, BASELINES[name]) for name in names]
    echo = replace(rungs[3], answer=replace(rungs[3].answer, values=rungs[1].answer.values * (1.0 + 1e-12)))
    kept = without_echoes([*rungs[:3], echo])
    assert [r.record.legal for r in kept] == [True, True, True, False]
    assert kept[3].answer is None
    assert kept[3].record.why == "answers as 'perturbed mean' does for all of these conditions"
    assert [r.record.legal for r in without_echoes([*rungs[:3], echo], keep=("ridge",))] == [True] * 4
    assert [r.record.legal for r in without_echoes(rungs)] == [True] * 4
