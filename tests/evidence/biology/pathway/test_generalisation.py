from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.biology import tested as held
from vcassay.evidence.biology.pathway.entities import target_entities
from vcassay.evidence.biology.pathway.evidence_near import NONE, PATHWAY, TARGET, WORDS, Near, find_near
from vcassay.evidence.biology.pathway.generalisation import Gain, grade_gain, limits, measure_gains, skill_of
from vcassay.evidence.biology.pathway.neighbourhood import find_genetic, find_partners
from vcassay.knowledge import Knowledge
from vcassay.testing.biology.pathways import complexes, drug_numbers, drugs, partners
from vcassay.testing.planted import of_model

NAME = "pathway_generalisation"


def study_of(seed=0, covered=10):
    return drugs(seed, pathways=20, covered=covered, contexts=1)


def graded(study, near, far, seed=0, role="submission", name="model"):
    """A model that knows a share of what tells drugs apart, by whether their pathway was perturbed."""
    true = study.delta[study.test]
    number, _ = drug_numbers(study)
    common = true.mean(axis=0)
    share = np.where(number < 20, near, far)[:, None]
    noise = 0.25 * np.random.default_rng(seed).standard_normal(true.shape)
    return study.answer(common + share * (true - common) + noise, name, role=role)


def test_transfer_is_told_from_good_prediction():
    study = study_of()
    answers = [
        graded(study, 0.6, 0.0, 1, name="transfers"),
        graded(study, 0.6, 0.6, 2, name="good"),
        graded(study, 0.0, 0.6, 3, name="reversed"),
        graded(study, 0.0, 0.0, 4, role="baseline", name="mean"),
    ]
    found = study.run(NAME, *answers)
    assert found[0].status is Status.PASS
    assert of_model(found, "transfers").status is Status.PASS
    assert of_model(found, "transfers").value > 0.2
    assert of_model(found, "good").status is not Status.PASS
    assert of_model(found, "reversed").status is Status.FAIL
    assert "lower where the pathway" in of_model(found, "reversed").sentence
    rows = of_model(found, "transfers").evidence
    assert [r["stratum"] for r in rows] == list(WORDS[:2])
    assert set(rows[0]) == {"kind", "stratum", "drugs", "model", "baseline", "low", "high"}
    assert rows[0]["low"] < rows[0]["model"] < rows[0]["high"]
    assert [r["drugs"] for r in rows] == [20, 20]


def test_a_gain_that_a_baseline_has_too_is_no_transfer():
    study = study_of()
    found = study.run(NAME, graded(study, 0.6, 0.0, 1), graded(study, 0.6, 0.0, 2, role="baseline", name="rival"))
    assert of_model(found).status is Status.WARN
    assert "'rival'" in of_model(found).sentence


def test_levels_are_target_pathway_and_none():
    study = study_of(covered=10)
    bench = study.bench()
    entities, genetic = target_entities(bench), find_genetic(bench)
    members = list(entities.members)
    members[0] = (genetic.genes[0],)
    entities = entities._replace(members=tuple(members))
    near = find_near(bench, entities, genetic, find_partners(bench, entities, genetic))
    assert near.level[0] == TARGET
    assert near.level[1:20].tolist() == [PATHWAY] * 19
    assert near.level[20:].tolist() == [NONE] * 20
    assert near.share[20:].tolist() == [0.0] * 20
    assert "effect size" in near.names
    assert near.covariates.shape == (40, len(near.names))


def test_skill_is_correlation_less_the_mean_of_contexts():
    study = drugs(0, pathways=4, covered=4)
    bench = study.bench()
    entities = target_entities(bench)
    values = bench.truth.values.copy()
    np.testing.assert_allclose(skill_of(bench, entities, values), 1.0)
    values[bench.table.context == "c0"] = 0.0
    np.testing.assert_allclose(skill_of(bench, entities, values), 0.5)
    # drugs of an easy context alone are no better than the others
    values[np.isin(bench.table.context, "c0")] = bench.truth.values[np.isin(bench.table.context, "c0")]
    hard = bench.table.context == "c1"
    values[hard] += 5.0 * np.random.default_rng(0).standard_normal(values[hard].shape)
    gone = np.flatnonzero((entities.item == 0) & hard)
    alone = entities._replace(item=np.where(np.isin(np.arange(len(hard)), gone), -1, entities.item))
    skill = skill_of(bench, alone, values)
    assert abs(skill[0] - skill[1:].mean()) < 0.3 * (1.0 - skill[1:].mean())


