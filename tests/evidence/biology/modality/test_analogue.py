from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.biology.modality.analogue import best_target, draw_targets, permuted_means
from vcassay.evidence.biology.modality.pairing import clear_own, find_pairs
from vcassay.testing.biology.modalities import TARGETS, screen
from vcassay.testing.planted import assessable, of_model

NAME = "inhibitor_analogue"


@pytest.fixture(scope="module")
def study():
    return screen(0)[0]


def changed(study, **annotation):
    """The same study with other annotations of its conditions."""
    table = study.effects.conditions
    table = replace(table, annotation={**table.annotation, **annotation})
    effects = replace(study.effects, conditions=table)
    return replace(study, effects=effects)


def test_the_best_of_several_targets_counts_in_the_null_too():
    places = np.array([[0.2, 0.9, 0.5], [1.0, 0.1, np.nan]])
    targets = np.array([[0, 2, -1], [2, -1, -1]])
    value, gene = best_target(places, targets)
    assert value[0] == 0.5
    assert np.isnan(value[1])
    assert gene[0] == 2
    assert permuted_means(places, targets, np.array([[0, 1, 2], [1, 2, 0]])) == pytest.approx([0.5, 0.95])


def test_targets_of_one_and_of_several_compounds_are_exchanged_among_themselves(study):
    pairing = find_pairs(study.bench())
    asked = pairing.asked[:10]
    times = np.repeat([1, 2], 5)
    targets = np.full((int(times.sum()), pairing.targets.shape[1]), -1)
    targets[:, 0] = np.repeat(asked, times)
    pairing = replace(pairing, targets=targets)
    drawn = draw_targets(pairing, np.ones(len(pairing.genes)), np.random.default_rng(0))
    assert np.isin(drawn[:, asked[:5]], asked[:5]).all()
    assert np.isin(drawn[:, asked[5:]], asked[5:]).all()
    assert (drawn[:, asked] != asked).any()
    others = np.setdiff1d(np.arange(len(pairing.genes)), asked)
    assert (drawn[:, others] == others).all()


def test_a_perturbed_gene_is_no_likeness_of_its_own_loss(study):
    pairing = find_pairs(study.bench())
    column_of = np.where(np.arange(len(pairing.own)) % 3 > 0, np.arange(len(pairing.own)) % 7, -1)
    pairing = replace(pairing, own=column_of)
    own = pairing.own[pairing.agent]
    rows = np.ones((len(own), len(study.effects.genes)))
    clear_own(rows, pairing)
    assert (own >= 0).any()
    for row, column in zip(rows, own, strict=True):
        assert row.sum() == len(row) - (column >= 0)
        assert column < 0 or row[column] == 0.0


def test_every_compound_is_placed_among_the_knock_downs_of_its_context(study):
    found = study.run(NAME)
    rows = found[0].evidence
    assert assessable(found)
    assert len(rows) == len(study.test)
    assert {row["context"] for row in rows} == {"A"}
    assert {row["target"] for row in rows} == {f"K{i:02d}" for i in range(TARGETS)}
    assert np.mean([row["truth"] for row in rows]) == pytest.approx(found[0].value)


def test_compounds_of_two_contexts_against_knock_downs_in_one_or_both():
    study = screen(3, contexts=("A", "B"))[0]
    found = study.run(NAME)
    assert assessable(found)
    assert {row["context"] for row in found[0].evidence} == {"2 contexts"}
    drug = np.array([m == "compound" for m in study.effects.conditions.modality.tolist()])
    at_b = study.effects.conditions.context == "B"
    silent = study.effects.assessed & ~(study.effects.detectable & (at_b ^ drug))
    assert silent.any()
    apart = replace(study, effects=replace(study.effects, detectable=~silent, assessed=np.ones_like(silent)))
    found = apart.run(NAME)
    assert "by means over contexts" in found[0].sentence
    assert all("the gene in others" in row["context"] for row in found[0].evidence)


def test_an_activator_should_be_the_opposite_of_the_loss(study):
    words = np.array([m.replace("inhibitor", "agonist") for m in study.effects.conditions.annotation["moa"].tolist()])
    found = changed(study, moa=words).run(NAME, study.answer(study.delta[study.test]))
    assert not assessable(found)
    assert found[0].value < 0.3
    assert of_model(found).status is Status.NA


def test_compounds_that_do_not_say_how_they_act_are_taken_for_inhibitors(study):
    found = changed(study, moa=np.full(len(study.effects.conditions), "")).run(NAME)
    assert found[0].value == study.run(NAME)[0].value
    assert "24 compounds that do not say how they act" in found[0].sentence


def test_an_embedding_is_asked_beside_the_effects(study):
    rng = np.random.default_rng(0)
    carries = study.delta @ rng.standard_normal((study.delta.shape[1], 60))
    noise = rng.standard_normal(carries.shape)
    truth = study.delta[study.test]
    models = [study.answer(truth, "yes", embedding=carries), study.answer(truth, "no", embedding=noise)]
    found = study.run(NAME, *models)
    assert "Its embedding carries it too" in of_model(found, "yes").sentence
    assert "Its embedding does not carry it" in of_model(found, "no").sentence


def test_a_model_that_abstains_is_held_against_the_truth_on_what_it_answers(study):
    values = study.delta[study.test].copy()
    values[::10] = np.nan
    found = of_model(study.run(NAME, study.answer(values)))
    assert found.status is Status.PASS
    assert "over 21 compounds" in found.sentence
    values[2:] = np.nan
    found = of_model(study.run(NAME, study.answer(values)))
    assert found.status is Status.NA
    assert "too few" in found.sentence


def test_a_constant_model_fails(study):
    constant = np.tile(study.delta.mean(axis=0), (len(study.test), 1))
    found = of_model(study.run(NAME, study.answer(constant)))
    assert found.status is Status.FAIL
    assert found.value == pytest.approx(0.5)


def test_the_order_of_draws_is_the_generators_alone(study):
    assert study.run(NAME, seed=5) == study.run(NAME, seed=5)


def test_without_targets_there_is_nothing_to_ask(study):
    found = changed(study, target=np.full(len(study.effects.conditions), "")).run(NAME)
    assert found[0].status is Status.NA
    assert "24 without a known target" in found[0].sentence


def test_promiscuous_compounds_are_left_out_and_counted(study):
    target = study.effects.conditions.annotation["target"].copy()
    first = np.flatnonzero(target != "")[0]
    other = target.astype("<U40")
    other[first] = "K00|K01|K02|K03"
    known = changed(study, target=other)
    pairs = find_pairs(known.bench())
    assert pairs.left_out["with more than 3 targets"] == 1
    assert len(pairs.compound) == 23
