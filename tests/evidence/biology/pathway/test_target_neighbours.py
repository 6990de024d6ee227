from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.biology.pathway.entities import target_entities
from vcassay.evidence.biology.pathway.neighbourhood import find_genetic, find_partners, towards_genes, training_rows
from vcassay.evidence.biology.pathway.target_neighbours import hold
from vcassay.knowledge import GeneSets, Knowledge, Resource
from vcassay.testing.biology.pathways import complexes, drugs, partners
from vcassay.testing.planted import of_model

NAME = "target_neighbours"


def answer(study, name="model", **more):
    return study.answer(study.delta[study.test], name, **more)


def test_drugs_that_act_as_partners_of_their_target_are_found():
    study = drugs(0)
    placed = study.delta @ np.random.default_rng(2).standard_normal((study.delta.shape[1], 20))
    found = study.run(NAME, answer(study, embedding=placed))
    assert found[0].status is of_model(found).status is Status.PASS
    assert found[0].value > 0.8
    assert found[0].null == pytest.approx(0.5, abs=0.05)
    assert "20 of 20 sets of targets" in found[0].sentence
    assert "carries it too" in of_model(found).sentence


def test_what_has_no_place_in_an_embedding_is_not_asked():
    study = drugs(0)
    placed = study.delta @ np.random.default_rng(2).standard_normal((study.delta.shape[1], 20))
    whole, part = placed.copy(), placed.copy()
    part[study.test[::5]] = np.nan
    bench = study.bench(answer(study, "whole", embedding=whole), answer(study, "part", embedding=part))
    entities, genetic = target_entities(bench), find_genetic(bench)
    lost = int(genetic.item[genetic.item >= 0][0])
    part[bench.split.train[genetic.item == lost]] = np.nan
    full, less = (towards_genes(bench, arm, entities, embedding=True) for arm in bench.submissions)
    known = np.isfinite(less)
    assert np.isfinite(full).all()
    np.testing.assert_allclose(less[known], full[known])
    assert not known[:, lost].any()
    unplaced = [i for i in range(len(full)) if np.isnan(part[bench.split.test[entities.item == i]]).any(axis=1).all()]
    assert unplaced
    assert not known[unplaced].any()


def flipped(study, change):
    """The bench with other directions."""
    bench = study.bench(answer(study))
    direction = np.where(bench.agents.drug, change, bench.agents.direction)
    return replace(bench, agents=replace(bench.agents, direction=direction))


@pytest.mark.parametrize("change", [-1, 0, 1])
def test_likeness_is_turned_by_directions(change):
    study = drugs(0)
    bench = flipped(study, change)
    plain = flipped(study, -1)
    entities, own = target_entities(bench), target_entities(plain)
    signed = towards_genes(plain, plain.truth, own)
    expected = {-1: signed, 0: np.abs(signed), 1: -signed}[change]
    np.testing.assert_allclose(towards_genes(bench, bench.truth, entities), expected, atol=1e-12)


def test_an_activator_that_acts_as_a_knock_down_is_the_wrong_way_round():
    study = drugs(1)
    found = study.run(NAME, bench=flipped(study, 1))
    assert found[0].status is Status.NA
    assert found[0].value < 0.3


def test_the_likeness_is_the_cosine_in_the_same_context():
    study = drugs(3, pathways=4, covered=4)
    bench = study.bench()
    entities, genetic = target_entities(bench), find_genetic(bench)
    found = towards_genes(bench, bench.truth, entities)
    rows, train = training_rows(bench), bench.trained[0]
    cosines = []
    for context in ("c0", "c1"):
        (left,) = bench.truth.values[(entities.item == 2) & (bench.table.context == context)]
        (right,) = rows[(genetic.item == 5) & (train.context == context)]
        cosines.append(left @ right / np.linalg.norm(left) / np.linalg.norm(right))
    assert found[2, 5] == pytest.approx(np.mean(cosines))


def test_the_target_itself_takes_no_part():
    study = drugs(0)
    bench = study.bench()
    entities, genetic = target_entities(bench), find_genetic(bench)
    own = entities._replace(members=tuple((genetic.genes[i],) for i in range(len(entities.members))))
    partners_of = find_partners(bench, own, genetic)
    assert partners_of.own.sum() == len(own.members)
    assert not partners_of.member[partners_of.own].any()
    assert (partners_of.member.sum(axis=1) == 3).all()


