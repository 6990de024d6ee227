from __future__ import annotations

import re
from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.claim import Role, Split, make_claim
from vcassay.core import Conditions, Status
from vcassay.core.registry import call
from vcassay.effects import measure
from vcassay.evidence.biology import DIAGNOSTICS, make_bench
from vcassay.evidence.biology import tested as held
from vcassay.evidence.biology.pathway.entities import gene_entities, target_entities
from vcassay.evidence.biology.pathway.known_pairs import recall, share_inside, stricter
from vcassay.evidence.biology.pathway.pairs import Union, find_pairs
from vcassay.knowledge import Knowledge
from vcassay.screen import Design, Readout, Rows, make_screen
from vcassay.testing.biology.pathways import complexes, drugs, paired_up, partners
from vcassay.testing.planted import of_model, plant

NAME = "known_pairs"


def test_partners_are_found_on_effects_and_on_embeddings():
    study = partners(0)
    true = study.delta[study.test]
    noise = np.random.default_rng(1).standard_normal((len(study.delta), 12))
    placed = study.delta @ np.random.default_rng(2).standard_normal((study.delta.shape[1], 12))
    answers = [
        study.answer(true, "both", embedding=placed),
        study.answer(true, "effects", embedding=noise),
        study.answer(np.random.default_rng(3).permutation(true), "inside", embedding=placed),
    ]
    found = study.run(NAME, *answers)
    assert found[0].status is Status.PASS
    assert found[0].value > 0.5
    assert "40 perturbed genes" in found[0].sentence
    assert "complexes knows 40 of 40" in found[0].sentence
    assert of_model(found, "both").status is Status.PASS
    assert "carries it too" in of_model(found, "both").sentence
    assert "only its predicted effects do" in of_model(found, "effects").sentence
    assert of_model(found, "inside").status is Status.FAIL
    assert "Its embedding carries it (" in of_model(found, "inside").sentence
    row = of_model(found, "both").evidence[0]
    assert set(row) == {"kind", "resource", "pairs", "truth", "model", "chance"}
    assert (row["kind"], row["pairs"], row["chance"]) == ("resource", 60, 0.1)
    assert row["truth"] == found[0].value


def test_what_has_no_place_in_an_embedding_is_not_asked():
    study = partners(0)
    placed = study.delta @ np.random.default_rng(2).standard_normal((study.delta.shape[1], 12))
    placed[study.test[::4]] = np.nan
    found = study.run(NAME, study.answer(study.delta[study.test], embedding=placed))
    assert found[0].status is Status.PASS
    held_by = re.search(r"carries it too \(\d+% over (\d+) known pairs", of_model(found).sentence)
    assert 0 < int(held_by[1]) < 60


@pytest.mark.parametrize("same", ["constant", "zero"])
def test_a_model_that_tells_no_genes_apart_does_not_pass(same):
    study = partners(1)
    value = 0.0 if same == "zero" else 1.0
    found = study.run(NAME, study.answer(np.full((len(study.test), study.delta.shape[1]), value)))
    assert of_model(found).status in (Status.FAIL, Status.NA)


@pytest.mark.parametrize(("context", "pairs"), [("c0", 60), ("", 48)])
def test_a_model_that_abstains_is_compared_on_what_it_answers(context, pairs):
    # eight genes are not answered: in one context, in which case the other still has them, or in any
    study = partners(2)
    table = study.effects.conditions.take(study.test)
    few = np.array([int(p[0][1:]) <= 8 for p in table.parts])
    values = study.delta[study.test].copy()
    values[few & ((table.context == context) | (context == ""))] = np.nan
    found = of_model(study.run(NAME, study.answer(values)))
    assert found.status is Status.PASS
    assert f"over {pairs} known pairs" in found.sentence


def test_a_model_that_answers_nothing_is_not_judged():
    study = partners(2)
    found = study.run(NAME, study.answer(np.full((len(study.test), study.delta.shape[1]), np.nan)))
    assert found[0].status is Status.PASS
    assert of_model(found).status is Status.NA
    assert "it answers 0 known pairs" in of_model(found).sentence


def test_a_signed_pair_counts_on_its_own_side_only():
    rng = np.random.default_rng(0)
    genes = [f"P{i + 1:02d}" for i in range(40)]
    table = Conditions.make(
        ["c"] * 48, [[n] for n in [*genes, *(f"T{i}" for i in range(8))]], modality=["CRISPRi"] * 48
    )
    effect = rng.standard_normal((48, 80))
    pairs = [(genes[i], genes[i + 1]) for i in range(0, 40, 2)]
    at = {p[0]: i for i, p in enumerate(table.parts)}
    for a, b in pairs:
        effect[at[b]] = -effect[at[a]]
    test = np.array([p[0] in genes for p in table.parts])
    for sign, passes in ((-1.0, True), (1.0, False), (None, True)):
        # one weight of the other sign makes the rest signs
        weight = None if sign is None else np.array([sign] * 20 + [-sign])
        known = complexes([*pairs, ("OTHER", "ANOTHER")], sign=weight)
        study = plant(table, effect, test, np.random.default_rng(1), knowledge=known)
        assert (study.run(NAME)[0].status is Status.PASS) is passes


