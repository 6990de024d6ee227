"""Shared controls on screens without effects, and reliability across batches, from screen to record."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.shards import TRAINING
from vcassay.claim import make_claim, make_split
from vcassay.effects import measure
from vcassay.effects.classes import reliability_classes
from vcassay.effects.measure import ALL
from vcassay.evidence.metrics import make_panel, score_answers
from vcassay.evidence.metrics.ceilings.crossed import batch_factor, batch_finding, compare_crossed, not_crossed
from vcassay.evidence.metrics.ceilings.inflation import inflation
from vcassay.prediction import Answer
from vcassay.run.attainable import find_attainable
from vcassay.simulate import SimulationPlan, simulate_screen


def measured(seed, **settings):
    plan = {"n_genes": 150, "n_contexts": 2, "n_siblings": 0, "n_crispri": 30, "n_drugs": 0, "cells_per_condition": 40}
    simulation = simulate_screen(SimulationPlan(**(plan | settings)), seed=seed)
    split = make_split(simulation.screen.conditions, "gex", fraction=0.5, seed=seed)
    effects = measure(simulation.screen, train=split.train, seed=seed)
    claim = make_claim(split, effects=effects)
    classes = reliability_classes(effects, split.train)
    full = np.broadcast_to(effects.mask.any(axis=0), effects.mask.shape)
    return simulation, effects, claim, make_panel(effects, claim, full, classes.strata())


def answer(name, values, role="baseline"):
    return Answer(name, role, values, np.full(len(values), "ok"), np.ones(values.shape[1], bool))


def mean_predictor(effects, claim):
    """The mean training effect of each context, on the controls left to training."""
    train, test = claim.split.train, claim.split.test
    context = effects.conditions.context
    return np.stack([effects.delta_train[train[context[train] == c]].mean(axis=0) for c in context[test]])


def test_shared_controls_inflate_where_nothing_happens():
    """As many controls as perturbed rows: the mean correlates at .8 with shared, at 0 with disjoint controls."""
    naive, disjoint = [], []
    for seed in range(4):
        _, effects, claim, panel = measured(seed, null_share=1.0, controls_per_batch=20, cells_per_condition=40)
        values = {"mean": mean_predictor(effects, claim), "still": np.zeros_like(effects.delta[claim.split.test])}
        values["other"] = np.random.default_rng(seed).standard_normal(values["still"].shape)
        scores = score_answers(panel, {n: answer(n, v) for n, v in values.items()}, 0, 200, ["pearson_delta"])
        truth = effects.moments.effects(ALL, TRAINING)[claim.split.test]
        rows = {r.model: r for r in inflation(scores, truth, list(values)) if r.metric == "pearson_delta"}
        naive.append(rows["mean"].naive)
        disjoint.append(rows["mean"].disjoint)
        assert rows["mean"].difference == pytest.approx(naive[-1] - disjoint[-1])
        assert rows["still"].difference == 0
        assert abs(rows["other"].difference) < 0.05
    assert 0.6 < np.mean(naive) < 0.9
    assert abs(np.mean(disjoint)) < 0.06


def test_everything_is_found_and_named():
    _, effects, claim, panel = measured(1)
    truth = effects.delta[claim.split.test]
    answers = {"mean": answer("mean", mean_predictor(effects, claim)), "copy": answer("copy", truth, "submission")}
    scores = score_answers(panel, answers, 0, 200)
    reach = find_attainable(scores, effects, claim, answers, {}, {"batches": "none", "guides": "none"}, seed=0)
    contexts = {r.context for r in reach.records}
    assert contexts == {None, *effects.conditions.context[claim.split.test].tolist()}
    by = {(r.metric, r.stratum): r for r in reach.records if r.context is None}
    assert by["pds_cosine", "detectable"].kind.startswith("replicate at")
    assert set(by) >= {("pearson_delta", s) for s in panel.strata}
    assert reach.corrected["copy", "pearson_delta", "detectable"].value > 1
    assert {r.reason for r in reach.crossed} == {"none"}
    assert reach.ceilings is reach.within
    quick = find_attainable(scores, effects, claim, answers, {}, {}, seed=0, quick=True)
    kinds = {r.kind for r in quick.records if r.metric == "pds_cosine" and not r.reason}
    assert kinds == {"replicate at half depth"}
    assert quick.records[0].reason or quick.crossed[0].reason == "it was not asked for"


def test_lower_reliability_across_batches_lowers_the_ceilings():
    _, effects, claim, panel = measured(2)
    within = panel.reliability
    same = compare_crossed("batches", within, panel, 0, 200)
    assert same.difference == pytest.approx(0, abs=1e-12)
    assert not same.lower
    assert batch_factor(same) == 1
    lower = compare_crossed("batches", 0.6 * within, panel, 0, 200)
    assert lower.lower
    assert batch_factor(lower) == pytest.approx(0.6, abs=1e-6)
    assert "less across batches" in batch_finding(lower).sentence
    assert batch_factor(not_crossed("batches", "one batch")) == 1
    truth = effects.delta[claim.split.test]
    scores = score_answers(panel, {"m": answer("m", truth)}, 0, 200)
    crossed = type("C", (), {"half": np.full(len(effects.conditions), np.nan)})()
    crossed.half[claim.split.test] = 0.6 * within
    reach = find_attainable(scores, effects, claim, {}, {"batches": crossed}, {}, seed=0, quick=True)
    key = ("pearson_delta", "detectable")
    assert reach.ceilings[key].value < reach.within[key].value - 0.05
    assert reach.ceilings["nmse", "detectable"].value == reach.within["nmse", "detectable"].value
    assert len(reach.findings) == 1
