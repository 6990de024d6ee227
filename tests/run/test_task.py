"""The training view holds nothing about held-out responses, and is enough to answer from."""

import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.arrays.shards import RESERVED, hash_names
from vcassay.claim import make_split, write_split
from vcassay.effects.slots import make_slots
from vcassay.run.task import training_rows, write_task
from vcassay.screen import CONTROL, read_screen
from vcassay.simulate import SimulationPlan, simulate_screen

STUDY = """
schema = "vcassay.study/1"
[data]
screen = "screen.h5ad"
rows = "cells"
readout = "counts"
perturbation = "perturbation"
control = ["control"]
context = "context"
batch = "batch"
dose = "dose_uM"
dose_unit = "uM"
[split]
file = "split.json"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("task")
    adata = simulate_screen(
        SimulationPlan(n_genes=60, n_contexts=4, n_crispri=8, n_drugs=2), seed=1
    ).screen.adata.copy()
    adata.obs["n_counts"] = np.asarray(adata.X.sum(axis=1)).ravel()
    adata.var["mean"] = np.asarray(adata.X.mean(axis=0)).ravel()
    adata.var["highly_variable"] = adata.var["mean"] > adata.var["mean"].median()
    adata.uns["rank_genes_groups"] = {"scores": np.arange(3.0)}
    adata.layers["normalised"] = adata.X.copy()
    adata.obsm["X_pca"] = np.ones((adata.n_obs, 2))
    adata.write_h5ad(folder / "screen.h5ad")
    (folder / "study.toml").write_text(STUDY)
    return folder


def screen_and(folder, make, **options):
    (folder / "study.toml").write_text(STUDY.replace('file = "split.json"', 'make = "cex"'))
    from vcassay.run.stage1 import split_of

    _, screen = split_of(folder / "study.toml")
    split = make_split(screen.conditions, make, **options)
    write_split(split, folder / "split.json")
    (folder / "study.toml").write_text(STUDY)
    return screen, split


@pytest.mark.parametrize("make", ["gex", "cex", "random-cells"])
def test_no_held_out_row_and_no_scoring_control_is_in_it(folder, make):
    screen, split = screen_and(folder, make)
    counts = write_task(folder / "study.toml", folder / make)
    view = ad.read_h5ad(folder / make / "train.h5ad")
    assert counts["n_rows"] == view.n_obs
    assert not set(view.obs_names) & set(screen.adata.obs_names)
    keep = training_rows(screen, split, 0)
    at = keep[np.argsort(hash_names(np.asarray(screen.adata.obs_names[keep], dtype=str), 1))]
    condition, shard = screen.table.condition[at], make_slots(screen, 0).shard[at]
    control = condition == CONTROL
    assert control.any()
    assert not np.isin(shard[control], RESERVED).any()
    if split.test_shards:
        assert not np.isin(shard[~control], split.test_shards).any()
    else:
        assert not np.isin(condition[~control], split.test).any()
        assert set(condition[~control].tolist()) == set(split.train.tolist())
    np.testing.assert_array_equal(view.X.toarray(), screen.adata.X[at].toarray())


def test_nothing_computed_from_all_cells_is_in_it(folder):
    screen_and(folder, "gex")
    write_task(folder / "study.toml", folder / "gex2")
    view = ad.read_h5ad(folder / "gex2" / "train.h5ad")
    assert set(view.obs.columns) == {"perturbation", "context", "batch", "dose_uM"}
    assert not len(view.var.columns)
    assert not view.uns
    assert not view.layers
    assert not view.obsm
    assert view.raw is None
    wanted = pd.read_csv(folder / "gex2" / "wanted.csv")
    assert not set(wanted.perturbation) & set(view.obs.perturbation.cat.categories)
    assert "n_cells" not in wanted.columns


def test_the_view_does_not_change_when_held_out_responses_do(folder):
    screen, split = screen_and(folder, "cex")
    keep = training_rows(screen, split, 0)
    write_task(folder / "study.toml", folder / "a")
    other = ad.read_h5ad(folder / "screen.h5ad")
    dense = other.X.toarray()
    dense[np.setdiff1d(np.arange(len(dense)), keep)] += 7
    other.X = dense
    other.write_h5ad(folder / "screen.h5ad")
    write_task(folder / "study.toml", folder / "b")
    a, b = ad.read_h5ad(folder / "a" / "train.h5ad"), ad.read_h5ad(folder / "b" / "train.h5ad")
    np.testing.assert_array_equal(a.X.toarray(), np.asarray(b.X))
    pd.testing.assert_frame_equal(a.obs, b.obs)
    for name in ("wanted.csv", "split.json", "task.json", "README.md"):
        assert (folder / "a" / name).read_bytes() == (folder / "b" / name).read_bytes()
    other.X = screen.adata.X
    other.write_h5ad(folder / "screen.h5ad")


def test_the_view_does_not_tell_how_many_cells_a_held_out_condition_has(folder):
    screen, split = screen_and(folder, "gex")
    write_task(folder / "study.toml", folder / "many")
    whole = ad.read_h5ad(folder / "screen.h5ad")
    gone = np.isin(screen.table.condition, split.test) & (np.arange(screen.n_rows) % 3 > 0)
    assert gone.sum() > 10
    whole[~gone].copy().write_h5ad(folder / "screen.h5ad")
    write_task(folder / "study.toml", folder / "few")
    a, b = (ad.read_h5ad(folder / name / "train.h5ad") for name in ("many", "few"))
    np.testing.assert_array_equal(a.X.toarray(), b.X.toarray())
    pd.testing.assert_frame_equal(a.obs, b.obs)
    for name in ("wanted.csv", "split.json", "task.json"):
        assert (folder / "many" / name).read_bytes() == (folder / "few" / name).read_bytes()
    whole.write_h5ad(folder / "screen.h5ad")
    labels = a.obs["perturbation"].astype(str) + a.obs["context"].astype(str)
    assert (labels != labels.shift()).mean() > 0.8  # the order of rows tells nothing either


def test_how_to_read_the_view_is_said_to_programs_and_to_people(folder):
    screen_and(folder, "gex")
    write_task(folder / "study.toml", folder / "told")
    told = json.loads((folder / "told" / "task.json").read_text())
    view = ad.read_h5ad(folder / "told" / "train.h5ad")
    assert told["columns"]["dose"] == "dose_uM"
    assert set(told["columns"].values()) == set(view.obs.columns)
    assert (told["readout"], told["target_sum"], told["context_name"]) == ("counts", 1e4, None)
    assert told["control"] == ["control"]
    assert view.obs.perturbation.isin(told["control"]).any()
    readme = (folder / "told" / "README.md").read_text()
    for words in ("dose is `dose_uM`", "labelled `control`", "Values: counts", "times 10,000"):
        assert words in readme.replace("\n", " ")


def test_log_values_are_their_own_scale_and_control_labels_are_those_of_the_file(folder, tmp_path):
    adata = ad.read_h5ad(folder / "screen.h5ad")
    adata.X = np.log1p(adata.X.toarray())
    adata.obs["perturbation"] = adata.obs["perturbation"].astype(str).replace("control", "Control")
    adata.obs = adata.obs.drop(columns=["context"])
    adata.write_h5ad(tmp_path / "screen.h5ad")
    text = STUDY.replace('"counts"', '"lognorm"').replace('context = "context"\n', "")
    (tmp_path / "study.toml").write_text(text.replace('file = "split.json"', 'make = "gex"'))
    write_task(tmp_path / "study.toml", tmp_path / "task")
    told = json.loads((tmp_path / "task" / "task.json").read_text())
    assert told["target_sum"] is None
    assert told["control"] == ["Control"]
    assert set(pd.read_csv(tmp_path / "task" / "wanted.csv").context) == {told["context_name"]}
    assert "mean of the values as they are" in (tmp_path / "task" / "README.md").read_text()


def test_what_comes_back_from_the_view_can_be_read_as_a_screen(folder):
    screen, split = screen_and(folder, "gex")
    write_task(folder / "study.toml", folder / "c")
    again = read_screen(folder / "c" / "train.h5ad", screen.design)
    assert again.conditions.sha256() == split.conditions.take(split.train).sha256()


def test_what_is_exchanged_for_an_ablation_is_what_a_python_model_is_asked(folder):
    from vcassay.claim import make_claim
    from vcassay.effects import measure
    from vcassay.evidence.baselines import make_task
    from vcassay.evidence.baselines.ablation import exchanges_of

    screen, split = screen_and(folder, "cex", seed=1)
    write_task(folder / "study.toml", folder / "exchanged")
    table = pd.read_csv(folder / "exchanged" / "ablations.csv")
    effects = measure(screen, train=split.train, seed=0)
    task = make_task(effects, make_claim(split, effects=effects))
    made, _ = exchanges_of(task)
    assert set(table["kind"]) == set(made) >= {"shuffled_perturbation", "shuffled_context", "swapped_context"}
    for kind, own in table.groupby("kind"):
        given, wanted = made[kind].given, task.wanted.take(made[kind].at)
        for name, values in wanted.columns().items():
            if name in ("context", "perturbation", "dose"):
                other = given.columns()[name]
                if values.dtype.kind == "f":
                    assert np.array_equal(own[name], values, equal_nan=True)
                    assert np.array_equal(own[f"given_{name}"], other, equal_nan=True)
                else:
                    assert own[name].tolist() == values.tolist()
                    assert own[f"given_{name}"].tolist() == other.tolist()
    assert "ablations.csv" in (folder / "exchanged" / "README.md").read_text()
