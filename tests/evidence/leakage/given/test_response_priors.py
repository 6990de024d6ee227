from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.leakage.given.prior_alignment import Suspect, judge, line_up, same_features
from vcassay.evidence.leakage.given.response_priors import read_by_baselines
from vcassay.evidence.leakage.given.responses import Alignment
from vcassay.knowledge import Features, Knowledge
from vcassay.prediction import Materials, declare
from vcassay.simulate.leaks import response_features
from vcassay.simulate.observed import observed_effects
from vcassay.testing.leaks.priors import PRIOR, held_out_genes, pathways


def prior(simulation, name=PRIOR, kind="embedding"):
    return Features(name, simulation.features.names, simulation.features.matrix, kind=kind)


def ask_model(study, features=None, knowledge=None, **entry):
    disclosure = declare(priors=[{"name": PRIOR, "kind": "embedding"} | entry])
    materials = Materials(features={} if features is None else {PRIOR: features})
    return study.run("L18m", disclosure=disclosure, materials=materials, knowledge=knowledge or Knowledge())


@pytest.fixture(scope="module")
def study():
    return held_out_genes(0)


def test_planted_prior_is_named_beside_its_reference_and_touches_what_it_knows(study):
    made = response_features(study.simulation, study.split)
    knowledge = Knowledge(features=(prior(made),), gene_sets=(pathways(study.simulation),))
    found = study.run("L18", knowledge=knowledge)
    assert found.status is Status.WARN
    row = found.evidence[0]
    assert row["prior"] == PRIOR
    assert row["reference"] == "pathways"
    assert row["alignment"] == pytest.approx(found.value)
    assert found.value > 0.8
    assert row["alignment in training"] < 0.5
    assert {r.get("prior") for r in found.evidence} == {PRIOR, "pathways"}
    assert found.affected.touched.all()
    assert "another" in found.sentence


def test_legitimate_features_are_let_pass_with_their_figures(study):
    knowledge = Knowledge(features=(prior(study.simulation),), gene_sets=(pathways(study.simulation),))
    found = study.run("L18", knowledge=knowledge)
    assert found.status is Status.PASS
    assert found.value < 0.5
    assert "25 of 25" in found.sentence


def test_a_prior_that_knows_half_of_the_test_set_touches_that_half(study):
    made = prior(response_features(study.simulation, study.split))
    test = set(study.wanted.perturbation[:12].tolist())
    keep = [i for i, name in enumerate(made.ids) if name in test]
    half = replace(made, ids=tuple(made.ids[i] for i in keep), matrix=made.matrix[keep])
    found = study.run("L18", knowledge=Knowledge(features=(half,)))
    assert found.status is Status.WARN
    assert found.affected.touched.sum() == 12


def test_responses_themselves_are_found_although_few_neighbours_tell(study):
    line = line_up(study.effects, study.split, None, np.random.default_rng(0))
    ids = tuple("+".join(parts) for parts in line.test.parts)
    keep = np.arange(10)
    own = Features(PRIOR, ids[:10], line.test.whole[keep])
    found = study.run("L18", knowledge=Knowledge(features=(own,), gene_sets=(pathways(study.simulation),)))
    assert found.status is Status.WARN
    assert found.value > 0.9
    assert "as the responses themselves" in found.sentence


def test_a_leaked_reference_does_not_hide_the_others(study):
    leaked = prior(response_features(study.simulation, study.split), "annotation file", "annotation")
    twin = replace(leaked, name=PRIOR, matrix=leaked.matrix * 2.0, kind="embedding")
    found = study.run("L18", knowledge=Knowledge(features=(leaked, twin), gene_sets=(pathways(study.simulation),)))
    assert found.status is Status.WARN
    assert found.sentence.startswith("2 priors of 3")


def test_responses_of_another_screen_look_like_a_leak(study):
    """Other cells of the same perturbations: nothing tells them from the test cells' own."""
    screen = study.simulation.screen
    delta = observed_effects(screen)
    names = screen.conditions.perturbation
    other = Features(PRIOR, tuple(names.tolist()), delta)
    assert ask_model(study, other).status is Status.WARN


def test_declared_responses_are_a_warning_that_says_what_baselines_get(study):
    mine = prior(study.simulation)
    alone = ask_model(study, kind="response", why="measured in another line")
    assert alone.status is Status.WARN
    assert f"does not get {PRIOR}" in alone.sentence
    assert alone.evidence[0]["why"] == "measured in another line"
    shared = ask_model(study, mine, Knowledge(features=(replace(mine, name="what baselines read"),)), kind="response")
    assert shared.status is Status.WARN
    assert "does not get" not in shared.sentence
    assert "and does" in shared.sentence
    assert shared.affected.touched.all()


