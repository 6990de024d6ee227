"""Planted nuisance is found where it is, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.claim import make_claim, make_split
from vcassay.core import Status
from vcassay.effects import measure
from vcassay.effects.scored import scored_genes
from vcassay.evidence.baselines import climb, ladder, make_task, make_template
from vcassay.evidence.metrics import make_panel, primary_metrics, score_answers
from vcassay.evidence.metrics.score import add_scores
from vcassay.knowledge import Features, Knowledge
from vcassay.run.contest import contests
from vcassay.screen import make_screen
from vcassay.simulate import SimulationPlan, simulate_screen
from vcassay.simulate.leaks import cell_counts_follow_effect

DRAWS = 500
PLAN = {"n_contexts": 2, "n_siblings": 0, "n_drugs": 0, "n_genes": 320, "n_crispri": 150}
PLAN |= {"cells_per_condition": 32, "controls_per_batch": 64, "cells_spread": 0.4}
SABOTAGE = ("shuffled_perturbations", "shuffled_features", "zeroed_features", "random_features")
PROBES = ("cell_count_neighbour", "cell_count_magnitude", "batch_only")


def held(simulation, make, seed, *, screen=None):
    """Findings of a simulated screen by check and model; ridge and a mean are submitted, too."""
    screen = simulation.screen if screen is None else screen
    split = make_split(screen.conditions, make, seed=seed)
    effects = measure(screen, train=split.train, panel=split.test, seed=seed)
    claim = make_claim(split, effects=effects)
    prior = simulation.features
    task = make_task(effects, claim, Knowledge((Features("pathways", prior.names, prior.matrix),)), seed)
    template = make_template(screen, effects, split, task)
    rungs = [climb(task, claim, e, template=template) for e in ladder()]
    full, _ = scored_genes(effects.moments, screen.conditions, screen.genes, train=split.train, targets=True)
    panel = make_panel(effects, claim, full)
    primary = primary_metrics(panel)
    legal = {r.record.name: r.answer for r in rungs if r.record.legal}
    others = {r.record.name: r.answer for r in rungs if r.answer is not None and not r.record.legal}
    scores = score_answers(
        panel, {**legal, "good": legal["ridge"], "mean": legal["perturbed_mean"]}, seed, DRAWS, primary
    )
    add_scores(scores, score_answers(panel, others, seed, DRAWS, primary))
    return {(f.check, f.model): f for f in contests(scores, rungs, ["good", "mean"], list(legal))}


def simulated(seed, **plan):
    return simulate_screen(SimulationPlan(**(PLAN | plan)), seed=seed)


@pytest.mark.parametrize("seed", [pytest.param(s, marks=[pytest.mark.slow] if s else []) for s in range(4)])
def test_silent_on_a_clean_screen(seed):
    found = held(simulated(seed), "gex", seed)
    assert {found[name, None].status for name in SABOTAGE} == {Status.PASS}
    assert {found[name, None].status for name in PROBES} == {Status.PASS}
    assert found["shuffled_contexts", None].status == Status.NA
    assert found["beats_probes", "good"].status == Status.PASS
    assert found["beats_probes", "mean"].status == Status.WARN  # a mean knows no more than a batch does


@pytest.mark.parametrize("seeds", [(0,), pytest.param((1, 2, 3, 4, 5), marks=pytest.mark.slow)], ids=["one", "many"])
def test_features_that_are_noise_are_no_domain_knowledge(seeds):
    """Three metrics are asked at 95 %, so that about one sabotage in thirteen loses to noise by chance."""
    found = [held(simulated(seed, feature_quality=0.0), "gex", seed) for seed in seeds]
    told = [f[name, None] for f in found for name in SABOTAGE]
    warned = [f for f in told if f.status == Status.WARN]
    assert len(warned) >= 0.5 * len(told)
    assert sum(f.status == Status.PASS for f in told) <= 0.2 * len(told)
    assert all("is not domain knowledge" in f.sentence for f in warned)
    assert {f[name, None].status for f in found for name in PROBES} == {Status.PASS}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_numbers_of_cells_that_follow_the_effect_are_found(seed):
    plan = {"stress_share": 0.5, "interaction_share": 0.15, "cells_spread": 0.2, "n_crispri": 300, "n_genes": 620}
    leaky = cell_counts_follow_effect(simulated(seed, **plan), np.random.default_rng(seed), amount=0.8)
    found = held(leaky, "gex", seed)
    warned = [name for name in PROBES if found[name, None].status == Status.WARN]
    assert warned
    assert set(warned) <= {"cell_count_neighbour", "cell_count_magnitude"}
    assert found[warned[0], None].sentence.startswith("From numbers of cells and their depth alone effects can be told")


def test_batches_that_follow_the_effect_are_found():
    """Planted: conditions of alike responses share a batch, as compounds of one library plate do."""
    simulation = simulated(0, n_contexts=1, n_crispri=120, stress_share=0.5, interaction_share=0.15)
    screen = simulation.screen
    truth = simulation.truth
    axis = np.linalg.svd(truth.delta - truth.delta.mean(axis=0), full_matrices=False)[0][:, 0]
    high = axis > np.median(axis)
    place = truth.conditions.locate(screen.conditions)
    batches = np.asarray(screen.table.batches)[screen.table.batch]
    code = screen.table.condition
    obs = screen.adata.obs.copy()
    obs[screen.design.batch] = np.where(
        code < 0, batches, np.asarray(screen.table.batches)[high[place[code]].astype(int)]
    )
    adata = screen.adata.copy()
    adata.obs = obs
    found = held(simulation, "gex", 0, screen=make_screen(adata, screen.design, name="planted"))
    assert found["batch_only", None].status == Status.WARN
    assert "From batches alone effects can be told" in found["batch_only", None].sentence
    assert found["cell_count_neighbour", None].status == Status.PASS


def test_contexts_that_are_told_by_their_controls():
    found = held(simulated(1, n_contexts=14, n_crispri=30), "cex", 1)
    assert found["shuffled_contexts", None].status == Status.PASS
    assert "control profiles exchanged among contexts" in found["shuffled_contexts", None].sentence
    assert found["shuffled_features", None].status == Status.NA
