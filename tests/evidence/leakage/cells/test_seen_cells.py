from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import friedmanchisquare, kstest

from vcassay.arrays.shards import TRAINING
from vcassay.core import Status
from vcassay.effects import measure
from vcassay.evidence.leakage.cells.seen_cells import (
    NoiseAgreement,
    ShardPreference,
    deviations,
    noise_agreement,
    shard_preference,
)
from vcassay.screen import CONTROL, Rows
from vcassay.simulate.answers import honest, ignores_perturbation, mean_in_disguise, memorised, perfect


def test_deviations_sum_to_zero_in_each_group():
    rng = np.random.default_rng(0)
    values, mask = rng.normal(size=(7, 5)), np.array([True, True, False, True, True])
    group = np.array([0, 0, 0, 1, 1, 1, 2])
    out = deviations(values, group, np.broadcast_to(mask, values.shape))
    assert out[:3].sum(axis=0) == pytest.approx(0)
    assert out[0, 0] == pytest.approx(values[0, 0] - values[:3, 0].mean())
    assert not out[:6, 2].any()
    assert np.isnan(out[6]).all()


def test_shard_preference_is_friedmans_test():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(30, 8)) * np.exp(rng.normal(size=(30, 1)))
    rows[5, 2] = rows[5, 3]
    statistic = friedmanchisquare(*rows.T)
    found = shard_preference(np.vstack([rows, np.full((2, 8), np.nan)]))
    assert found.p_value == pytest.approx(statistic.pvalue)
    assert (found.n, found.ranks.sum()) == (30, pytest.approx(36.0))
    assert shard_preference(np.ones((5, 8))).p_value == 1.0
    assert np.isnan(shard_preference(np.empty((0, 8))).p_value)


def simulated_products(seed, knows, n=40, g=200, signal=0.0):
    """Products of predictions with a noisy truth; ``knows`` is the share of its noise in the prediction."""
    rng = np.random.default_rng(seed)
    true = signal * rng.normal(size=(n, g))
    noise_a, noise_b = rng.normal(size=(2, n, g))
    seen = knows * (noise_a + noise_b) / 2 + (1 - knows) * rng.normal(size=(n, g)) / np.sqrt(2)
    pred = true + seen if signal < 2 else true
    observed = true + (noise_a + noise_b) / 2
    cross = ((true + noise_a) * (true + noise_b)).sum(axis=1)
    return (pred * observed).sum(axis=1), (pred**2).sum(axis=1), cross


@pytest.mark.parametrize("signal", [0.0, 0.3, 2.0])
def test_noise_agreement_of_honest_predictions_is_within_the_level(signal):
    p = [noise_agreement(*simulated_products(seed, 0.0, signal=signal)).p_value for seed in range(200)]
    assert np.mean(np.array(p) < 0.05) <= 0.09


def test_a_perfect_prediction_stands_exactly_at_the_bound():
    p = [noise_agreement(*simulated_products(seed, 0.0, signal=2.0)).p_value for seed in range(200)]
    assert kstest(p, "uniform").pvalue > 0.001
    found = noise_agreement(*simulated_products(0, 0.0, signal=2.0))
    assert found.ratio == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("knows", [0.5, 1.0])
def test_noise_agreement_finds_copies_where_little_happens(seed, knows):
    found = noise_agreement(*simulated_products(seed, knows, signal=0.1))
    assert found.p_value < 1e-6
    assert found.ratio > 1


def test_noise_agreement_needs_conditions_and_predictions():
    product, energy, cross = simulated_products(0, 1.0)
    assert np.isnan(noise_agreement(product[:9], energy[:9], cross[:9]).p_value)
    assert np.isnan(noise_agreement(product, 0 * energy, cross).p_value)
    assert noise_agreement(-product, energy, cross).p_value == 1.0


def cells(study, shards=range(8)):
    """Rows of some shards of every condition, with the controls left to training."""
    shard, condition = study.effects.moments.slots.shard, study.simulation.screen.table.condition
    control = (condition == CONTROL) & np.isin(shard, TRAINING)
    return control | ((condition >= 0) & np.isin(shard, list(shards)))


def test_honest_models_are_silent(clean, silent):
    for seed, study in enumerate((*clean, *silent)):
        rng = np.random.default_rng(seed)
        made = [honest(study.simulation, study.wanted, rng, skill=s, name=f"{s}") for s in (0.5, 0.95)]
        made += [perfect(study.simulation, study.wanted)]
        train, effects = study.split.train, study.effects
        given = (study.wanted, effects.genes, effects.conditions.take(train), effects.delta_train[train])
        made += [mean_in_disguise(*given, rng)]
        found = [study.run("L27", answer=study.answer(p)) for p in made]
        assert all(f.status in (Status.PASS, Status.NA) for f in found), [f.sentence for f in found]


