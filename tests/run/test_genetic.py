from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vcassay.claim import write_split
from vcassay.core import Status
from vcassay.evidence.baselines import make_task
from vcassay.run.assess import assess
from vcassay.run.cache import Cache
from vcassay.run.genetic import genetic_rows, has_both, learn_without
from vcassay.run.ladder import run_ladder
from vcassay.testing.biology.modalities import transfer

STUDY = """schema = "vcassay.study/1"
name = "two modalities"

[data]
screen = "screen.h5ad"
rows = "replicates"
readout = "continuous"
perturbation = "perturbation"
control = ["control"]
context = "context"
batch = "batch"
modality = "modality"
annotation = { target = "target" }

[split]
file = "split.json"

[evidence]
draws = 200

[[model]]
name = "mine"
predictions = "mine.parquet"
space = "delta"

[model.ablations]
without_genetic = "less.parquet"
"""


@pytest.fixture(scope="module")
def planted():
    return transfer(0, 0.5)


@pytest.fixture(scope="module")
def task(planted):
    study, _ = planted
    return make_task(study.effects, study.claim, study.knowledge)


def nothing(done, n):
    assert 0 < done <= n


def climbed(task, planted, quick):
    study, cache = planted[0], Cache(None)
    rungs = run_ladder(task, study.claim, cache, quick=True, progress=nothing)
    return learn_without(task, study.claim, cache, rungs, quick=quick, progress=nothing)


def test_what_learned_without_genes_does_not_know_their_effects(task, planted):
    genes = genetic_rows(task)
    other = replace(task, effects=np.where(genes[:, None], -3.0 * task.effects, task.effects))
    first, second = (climbed(t, planted, quick=True).without for t in (task, other))
    assert {"ridge", "kernel_ridge", "target_effect", "feature_knn"} <= set(first)
    assert "perturbed_mean" not in first
    for name, answer in first.items():
        np.testing.assert_allclose(answer.values, second[name].values, err_msg=name)


def test_the_control_has_as_many_conditions_under_other_names(task, planted):
    found = climbed(task, planted, quick=False)
    assert set(found.permuted) == set(found.without)
    assert climbed(task, planted, quick=True).permuted == {}
    intact = run_ladder(task, planted[0].claim, Cache(None), quick=True, progress=nothing, only=["target_effect"])
    truth = planted[0].delta[planted[0].test]
    answers = (intact[0].answer, found.permuted["target_effect"])
    error = [float(((a.values - truth) ** 2).sum()) for a in answers]
    assert error[0] < error[1]


def test_both_arms_and_enough_compounds_are_needed(task):
    genes = np.flatnonzero(genetic_rows(task))
    others = np.setdiff1d(np.arange(len(task.train)), genes)
    assert has_both(task)
    for rows in (genes, others):
        assert not has_both(replace(task.part(rows, rows[:0]), wanted=task.wanted))
    assert not has_both(replace(task, wanted=task.wanted.take(np.arange(7))))
    assert not has_both(replace(task, wanted=task.train.take(genes)))


def test_an_assessment_tells_the_gain_of_baselines_and_models(tmp_path, planted):
    study, models = planted
    study.screen.adata.write_h5ad(tmp_path / "screen.h5ad")
    write_split(study.claim.split, tmp_path / "split.json")
    wanted = study.effects.conditions.take(study.test)
    for file, name in (("mine", "with"), ("less", "without")):
        frame = pd.DataFrame(models[name], columns=study.effects.genes.tolist())
        frame.insert(0, "perturbation", wanted.perturbation)
        frame.insert(1, "context", wanted.context)
        frame.to_parquet(tmp_path / f"{file}.parquet", index=False)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    record = assess(tmp_path / "study.toml", tmp_path / "out", quick=True)
    found = {f.model: f for f in record.findings if f.check == "genetic_evidence"}
    assert found[None].status == Status.PASS
    assert found["mine"].status == Status.PASS
    assert "target_effect" in {row["family"] for row in found[None].evidence}
    checks = {f.check for f in record.findings if f.model == "mine" and f.status == Status.ERROR}
    assert not checks
    disturbed = [f for f in record.findings if f.check == "L24" and f.model == "mine"]
    assert "were handed in" in disturbed[0].sentence  # training anew says nothing of inputs