def near_of(level):
    n = len(level)
    none = np.zeros((n, 0))
    return Near(np.array(level), np.zeros(n), none, (), np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.int64))


def test_gains_are_differences_of_means_with_a_step():
    near = near_of([0] * 10 + [1] * 10 + [2] * 10)
    skill = np.repeat([0.1, 0.3, 0.5], 10)[:, None] + 0.02 * np.random.default_rng(0).standard_normal((30, 1))
    use, exposed = near.level <= 1, near.level == 1
    (gain,) = measure_gains(skill, near, use, exposed, np.random.default_rng(1))
    assert gain.gain.value == pytest.approx(skill[10:20].mean() - skill[:10].mean())
    assert gain.gain.p < 0.01
    assert gain.low < 0.2 < gain.high
    assert gain.step == pytest.approx(0.2, abs=0.02)
    assert gain.step_p < 0.01


def gain_of(value, p, low, high, spread=0.01):
    draws = value + spread * np.random.default_rng(0).standard_normal(200)
    return Gain(held.Tested(value, 0.0, 0.1, p, 1 - p, 30), low, high, 0.0, 0.5, draws)


@pytest.mark.parametrize(
    ("own", "rival", "status"),
    [
        (gain_of(0.3, 0.001, 0.2, 0.4), None, Status.PASS),
        (gain_of(0.3, 0.001, 0.2, 0.4), gain_of(0.1, 0.2, 0.0, 0.2), Status.PASS),
        (gain_of(0.3, 0.001, 0.2, 0.4), gain_of(0.3, 0.001, 0.2, 0.4), Status.WARN),
        (gain_of(0.02, 0.4, -0.03, 0.07), None, Status.FAIL),
        (gain_of(0.02, 0.4, -0.2, 0.3), None, Status.NA),
        (gain_of(-0.3, 0.99, -0.4, -0.2), None, Status.FAIL),
        (gain_of(np.nan, np.nan, np.nan, np.nan), None, Status.NA),
    ],
)
def test_grades(own, rival, status):
    assert grade_gain(own, rival, own.gain.p)[0] is status


def test_limits_are_widened_percentiles():
    draws = np.random.default_rng(0).standard_normal(4000)
    low, high = limits(draws, 0.0, 1000)
    assert (low, high) == pytest.approx((-1.96, 1.96), abs=0.1)
    assert limits(draws, 0.0, 8)[1] > high
    assert np.isnan(limits(np.full(10, np.nan), 0.0, 8)[0])


def test_a_large_library_compares_shares_of_the_pathway():
    study = study_of(covered=20)
    known = complexes(
        [
            (f"P{p + 1:02d}T{d}", f"P{p + 1:02d}{x}")
            for p in range(20)
            for d in (1, 2)
            for x in (["K1", "K2", "K3", "K4"] if p < 10 else ["K1", *(f"X{i}" for i in range(3))])
        ]
    )
    study = replace(study, knowledge=known)
    found = study.run(NAME, graded(study, 0.6, 0.0, 1))
    assert found[0].status is Status.PASS
    assert "of the known partners perturbed, with fewer" in found[0].sentence
    assert of_model(found).status is Status.PASS


@pytest.mark.parametrize("lack", ["knowledge", "sides", "drugs", "biology"])
def test_what_is_missing_is_said(lack):
    study = partners(0) if lack == "drugs" else study_of(covered=2) if lack == "sides" else study_of()
    if lack == "knowledge":
        study = replace(study, knowledge=Knowledge())
    if lack == "biology":
        study = drugs(0, pathways=20, covered=10, contexts=1, shared=0.0)
    found = study.run(NAME, study.answer(study.delta[study.test]))
    assert {f.status for f in found} == {Status.NA}
    assert {
        "knowledge": "no relations or gene sets are handed in",
        "sides": "8 are needed on either side",
        "drugs": "no drug with a known target",
        "biology": "does not tell what its drugs do",
    }[lack] in found[0].sentence
