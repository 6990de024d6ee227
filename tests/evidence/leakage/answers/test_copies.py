from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.agreement import pearson
from vcassay.core import Status
from vcassay.evidence.leakage.answers.copies import make_references, nearest, nearest_prediction
from vcassay.simulate.answers import honest, ignores_perturbation, mean_in_disguise, no_change, perfect


def disguised(study, jitter, by="perturbation"):
    train, effects = study.split.train, study.effects
    given = (study.wanted, effects.genes, effects.conditions.take(train), effects.delta_train[train])
    return study.answer(mean_in_disguise(*given, np.random.default_rng(0), jitter=jitter, by=by))


def test_nearest_equals_all_pairs_of_correlations():
    rng = np.random.default_rng(0)
    pred, refs = rng.normal(size=(300, 40)), rng.normal(size=(17, 40))
    mask = rng.random(40) < 0.7
    at, r = nearest(pred, refs, mask)
    every = np.stack([pearson(pred, np.broadcast_to(ref, pred.shape), mask) for ref in refs])
    assert np.array_equal(at, every.argmax(axis=0))
    assert r == pytest.approx(every.max(axis=0), abs=1e-12)


def test_constant_predictions_have_no_nearest_reference():
    pred = np.stack([np.zeros(10), np.full(10, 0.1), np.arange(10.0)])
    _, r = nearest(pred, np.arange(10.0)[None] * 3, np.ones(10, dtype=bool))
    assert np.isnan(r[:2]).all()
    assert r[2] == pytest.approx(1.0)


def test_references_are_training_effects_and_their_means(clean):
    study = clean[0]
    train = study.split.train
    refs = make_references(study.effects, train)
    table = study.effects.conditions.take(train)
    kinds = {kind: refs.kinds.count(kind) for kind in set(refs.kinds)}
    assert kinds == {
        "training effect": len(train),
        "treatment mean": len(set(table.treatments)),
        "context mean": 2,
        "overall mean": 1,
    }
    assert refs.values[-1] == pytest.approx(study.effects.delta_train[train].mean(axis=0))
    first = table.ids[0].split(" | ", 1)[1]
    rows = [i for i, name in enumerate(table.ids) if name.split(" | ", 1)[1] == first]
    at = refs.names.index(f"mean of {first} (2 effects)")
    assert refs.values[at] == pytest.approx(study.effects.delta_train[train][rows].mean(axis=0))


def test_models_that_are_no_copies_pass(clean):
    for seed, study in enumerate(clean):
        rng = np.random.default_rng(seed)
        made = [honest(study.simulation, study.wanted, rng, skill=s) for s in (0.4, 0.97)]
        made += [perfect(study.simulation, study.wanted), ignores_perturbation(study.simulation, study.wanted, rng)]
        assert {study.run("L26", answer=study.answer(p)).status for p in made} == {Status.PASS}


@pytest.mark.parametrize("seed", range(3))
def test_scaled_and_jittered_means_are_named(clean, seed):
    study = clean[seed]
    found = study.run("L26", answer=disguised(study, 0.05))
    assert (found.status, found.blocks, found.value) == (Status.WARN, False, 1.0)
    assert "most often 'mean of " in found.sentence
    assert found.evidence[0]["kind"] == "treatment mean"
    overall = study.run("L26", answer=disguised(study, 0.05, by="all"))
    assert "'mean of all training effects'" in overall.sentence
    assert overall.evidence[0]["kind"] == "overall mean"
    assert study.run("L26", answer=disguised(study, 0.5)).status is Status.PASS


def test_a_copy_of_the_same_perturbation_elsewhere_is_named(clean):
    study = clean[1]
    table, train = study.effects.conditions, study.split.train
    home = {treatment: i for i, treatment in zip(train, table.take(train).treatments, strict=True)}
    at = [home[treatment] for treatment in study.wanted.treatments]
    answer = study.answer(perfect(study.simulation, study.wanted))
    found = study.run("L26", answer=replace(answer, values=2 * study.effects.delta_train[at]))
    assert found.status is Status.WARN
    assert found.evidence[0]["r"] == pytest.approx(1.0)
    assert {r["kind"] for r in found.evidence} == {"training effect"}
    assert found.evidence[0]["nearest"] in table.take(train).ids


def test_what_cannot_be_compared(clean):
    study = clean[0]
    answer = study.answer(no_change(study.simulation, study.wanted))
    assert "constant" in study.run("L26", answer=answer).sentence
    silent_model = replace(answer, state=np.full(len(answer.state), "abstained"))
    assert study.run("L26", answer=silent_model).status is Status.NA
    unknown = replace(study.split, roles=np.full(len(study.split.roles), "test"))
    found = study.run("L26", answer=answer, split=unknown, claim=None)
    assert (found.status, found.model) == (Status.UNKNOWN, answer.name)


def test_the_nearest_prediction_is_of_another_perturbation_in_the_same_context():
    rng = np.random.default_rng(0)
    pred, mask = rng.normal(size=(40, 25)), rng.random(25) < 0.8
    context, family = rng.integers(0, 3, 40), rng.integers(0, 6, 40)
    at, r = nearest_prediction(pred, mask, context, family)
    every = np.array([[np.corrcoef(a[mask], b[mask])[0, 1] for b in pred] for a in pred])
    every[(context[:, None] != context) | (family[:, None] == family)] = -np.inf
    assert np.array_equal(at, every.argmax(axis=1))
    assert r == pytest.approx(every.max(axis=1))


def test_contexts_that_are_all_alike_are_left_to_another_check():
    rng = np.random.default_rng(1)
    pred = np.concatenate([np.tile(rng.normal(size=10), (4, 1)), rng.normal(size=(4, 10))])
    context, family = np.repeat([0, 1], 4), np.tile(np.arange(4), 2)
    _, r = nearest_prediction(pred, np.ones(10, dtype=bool), context, family)
    assert np.isnan(r[:4]).all()
    assert np.isfinite(r[4:]).all()
    _, alone = nearest_prediction(pred[:1], np.ones(10, dtype=bool), context[:1], family[:1])
    assert np.isnan(alone).all()


def test_the_copied_conditions_are_those_affected(clean):
    study = clean[0]
    copied, own = disguised(study, 0.05), study.answer(honest(study.simulation, study.wanted, np.random.default_rng(0)))
    rows = np.arange(len(study.wanted)) % 3 > 0
    mixed = replace(own, values=np.where(rows[:, None], copied.values, own.values))
    found = study.run("L26", answer=mixed)
    assert found.status is Status.WARN
    assert np.array_equal(found.affected.touched, rows)
    assert found.affected.graded


def test_answers_that_read_nothing_but_dose_and_context_are_left_to_another_check(clean):
    study = clean[0]
    rng = np.random.default_rng(0)
    keys = np.array([f"{c} {d} {t}" for c, _, d, t in study.wanted.keys])
    code = np.unique(keys, return_inverse=True)[1]
    base = study.answer(honest(study.simulation, study.wanted, rng, skill=0.5))
    values = rng.normal(size=(code.max() + 1, base.values.shape[1]))[code]
    found = study.run("L26", answer=replace(base, values=values, profile=None))
    assert (found.status, found.value) == (Status.PASS, 0.0)
