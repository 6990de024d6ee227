"""Splits and screens of published projects, where they were downloaded."""

import json

import numpy as np
import pandas as pd
import pytest

from vcassay.claim import Role, find_novelty
from vcassay.claim.formats import lists_alone, read_any, read_condition_table, read_obs_split
from vcassay.claim.formats.table import load_frame
from vcassay.core import InputError, Regime
from vcassay.screen import guess_design, make_table, open_file, read_screen


def test_published_lists_without_a_screen(data_dir):
    regimes = {}
    for path in sorted((data_dir / "published_splits/raw").glob("*.json")):
        split = lists_alone(path, context="K562")
        assert read_any(path, context="K562").roles.tolist() == split.roles.tolist()
        for role, labels in json.loads(path.read_text()).items():
            distinct = {frozenset(x.split("+")) - {"ctrl"} for x in labels} - {frozenset()}  # A+ctrl and ctrl+A are one
            assert {frozenset(split.conditions.parts[i]) for i in split.index(Role(role))} == distinct
        assert len(split.also_train) == 0
        regimes[path.name.split("_")[0]] = find_novelty(split).overall()
    assert regimes["norman"] is Regime.COMBINATION
    assert regimes["replogle"] is Regime.GEX


def test_a_tour_over_every_screen(data_dir, tmp_path):
    """A made-up role column of every file, read from its obs alone: the conditions are those of the screen."""
    seen = 0
    for path in sorted(data_dir.rglob("*.h5ad")):
        frame = load_frame(path)
        table = tmp_path / f"{path.stem}.parquet"
        role = np.random.default_rng(0).choice(["train", "val", "test"], len(frame))
        frame.assign(made_up=role).reset_index(drop=True).to_parquet(table)
        if path.stem == "l1000_basal_165lines":  # controls alone
            with pytest.raises(InputError, match="holds no perturbed condition"):
                read_condition_table(table, "made_up")
            continue
        split = read_condition_table(table, "made_up")
        adata, handle = open_file(path, backed=True)
        measured = make_table(adata.obs, guess_design(adata, path).design).table
        assert split.conditions.keys == measured.conditions.keys, path
        rows = measured.condition
        for name in ("test", "train"):
            has = np.isin(np.arange(len(split.conditions)), rows[(rows >= 0) & (role == name)])
            assert (has & (split.roles == "test")).sum() >= (0 if name == "train" else has.sum()), path
        if handle is not None:
            handle.close()
        seen += 1
    assert seen >= 10


@pytest.mark.parametrize("name", ["datlinger2021_cropseq", "zhao2021_glioblastoma"])
def test_an_obs_column_of_a_real_screen(data_dir, name):
    with read_screen(data_dir / name / f"{name}.h5ad", backed=True) as screen:
        held = np.unique(screen.table.condition[screen.table.condition >= 0])[::3]
        role = np.where(np.isin(screen.table.condition, held), "ood", "train")
        screen.adata.obs["made_up"] = pd.Categorical(role)
        split, held_out = read_obs_split(screen, "made_up")
        assert held_out is None
        assert split.test.tolist() == held.tolist()
        assert set(split.words) == {"ood", "train"}
        del screen.adata.obs["made_up"]
