"""The three diagnostics: grades, sentences, evidence, and what cannot be assessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.evidence.biology.mechanism.alike import alike, truth_where
from vcassay.knowledge import structures
from vcassay.testing.biology import mechanisms as planted
from vcassay.testing.planted import of_model, plant

NAMES = ("moa_similarity", "moa_beyond_chemistry", "chemistry_sensitivity")


@pytest.fixture(scope="module")
def made():
    pytest.importorskip("rdkit")
    return planted.screen(3)


def models(study, library, rng, **more):
    return [
        study.answer(planted.answers(study, library, rng, values), name, **more.get(name, {}))
        for name, values in (("has", planted.right(library)), ("lacks", planted.structure_only(library)))
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_mechanisms_passes_and_one_of_structures_does_not(made, name):
    study, library, _ = made
    rng = np.random.default_rng(0)
    found = study.run(name, *models(study, library, rng))
    assert [f.model for f in found] == [None, "has", "lacks"]
    assert of_model(found, None).status is Status.PASS
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status in (Status.WARN, Status.FAIL)
    assert of_model(found, "lacks").remedy
    assert all(len(f.evidence) <= 200 for f in found)


def test_a_function_of_the_fingerprint_alone_fails_though_mechanisms_seem_alike(made):
    study, library, _ = made
    rng = np.random.default_rng(0)
    bits = structures(library.names, library.smiles).bits.astype(float)
    values = 0.1 * (bits - bits.mean(axis=0)) @ rng.standard_normal((bits.shape[1], len(study.effects.genes)))
    found = study.run("moa_beyond_chemistry", study.answer(planted.answers(study, library, rng, values), "model"))
    about = of_model(found)
    assert about.status is Status.FAIL
    assert "What drugs of one mechanism have in common here is their structure" in about.sentence
    own = about.evidence[0]
    assert own["before, p"] < 0.05 < own["given structures, p"]


def test_stress_alone_makes_no_mechanism(made):
    study, library, _ = made
    rng = np.random.default_rng(0)
    values = planted.answers(study, library, rng, planted.stress_only(library))
    found = study.run("moa_similarity", study.answer(values, "model"))
    assert of_model(found).status is Status.FAIL


def test_a_mean_has_the_precision_of_chance(made):
    study, _, _ = made
    rng = np.random.default_rng(0)
    mean = np.tile(rng.standard_normal(len(study.effects.genes)), (len(study.test), 1))
    about = of_model(study.run("moa_similarity", study.answer(mean, "model")))
    assert about.status is Status.FAIL
    np.testing.assert_allclose(about.value, about.null, atol=0.01)
    assert of_model(study.run("moa_beyond_chemistry", study.answer(mean, "model"))).status in (Status.NA, Status.FAIL)
    assert of_model(study.run("chemistry_sensitivity", study.answer(mean, "model"))).status is Status.NA


def test_evidence_has_classes_and_their_table(made):
    study, library, _ = made
    rng = np.random.default_rng(0)
    found = study.run("moa_similarity", *models(study, library, rng))
    for about in (of_model(found, None), of_model(found, "has")):
        own = [r for r in about.evidence if r["kind"] == "class"]
        table = [r for r in about.evidence if r["kind"] == "classes"]
        assert len(own) == 10
        assert len(table) == 55
        keys = {"truth", "chemistry"} | ({"model"} if about.model else set())
        assert all(keys <= set(r) for r in own + table)
        assert ("model" in own[0]) == (about.model is not None)
        excess = [r["truth"] - r["null"] for r in own]
        assert excess == sorted(excess, reverse=True)
        diagonal = [r["truth"] for r in table if r["row"] == r["column"]]
        across = [r["truth"] for r in table if r["row"] != r["column"]]
        assert np.mean(diagonal) > np.mean(across) + 0.05


def test_embeddings_are_asked_the_same(made):
    study, library, _ = made
    rng = np.random.default_rng(0)
    table = study.effects.conditions
    row = {name: i for i, name in enumerate(library.names)}
    order = np.asarray([row[parts[0]] for parts in table.parts])
    good = library.by_mechanism[order] + 0.1 * rng.standard_normal((len(table), len(study.effects.genes)))
    noise = rng.standard_normal((len(table), 12))
    found = study.run(
        "moa_similarity", *models(study, library, rng, has={"embedding": noise}, lacks={"embedding": good})
    )
    assert "Its embedding does not carry it" in of_model(found, "has").sentence
    assert "Its embedding carries it" in of_model(found, "lacks").sentence
    assert "its predicted effects do not" in of_model(found, "lacks").sentence


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_abstains_is_asked_about_the_rest(made, name):
    study, library, _ = made
    rng = np.random.default_rng(0)
    has, _ = models(study, library, rng)
    values = has.values.copy()
    values[::10] = np.nan
    found = study.run(name, study.answer(values, "some"), study.answer(np.full_like(values, np.nan), "none"))
    assert of_model(found, "some").status is Status.PASS
    assert of_model(found, "none").status is Status.NA


def agents_of(study):
    """Code of the drug of each test condition."""
    return np.unique(study.effects.conditions.perturbation[study.test], return_inverse=True)[1]


def test_the_truth_is_asked_of_the_drugs_that_a_model_answers(made):
    study, library, _ = made
    values = models(study, library, np.random.default_rng(0))[0].values.copy()
    values[agents_of(study) >= 40] = np.nan
    found = study.run("chemistry_sensitivity", study.answer(values))
    assert (
        "over 40 drugs" in of_model(found).sentence or "on the conditions that it answers" in of_model(found).sentence
    )
    bench = study.bench(study.answer(values))
    fewer = truth_where(alike(bench), "model")
    assert np.isfinite(fewer).any()
    assert np.isnan(fewer[40:]).all()


@pytest.mark.parametrize("name", NAMES)
def test_without_mechanisms_drugs_or_structures_it_says_so(made, name):
    study, _, _ = made
    rng = np.random.default_rng(0)
    genes = study.effects.genes
    n = 12
    delta = rng.standard_normal((n, len(genes)))
    table = Conditions.make(["A"] * n, [(f"GENE{i}",) for i in range(n)], modality=["CRISPRi"] * n)
    other = plant(table, delta, np.ones(n, dtype=bool), rng, genes=genes)
    found = other.run(name, other.answer(delta, "model"))
    assert {f.status for f in found} == {Status.NA}
    assert found[0].sentence == "Not assessable: no compound is among the test conditions."
    bare = Conditions.make(
        ["A"] * n, [(f"d{i}",) for i in range(n)], modality=["drug"] * n, annotation={"moa": ["a", "b", "c", "d"] * 3}
    )
    labels = np.asarray([int(parts[0][1:]) % 4 for parts in bare.parts])
    delta = 3 * rng.standard_normal((4, len(genes)))[labels] + rng.standard_normal((n, len(genes)))
    plain = plant(bare, delta, np.ones(n, dtype=bool), rng, genes=genes)
    found = plain.run(name, plain.answer(delta, "model"))
    if name == "moa_similarity":
        assert found[0].status is Status.PASS
        assert "positives are all pairs" in found[0].sentence
        assert of_model(found).status is Status.PASS
    else:
        assert {f.status for f in found} == {Status.NA}
        assert "structure" in found[0].sentence


def test_the_order_of_genes_and_threads_changes_nothing(made, monkeypatch):
    study, library, _ = made
    rng = np.random.default_rng(0)
    answers = models(study, library, rng)
    first = [study.run(name, *answers) for name in NAMES]
    monkeypatch.setattr("numba.config.NUMBA_NUM_THREADS", 1)
    again = [study.run(name, *answers) for name in NAMES]
    assert first == again


def test_models_do_not_change_each_other(made):
    study, library, _ = made
    rng = np.random.default_rng(0)
    has, lacks = models(study, library, rng)
    alone = of_model(study.run("moa_beyond_chemistry", has), "has")
    beside = of_model(study.run("moa_beyond_chemistry", lacks, has), "has")
    assert replace(alone, sentence="") == replace(beside, sentence="")