def test_counteracting_partners_are_expected_the_other_way():
    study = drugs(0, pathways=4, covered=4)
    bench = study.bench()
    pairs = [("P01T1", "P01K1"), ("P01T1", "P01K2")]
    bench = replace(bench, knowledge=complexes(pairs, sign=np.array([1.0, -1.0])))
    member = find_partners(bench, target_entities(bench), genetic := find_genetic(bench)).member
    at = target_entities(bench).members.index(("P01T1",))
    told = {gene: int(v) for gene, v in zip(genetic.genes, member[at], strict=True) if v}
    assert told == {"P01K1": 1, "P01K2": -1}


def test_others_sets_of_partners_are_the_null():
    areas = np.full((4, 4), 0.5) + 0.3 * np.eye(4)
    order = np.stack([np.random.default_rng(i).permutation(4) for i in range(99)])
    found = hold(areas, np.ones(4, dtype=bool), np.arange(4), order)
    assert found.value == pytest.approx(0.8)
    assert 0.5 < found.null < 0.65
    assert np.isnan(hold(areas, np.zeros(4, dtype=bool), np.arange(4), order).p)


def test_a_family_counts_once():
    rng = np.random.default_rng(0)
    areas, family = rng.random((5, 5)), np.array([0, 0, 1, 2, 2])
    order = np.stack([rng.permutation(3) for _ in range(50)])
    found = hold(areas, np.array([True, True, True, True, False]), family, order)
    own = [areas[:2, :2].mean(), areas[2, 2], areas[3, 3:].mean()]
    assert found.value == pytest.approx(np.mean(own))
    assert found.n == 3


def test_families_have_half_their_targets_in_common():
    study = drugs(0, pathways=4, covered=4)
    entities = target_entities(study.bench())._replace(
        members=(("A",), ("A", "B"), ("C",), ("C", "D", "E"), ("A",)), direction=np.array([-1, -1, -1, -1, 1])
    )
    assert entities.families(np.arange(5)).tolist() == [0, 0, 1, 2, 3]
    assert entities.families(np.array([1, 3, 4])).tolist() == [0, 1, 2]


def test_the_matrix_shows_targets_against_pathways():
    study = drugs(0)
    sets = {f"path {p}": tuple(f"P{p + 1:02d}{x}" for x in ("K1", "K2", "K3", "K4", "T1", "T2")) for p in range(10)}
    known = GeneSets(Resource("paths", "paths.gmt", "", None, "", 10), sets, {"path 0": "first path"})
    study = replace(study, knowledge=Knowledge(gene_sets=(known,)))
    found = study.run(NAME, answer(study))
    assert found[0].status is Status.PASS
    rows = of_model(found).evidence
    assert len(rows) == 12 * 10
    assert set(rows[0]) == {"kind", "row", "column", "truth", "model"}
    value = {(r["row"], r["column"]): r["truth"] for r in rows}
    assert value["P01T1 inhibited", "first path"] > 0.8
    assert value["P02T1 inhibited", "path 1"] > 0.8
    own = [v for (row, column), v in value.items() if column == f"path {int(row[1:3]) - 1}"]
    assert np.mean(own) > np.mean(list(value.values())) + 0.2


def test_an_abstaining_model_is_compared_on_what_it_answers():
    study = drugs(0)
    values = study.delta[study.test].copy()
    number = np.array([int(p[0].split()[1]) for p in study.effects.conditions.take(study.test).parts])
    values[number <= 2] = np.nan
    found = of_model(study.run(NAME, study.answer(values)))
    assert found.status is Status.PASS
    assert "over 18 families of targets" in found.sentence
    values[number > 5] = np.nan
    assert of_model(study.run(NAME, study.answer(values))).status is Status.NA


@pytest.mark.parametrize("lack", ["knowledge", "partners", "genes", "drugs"])
def test_what_is_missing_is_said(lack):
    study = {"genes": lambda: drugs(0, covered=4), "drugs": lambda: partners(0)}.get(lack, lambda: drugs(0))()
    if lack in ("knowledge", "partners"):
        study = replace(study, knowledge=Knowledge() if lack == "knowledge" else complexes([("P01T1", "P01K1")]))
    found = study.run(NAME, answer(study))
    assert {f.status for f in found} == {Status.NA}
    assert {
        "knowledge": "no relations or gene sets are handed in",
        "partners": "0 of 20 sets of targets have 2 partners",
        "genes": "16 genes are perturbed in training, 20 are needed",
        "drugs": "no drug with a known target",
    }[lack] in found[0].sentence
