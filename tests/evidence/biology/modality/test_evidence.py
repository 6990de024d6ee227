from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.agreement import pearson
from vcassay.arrays.resample import draw_weights
from vcassay.core import Status
from vcassay.evidence.biology.modality.gain import gain_of
from vcassay.testing.biology.modalities import CASES, screen, transfer
from vcassay.testing.planted import assessable, of_model

NAME = "genetic_evidence"


@pytest.fixture(scope="module")
def planted():
    return transfer(0, 0.5)


def findings(study, models, baselines=(), given="with", **more):
    """A model that was handed in with and without the genetic arm, beside baselines that gain or do not."""
    answers = [study.answer(models[given], "model")]
    without = {"model": study.answer(models["without"], "model")}
    for name in baselines:
        answers.append(study.answer(models[name], name, role="baseline"))
        without[name] = study.answer(models["without"], name, role="baseline")
    return study.run(NAME, *answers, without_genetic=without, **more)


def test_a_gain_is_a_paired_difference_of_mean_correlations():
    rng = np.random.default_rng(0)
    truth, a, b = rng.standard_normal((3, 40, 20))
    mask, keep = np.ones((40, 20), dtype=bool), np.arange(40) < 30
    weights = draw_weights(np.zeros(40, dtype=np.int64), np.arange(40) // 2, 500, rng)
    found = gain_of(truth, truth + a, truth + b, mask, weights, keep)
    x, y = (pearson(truth[keep], truth[keep] + e[keep], mask[keep]) for e in (a, b))
    assert found.value == pytest.approx((x - y).mean())
    assert (found.with_, found.without) == pytest.approx((x.mean(), y.mean()))
    assert found.low < found.value < found.high
    assert found.n == 15


def test_a_model_that_learns_from_genes_gains(planted):
    found = findings(*planted, baselines=("with",))
    model = of_model(found)
    assert assessable(found)
    assert model.status is Status.PASS
    rows = {row["stratum"]: row for row in model.evidence}
    assert set(rows) == {"all", "target perturbed"}
    assert rows["all"]["gain"] == pytest.approx(rows["all"]["with"] - rows["all"]["without"])
    assert rows["all"]["low"] > 0


@pytest.mark.parametrize(("given", "status"), [("wrong", Status.FAIL), ("without", Status.WARN)])
def test_a_model_that_does_not_is_told(planted, given, status):
    assert of_model(findings(*planted, baselines=("with",), given=given)).status is status


def test_where_no_baseline_gains_no_model_is_asked_to(planted):
    found = findings(*planted, baselines=("without",), given="without")
    assert found[0].status is Status.NA
    assert of_model(found).status is Status.NA
    assert "no baseline gains either" in of_model(found).sentence


def test_a_gain_without_a_perturbed_target_is_not_genetic_evidence(planted):
    study, models = planted
    table = study.effects.conditions
    target = table.annotation["target"].copy()
    rows = study.test[::2]
    target[rows] = "unknown"
    known = replace(table, annotation={"target": target})
    other = replace(study, effects=replace(study.effects, conditions=known))
    gain = models["with"].copy()
    truth = study.delta[study.test]
    gain[::2] = truth[::2]
    found = of_model(findings(other, {**models, "with": gain}, baselines=("with",)))
    assert found.status is Status.WARN
    assert "Gains as much where no target was perturbed" in found.sentence


def test_a_control_of_as_many_conditions_stands_beside_baselines(planted):
    study, models = planted
    control = {"with": study.answer(models["wrong"], "with", role="baseline")}
    found = findings(study, models, baselines=("with",), permuted_genetic=control)
    assert "under other genes' names" in found[0].sentence
    assert all("permuted" in row for row in found[0].evidence)


def test_without_a_second_training_there_is_nothing_to_compare(planted):
    study, models = planted
    found = study.run(NAME, study.answer(models["with"]))
    assert [f.status for f in found] == [Status.NA, Status.NA]
    assert "without_genetic" in of_model(found).remedy


def test_without_either_arm_there_is_nothing_to_ask():
    study = screen(0)[0]
    found = study.run(NAME, study.answer(study.delta[study.test]))
    assert [f.status for f in found] == [Status.NA, Status.NA]
    assert "nothing but genetic perturbations" in found[0].sentence


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.diagnostic)
def test_what_is_planted_is_seen_and_nothing_else(case):
    found = case.present(7)
    assert assessable(found)
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status in (Status.WARN, Status.FAIL)
    assert not assessable(case.absent(7))