def test_what_is_not_declared_or_without_a_file_is_unknown(study):
    assert study.run("L18m").status is Status.UNKNOWN
    bare = ask_model(study)
    assert bare.status is Status.UNKNOWN
    assert bare.evidence[0]["not compared"] == PRIOR
    assert bare.question
    assert study.run("L18m", disclosure=declare(priors=())).status is Status.PASS
    assert study.run("L18").status is Status.NA


def test_few_perturbations_and_responses_without_structure_are_unknown(make_study):
    few = make_study(0, n_crispri=6, n_drugs=0)
    found = few.run("L18", knowledge=Knowledge(features=(prior(few.simulation),)))
    assert found.status is Status.UNKNOWN
    assert "6 test perturbations" in found.sentence
    null = make_study(0, n_crispri=20, null_share=1.0)
    found = null.run("L18", knowledge=Knowledge(features=(prior(null.simulation),)))
    assert found.status is Status.UNKNOWN
    assert "halves" in found.sentence


def test_a_prior_that_knows_no_test_perturbation_is_no_open_question(study):
    other = Features("other species", ("a", "b", "c"), np.eye(3))
    own = prior(study.simulation)
    found = study.run("L18", knowledge=Knowledge(features=(own, other, replace(other, name="another"))))
    assert found.status is Status.PASS
    assert "2 more know no test perturbation" in found.sentence
    assert {row.get("not compared") for row in found.evidence} == {None, "other species", "another"}
    alone = study.run("L18", knowledge=Knowledge(features=(other,)))
    assert alone.status is Status.NA
    assert "knows a test perturbation (other species)" in alone.sentence
    assert ask_model(study, other).status is Status.UNKNOWN


def test_a_prior_that_knows_few_or_tells_nothing_apart_is_listed(study):
    names = study.wanted.perturbation
    some = Features("few", tuple(names[:5].tolist()), np.eye(5))
    flat = Features("flat", tuple(names.tolist()), np.ones((len(names), 2)))
    found = study.run("L18", knowledge=Knowledge(features=(some, flat)))
    assert found.status is Status.UNKNOWN
    assert {row["not compared"] for row in found.evidence} == {"few", "flat"}


def test_responses_of_the_training_contexts_are_no_leak(make_study):
    study = make_study(2, n_crispri=40, n_drugs=0)
    line = line_up(study.effects, study.split, None, np.random.default_rng(0))
    assert line.paired
    ids = tuple("+".join(parts) for parts in line.training.parts)
    found = study.run("L18", knowledge=Knowledge(features=(Features(PRIOR, ids, line.training.whole),)))
    assert found.status is Status.PASS
    assert found.value > 0.5
    found = study.run("L18", knowledge=Knowledge(features=(Features(PRIOR, ids, line.test.whole),)))
    assert found.status is Status.WARN


def test_names_and_contents_tell_what_baselines_read(study):
    mine = prior(study.simulation)
    assert same_features(mine, replace(mine, name="other", ids=mine.ids))
    assert not same_features(mine, replace(mine, matrix=mine.matrix[::-1]))
    assert not same_features(mine, replace(mine, matrix=mine.matrix[:, :2]))
    knowledge = Knowledge(gene_sets=(pathways(study.simulation),))
    assert read_by_baselines("Pathways", Materials(), knowledge)
    assert not read_by_baselines(PRIOR, Materials(), knowledge)


@pytest.mark.slow
def test_clean_screens_of_other_shapes_raise_no_alarm(make_study):
    shapes = (
        {"n_crispri": 20, "n_drugs": 12},
        {"n_crispri": 0, "n_drugs": 20},
        {"n_crispri": 15, "n_drugs": 0, "n_contexts": 8, "n_siblings": 2},
        {"n_crispri": 30, "n_drugs": 0, "null_share": 1.0},
        {"n_crispri": 30, "n_drugs": 0, "feature_quality": 1.0},
        {"n_crispri": 12, "n_drugs": 0, "n_combinations": 20},
    )
    for settings in shapes:
        for seed in range(10):
            study = make_study(seed, **settings)
            for sets in ((), (pathways(study.simulation),)):
                found = study.run("L18", knowledge=Knowledge(features=(prior(study.simulation),), gene_sets=sets))
                assert found.status in (Status.PASS, Status.UNKNOWN), (settings, seed, found.sentence)


@pytest.mark.parametrize(("p", "suspected"), [(0.2, False), (0.01, True)])
def test_an_aligned_prior_whose_neighbours_are_those_of_a_permuted_one_is_not_suspected(study, p, suspected):
    features = prior(study.simulation)

    class Measured:
        paired = False

        def examine(self, features, rng):
            return Suspect(features, Alignment(0.8, 0.05, 0.05, 30, 0.3, 0.0, p))

        def beside(self, suspect, references):
            return ()

    (found,) = judge(Measured(), [features], [], np.random.default_rng(0))
    assert bool(found.why) is suspected