def test_drugs_are_entities_through_their_targets():
    study = drugs(0, pathways=8, covered=8, each=3, shared=0.6)
    entities = target_entities(study.bench())
    assert len(entities.members) == 24
    assert set(entities.direction.tolist()) == {-1}
    found = study.run(NAME, study.answer(study.delta[study.test]))
    assert found[0].status is Status.PASS
    assert "Perturbed genes are not judged" in found[0].sentence
    assert found[0].evidence[0]["resource"] == "complexes, drugs by their targets"
    assert of_model(found).status is Status.PASS


def test_drugs_of_many_targets_are_left_out_and_counted():
    study = drugs(0, pathways=4, covered=4, each=2)
    bench = study.bench()
    first = int(np.flatnonzero(bench.agents.drug)[0])
    many = tuple(own if i != first else ("A", "B", "C", "D") for i, own in enumerate(bench.agents.targets))
    entities = target_entities(replace(bench, agents=replace(bench.agents, targets=many)))
    assert len(entities.members) == 7
    assert "1 drugs of more than 3 targets" in entities.left_out


def test_entities_that_share_a_gene_are_no_pair():
    study = partners(0)
    entities = gene_entities(study.bench())
    joined = entities._replace(members=(("P01", "P02"), ("P02", "P03"), ("P04",)), direction=np.array([-1, 1, -1]))
    names = ["P01", "P02", "P03", "P04"]
    (pairs,) = find_pairs(names, complexes(paired_up(names)))
    lifted = joined.lift(pairs._replace(sign=np.ones(len(pairs.left), dtype=np.int64)), names)
    assert list(zip(lifted.left.tolist(), lifted.right.tolist(), lifted.sign.tolist(), strict=True)) == [
        (0, 2, 1),
        (1, 2, -1),
    ]


def test_recall_counts_and_is_exact_for_a_planted_graph():
    place = np.full((12, 12), 0.5)
    left, right = np.arange(0, 12, 2), np.arange(1, 12, 2)
    place[left, right] = place[right, left] = 0.99
    pairs = Union(np.r_[left, 0, 2, 4, 6], np.r_[right, 3, 5, 7, 9], np.zeros(10, dtype=np.int64))
    assert share_inside(place, pairs, 0.1) == 0.6
    (found,) = recall([place], np.ones((12, 12), bool), pairs, np.zeros(12, dtype=np.int64), np.random.default_rng(0))
    assert found.value == 0.6
    assert found.p < 0.01
    assert found.n == 10


def test_the_stricter_null_counts():
    one, two = held.Tested(0.5, 0.1, 0.05, 0.01, 0.9, 7), held.Tested(0.5, 0.2, 0.02, 0.2, 0.8, 7)
    assert stricter(one, two) == held.Tested(0.5, 0.2, 0.05, 0.2, 0.9, 7)


def test_the_answer_is_the_same_again():
    study = partners(3)
    true = study.delta[study.test]
    assert study.run(NAME, study.answer(true)) == study.run(NAME, study.answer(true))


@pytest.mark.parametrize("lack", ["knowledge", "pairs", "genes"])
def test_what_is_missing_is_said(lack):
    study = partners(0, n=12 if lack == "genes" else 24)
    given = {"knowledge": Knowledge(), "pairs": complexes([("P01", "P02")]), "genes": study.knowledge}[lack]
    study = replace(study, knowledge=given)
    found = study.run(NAME, study.answer(study.delta[study.test]))
    assert {f.status for f in found} == {Status.NA}
    assert {
        "knowledge": "no relations or gene sets are handed in",
        "pairs": "1 known pairs among 24, 10 are needed",
        "genes": "12 with a measurable effect, 20 are needed",
    }[lack] in found[0].sentence


def test_ready_made_effects_are_judged():
    study = partners(4, contexts=1)
    table = study.effects.conditions
    obs = pd.DataFrame({"perturbation": table.perturbation, "modality": table.modality}, index=table.perturbation)
    genes = pd.DataFrame(index=study.effects.genes)
    design = Design(
        perturbation="perturbation", control=(), modality="modality", rows=Rows.EFFECTS, readout=Readout.CONTINUOUS
    )
    screen = make_screen(ad.AnnData(study.delta, obs=obs, var=genes), design, name="effects")
    role = np.where([p[0].startswith("P") for p in screen.conditions.parts], Role.TEST.value, Role.TRAIN.value)
    split = Split(screen.conditions, role.astype(str))
    effects = measure(screen, train=split.train, panel=split.test, seed=0)
    bench = make_bench(effects, make_claim(split), study.knowledge, {})
    (found,) = call(DIAGNOSTICS[NAME], {"bench": bench, "rng": np.random.default_rng(0)})
    assert found.status is Status.PASS