@pytest.mark.parametrize("seed", range(3))
def test_models_that_saw_test_cells_are_found(clean, seed):
    study = clean[seed]
    rng = np.random.default_rng(seed)
    simulation, wanted = study.simulation, study.wanted
    seen = {
        "half of the shards": memorised(simulation, wanted, rows=cells(study, range(4))),
        "one shard": memorised(simulation, wanted, rows=cells(study, [6])),
        "a random half": memorised(simulation, wanted, rows=cells(study), share=0.5, rng=rng),
        "all": memorised(simulation, wanted, rows=cells(study)),
    }
    for name, prediction in seen.items():
        found = study.run("L27", answer=study.answer(prediction))
        assert (found.status, found.blocks) == (Status.FAIL, True), name
        assert found.value < 0.001
    found = study.run("L27", answer=study.answer(seen["half of the shards"]))
    assert sorted(r["shard"] for r in found.evidence[:4]) == [0, 1, 2, 3]


def test_an_honest_model_with_a_trace_of_the_test_cells_is_found(clean):
    study = clean[3]
    good = study.answer(honest(study.simulation, study.wanted, np.random.default_rng(0)))
    copy = study.answer(memorised(study.simulation, study.wanted, rows=cells(study, range(4))))
    mixed = replace(good, values=0.7 * good.values + 0.3 * copy.values)
    assert study.run("L27", answer=mixed).status is Status.FAIL


def test_having_seen_the_scoring_controls_alone_is_not_having_seen_the_cells(silent):
    every = tuple(range(8))
    for study in silent:
        moments, test = study.effects.moments, study.split.test
        control = moments.effects(every, every)[test] - moments.effects(every, TRAINING)[test]
        answer = study.answer(honest(study.simulation, study.wanted, np.random.default_rng(0)))
        assert study.run("L27", answer=replace(answer, values=answer.values + control)).status is Status.PASS


def test_random_cells_are_compared_on_the_test_shards(make_study):
    study = make_study(1, cells_per_condition=64)
    roles = np.full(len(study.split.roles), "test")
    split = replace(study.split, roles=roles, test_shards=(4, 5, 6, 7))
    effects = measure(study.simulation.screen, test_shards=split.test_shards, seed=1)
    wanted = effects.conditions
    outcome = {}
    for name, shards in {"training cells": (0, 1, 2, 3), "test cells": (4, 5)}.items():
        prediction = memorised(study.simulation, wanted, rows=cells(study, shards))
        answer = replace(study, split=split, effects=effects).answer(prediction)
        outcome[name] = study.run("L27", answer=answer, split=split, effects=effects).status
    assert outcome == {"training cells": Status.PASS, "test cells": Status.FAIL}


def test_what_cannot_be_measured(clean, build_screen):
    study = clean[0]
    blind = study.answer(ignores_perturbation(study.simulation, study.wanted, np.random.default_rng(0)))
    assert study.run("L27", answer=blind).status is Status.NA
    few = replace(study.effects, n_rows=np.minimum(study.effects.n_rows, 4))
    answer = study.answer(perfect(study.simulation, study.wanted))
    found = study.run("L27", answer=answer, effects=few)
    assert (found.status, "8 rows" in found.sentence) == (Status.NA, True)
    assert study.simulation.screen.design.rows is Rows.CELLS


@pytest.mark.parametrize(("p", "status"), [(0.0007, Status.PASS), (0.0004, Status.FAIL)])
def test_two_tests_share_the_level(clean, monkeypatch, p, status):
    study, room = clean[0], "vcassay.evidence.leakage.cells.seen_cells"
    shards = len(study.split.scored_shards)
    monkeypatch.setattr(f"{room}.shard_preference", lambda *_: ShardPreference(p, np.arange(shards) + 1.0, 20))
    monkeypatch.setattr(f"{room}.noise_agreement", lambda *_: NoiseAgreement(0.9, 0.5, 20))
    answer = study.answer(honest(study.simulation, study.wanted, np.random.default_rng(0), skill=0.5))
    found = study.run("L27", answer=answer)
    assert (found.status, found.value) == (status, pytest.approx(2 * p))
