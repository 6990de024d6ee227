"""The split of a study, from each of the places it can come from, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.run.builders import simulated, table
from vcassay.arrays.shards import HELD_OUT
from vcassay.claim import make_claim, read_split, write_split
from vcassay.core import InputError, Regime
from vcassay.run.inputs import load_predictions, load_screen
from vcassay.run.knowledge import load_knowledge, relate
from vcassay.run.series import split_series
from vcassay.run.splits import find_split
from vcassay.run.stage1 import claim_of, read_stage1, split_of
from vcassay.run.study import parse_study
from vcassay.simulate.answers import honest


def study_of(screen="screen.h5ad", split=None, model=(), **more):
    return parse_study({"data": {"screen": screen}, "split": split or {}, "model": list(model), **more}, "here")


def split_for(study, folder, screen, predictions):
    knowledge = load_knowledge(study, folder)
    return find_split(study, folder, screen, predictions, knowledge, relate(study, screen.conditions, knowledge))[0]


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("splits")
    simulation, split = simulated()
    adata = simulation.screen.adata.copy()
    rng = np.random.default_rng(0)
    held = adata.obs["context"].isin(sorted(set(split.conditions.context[split.test])))
    adata.obs["whole"] = np.where(held, "test", "train")
    adata.obs["cells"] = np.where(rng.random(adata.n_obs) < 0.3, "test", "train")
    adata.obs["mixed"] = np.where(held, "ood", adata.obs["cells"])
    adata.write_h5ad(folder / "screen.h5ad")
    write_split(split, folder / "split.json")
    wanted = simulation.screen.conditions.take(split.test)
    table(honest(simulation, wanted, np.random.default_rng(0))).to_parquet(folder / "mine.parquet", index=False)
    return folder, simulation, split


def test_the_split_from_a_file_a_maker_or_the_predictions(ground):
    folder, simulation, split = ground
    model = {"name": "m", "predictions": "mine.parquet"}
    for stated in (
        {"file": "split.json"},
        {"make": "cex", "contexts": sorted(set(split.conditions.context[split.test]))},
        {},
    ):
        study = study_of(split=stated, model=[model])
        predictions = load_predictions(study, folder, simulation.screen.design)
        found = split_for(study, folder, simulation.screen, predictions)
        np.testing.assert_array_equal(found.test, split.test)
        assert bool(found.assumed) == (not stated)


def test_no_split_at_all(ground):
    with pytest.raises(InputError, match="states no split; add \\[split\\] make"):
        split_for(study_of(), ground[0], ground[1].screen, {})


def test_a_manifest_without_test_conditions(ground, tmp_path):
    folder, simulation, _ = ground
    text = (folder / "split.json").read_text().replace('"test"', '"excluded"')
    (tmp_path / "split.json").write_text(text)
    study = study_of(split={"file": "split.json"}, model=[{"name": "m", "baseline": "ridge"}])
    with pytest.raises(InputError, match=r"split\.json: has no test conditions"):
        split_for(study, tmp_path, simulation.screen, {})


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda t: t.assign(perturbation="other " + t.perturbation), r"is in the screen \(CL01"),
        (lambda t: t[t.context == t.context[0]].drop(columns="context"), r"context = '\.\.\.' in its \[\[model\]\]"),
    ],
)
def test_predictions_of_nothing_in_the_screen(change, wanted, ground, tmp_path):
    folder, simulation, _ = ground
    change(pd.read_parquet(folder / "mine.parquet")).to_parquet(tmp_path / "p.parquet")
    study = study_of(model=[{"name": "m", "predictions": str(tmp_path / "p.parquet")}])
    predictions = load_predictions(study, folder, simulation.screen.design)
    with pytest.raises(InputError, match=wanted) as error:
        split_for(study, folder, simulation.screen, predictions)
    assert error.value.where == str(tmp_path / "p.parquet")


def test_stage_1_needs_predictions_only_where_the_split_follows_from_them(ground):
    folder, _, split = ground
    path = folder / "study.toml"
    head = '[data]\nscreen = "screen.h5ad"\n[[model]]\nname = "m"\npredictions = "{}"\n'
    path.write_text(head.format("nowhere.parquet") + '[split]\nmake = "gex"\n')
    assert claim_of(path).regime is Regime.GEX
    path.write_text(head.format("mine.parquet"))
    np.testing.assert_array_equal(split_of(path)[0].test, split.test)
    path.write_text(head.format("nowhere.parquet"))
    with pytest.raises(InputError, match=r"nowhere\.parquet: is missing"):
        split_of(path)


def written(folder, name, text):
    path = folder / name
    path.write_text(f'[data]\nscreen = "{folder / "screen.h5ad"}"\n{text}')
    return path


class TestColumnsOfRoles:
    def test_whole_conditions(self, ground, tmp_path):
        folder, _, split = ground
        stage = read_stage1(written(folder, "whole.toml", '[split]\nobs = "whole"\n'))
        np.testing.assert_array_equal(stage.split.roles, split.roles)
        assert stage.screen.held_out is None
        assert stage.claim().regime is Regime.CEX

    def test_cells_of_a_condition_on_both_sides_are_random_cells(self, ground):
        stage = read_stage1(written(ground[0], "cells.toml", '[split]\nobs = "cells"\n'))
        assert stage.split.test_shards == HELD_OUT
        rows = stage.screen.held_out
        assert rows.sum() == (stage.screen.adata.obs["cells"] == "test").sum()
        assert stage.claim().regime is Regime.RANDOM_CELLS

    def test_a_mixed_column_has_a_claim_a_stratum(self, ground):
        claim = read_stage1(written(ground[0], "mixed.toml", '[split]\nobs = "mixed"\n')).claim()
        assert claim.regime is Regime.RANDOM_CELLS
        found = {(s.regime, s.word): len(s.at) for s in claim.strata}
        assert found == {(Regime.CEX, "ood"): 40, (Regime.RANDOM_CELLS, "test"): 60}


MADE = {
    "few-shot": ('make = "few-shot"\nshots = 4', Regime.FEW_SHOT),
    "group": ('make = "group"\ncolumn = "target"', Regime.GEX),
    "batch": ('make = "group"\ncolumn = "context"', Regime.CEX),
    "modality": ('make = "modality"\nmodality = "drug"', Regime.MODALITY),
    "dose": ('make = "dose-extrapolation"\nfraction = 0.5', Regime.DOSE),
    "fold": ('make = "cex"\nfolds = 5\nfold = 2', Regime.CEX),
    "tier": ('make = "dex"\ntier = "name"\nfraction = 0.5', Regime.DEX),
    "protocol": ('protocol = "gears-simulation"', Regime.GEX),
    "validation": ('make = "gex"\nvalidation = 0.2', Regime.GEX),
}


@pytest.mark.parametrize("name", MADE)
def test_every_maker_is_reached_from_a_study(name, ground):
    text, regime = MADE[name]
    stage = read_stage1(written(ground[0], f"{name}.toml", f"[split]\n{text}\n"))
    claim = stage.claim()
    assert regime in {s.regime for s in claim.strata}
    assert (stage.split.roles == "val").any() == (name == "validation")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('make = "few-shot"', r"needs the option 'shots'; add shots"),
        ('make = "cex"\nfolds = 5\nfold = 5', "there is no fold 5 of 5"),
        ('make = "cex"\nobs = "whole"', "keep one of 'obs', 'make'"),
        ('obs = "hole"', "did you mean 'whole'"),
        ('protocol = "gears"', "no protocol is called 'gears'"),
        ('make = "cex"\nseen = 1', "takes no option 'seen'"),
        ('make = "dex"\ntier = "target"', "2 of 2 perturbations are kin of"),
        ('make = "group"\ncolumn = "set"', "name gene_sets in"),
        ('make = "group"\ncolumn = "smilles"', "did you mean 'smiles'"),
    ],
)
def test_what_cannot_be_drawn_says_what_to_mend(text, wanted, ground):
    with pytest.raises(InputError, match=wanted):
        read_stage1(written(ground[0], "bad.toml", f"[split]\n{text}\n"))


def test_folds_repeats_and_sweeps(ground):
    stage = read_stage1(written(ground[0], "series.toml", '[split]\nmake = "cex"\nfraction = 0.4\n'))
    folds = split_series(stage, folds=5)
    assert sorted(np.concatenate([s.test for s in folds.values()]).tolist()) == list(range(100))
    repeats = split_series(stage, repeats=3)
    assert len({tuple(s.roles.tolist()) for s in repeats.values()}) > 1
    sweep = split_series(stage, sweep=[1, 3, 6])
    assert len({tuple(s.test.tolist()) for s in sweep.values()}) == 1
    assert [int(make_claim(s).facts.shots) for s in sweep.values()] == [1, 3, 6]


def test_lists_in_text_files(ground):
    folder, simulation, _ = ground
    names = sorted(set(simulation.screen.conditions.perturbation.tolist()))
    (folder / "train.txt").write_text("\n".join(names[2:]))
    (folder / "test.txt").write_text("\n".join(names[:2]))
    stage = read_stage1(written(folder, "lists.toml", '[split]\ntrain_list = "train.txt"\ntest_list = "test.txt"\n'))
    assert set(stage.screen.conditions.perturbation[stage.split.test].tolist()) == set(names[:2])


def test_a_written_manifest_gives_the_same_split(ground, tmp_path):
    stage = read_stage1(written(ground[0], "mixed.toml", '[split]\nobs = "mixed"\n'))
    again = read_split(write_split(stage.split, tmp_path / "split.json"), stage.screen.conditions)
    np.testing.assert_array_equal(again.roles, stage.split.roles)
    np.testing.assert_array_equal(again.also_train, stage.split.also_train)
    assert make_claim(again).sentence() == make_claim(stage.split).sentence()


def test_the_screen_is_the_one_that_is_read(ground):
    with load_screen(study_of(), ground[0]) as screen:
        assert len(screen.batches) == len(screen.conditions)
        assert {b for own in screen.batches for b in own} == set(screen.table.batches)
