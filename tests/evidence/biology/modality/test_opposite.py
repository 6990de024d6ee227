from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.testing.biology.modalities import BOTH_WAYS, both_ways
from vcassay.testing.planted import assessable, of_model

NAME = "direction_agreement"


@pytest.fixture(scope="module")
def planted():
    return both_ways(0, 0.3)


def test_activation_opposes_repression_gene_by_gene(planted):
    study, models = planted
    found = study.run(NAME, study.answer(models["opposed"]))
    assert assessable(found)
    assert len(found[0].evidence) == BOTH_WAYS
    assert np.mean([row["truth"] for row in found[0].evidence]) == pytest.approx(found[0].value)
    assert all({"truth", "model"} <= set(row) for row in of_model(found).evidence)


def test_the_same_sign_fails(planted):
    study, models = planted
    mean = models["opposed"].mean(axis=0)
    found = of_model(study.run(NAME, study.answer(2.0 * mean - models["opposed"])))
    assert found.status is Status.FAIL
    assert "other way round" in found.sentence


def test_genes_that_a_model_does_not_answer_for_are_left_out(planted):
    study, models = planted
    values = models["opposed"].copy()
    values[:3] = np.nan
    found = of_model(study.run(NAME, study.answer(values)))
    assert found.status is Status.PASS
    assert f"over {BOTH_WAYS - 3} genes" in found.sentence
    values[4:] = np.nan
    assert of_model(study.run(NAME, study.answer(values))).status is Status.NA


def test_ready_made_effects_have_no_halves_and_are_asked_all_the_same(planted):
    study, _ = planted
    bare = replace(study, effects=replace(study.effects, size=np.full(len(study.effects.size), np.nan)))
    assert assessable(bare.run(NAME))


def test_too_few_genes_both_ways_are_not_assessable():
    study, models = both_ways(0, 0.3, spared=[f"K{i:02d}" for i in range(4, BOTH_WAYS)])
    found = study.run(NAME, study.answer(models["opposed"]))
    assert [f.status for f in found] == [Status.NA, Status.NA]
    assert "4 genes are perturbed both ways" in found[0].sentence
