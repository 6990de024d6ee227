"""Roles of the cells of a screen: an obs column, or PerturBench's CSV."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.claim.formats.builders import cells, roles, same

from vcassay.claim import make_split
from vcassay.claim.formats import read_obs_split, read_perturbench, write_perturbench
from vcassay.core import InputError

LABELS = ["control", "control", "A", "A", "B", "B", "C", "C"]


def test_whole_conditions():
    screen = cells(
        LABELS, split=["train", "test", "train", "train", "ood", "ood", "valid", "valid"], batch=list("12121212")
    )
    split, held_out = read_obs_split(screen, "split")
    assert roles(split) == {"K | A": "train", "K | B": "test", "K | C": "val"}
    assert split.conditions is screen.conditions
    assert held_out is None
    assert split.words == ("train", "ood", "valid")
    assert split.meta["controls"] == {"train": 1, "test": 1}
    assert split.meta["controls_in_test"] == [("control", "K", "test")]
    assert split.meta["batches"] == (("1", "2"),) * 3
    assert split.meta["columns"]["role"] == "split"


def test_parted_conditions():
    screen = cells(LABELS, split=["train", "test", "train", "test", "test", "test", "train", "train"])
    split, held_out = read_obs_split(screen, "split")
    assert roles(split) == {"K | A": "test", "K | B": "test", "K | C": "train"}
    assert split.also_train.tolist() == [0]
    assert held_out.tolist() == [False, True, False, True, True, True, False, False]


def test_missing_roles_and_stated_words():
    screen = cells(LABELS, fold=[0, 0, 1, 1, 2, 2, np.nan, np.nan])
    split, _ = read_obs_split(screen, "fold", test_values=("2",))
    assert split.roles.tolist() == ["train", "test", "excluded"]
    assert "2 perturbed rows are excluded." in [n for n, _ in split.meta["notes"]]
    with pytest.raises(InputError, match=r"no obs column 'splt'; known: |no obs column 'splt'; did you mean"):
        read_obs_split(screen, "splt")
    screen = cells(LABELS, my=["train", "test"] * 4)
    with pytest.raises(InputError, match="the values of my look like roles"):
        read_obs_split(screen, "split")


@given(st.lists(st.sampled_from(["train", "val", "test", ""]), min_size=8, max_size=8))
def test_roles_of_conditions_follow_from_those_of_cells(words):
    if not any(words[2:]):
        words[2] = "train"
    split, held_out = read_obs_split(cells(LABELS, split=words), "split")
    for name, at in (("A", (2, 3)), ("B", (4, 5)), ("C", (6, 7))):
        met = {words[i] for i in at}
        expected = next((r for r in ("test", "train", "val") if r in met), "excluded")
        assert roles(split)[f"K | {name}"] == expected
        both = "test" in met and bool(met & {"train", "val"})
        assert (f"K | {name}" in split.conditions.take(split.also_train).ids) == both
    assert (held_out is not None) == bool(len(split.also_train))
    if held_out is not None:
        assert held_out.tolist() == [w == "test" for w in words]


def test_perturbench_reads_and_writes(tmp_path):
    screen = cells(LABELS)
    path = tmp_path / "split.csv"
    words = ["train", "test", "train", "train", "val", "val", "test", "test"]
    path.write_text("".join(f"cell{i},{w}\n" for i, w in enumerate(words)))
    split, held_out = read_perturbench(path, screen)
    assert roles(split) == {"K | A": "train", "K | B": "val", "K | C": "test"}
    assert held_out is None
    path.write_text(",transfer_split_seed54\n" + path.read_text())  # as its own splitter saves it
    same(read_perturbench(path, screen)[0], split)
    again, _ = read_perturbench(write_perturbench(split, tmp_path / "again.csv", screen), screen)
    same(again, split)
    assert (tmp_path / "again.csv").read_text().startswith("cell0,t")


def test_perturbench_leaves_cells_out(tmp_path):
    screen = cells(LABELS)
    path = tmp_path / "split.csv"
    path.write_text("cell3,train\ncell2,\ncell5,test\n")
    split, _ = read_perturbench(path, screen)
    assert split.roles.tolist() == ["train", "test", "excluded"]
    assert "5 rows of the data are excluded." in [n for n, _ in split.meta["notes"]]
    path.write_text("cell0,train\nAAAC-1,test\nAAAG-1,test\n")
    with pytest.raises(InputError, match=r"names 2 of 3 barcodes that are not in the data \(AAAC-1, AAAG-1\)"):
        read_perturbench(path, screen)
    path.write_text("cell3,train\ncell3,test\n")
    with pytest.raises(InputError, match="1 barcodes twice"):
        read_perturbench(path, screen)
    path.write_text("cell3,train,1\ncell3,test,2\n")
    with pytest.raises(InputError, match="has 3 columns"):
        read_perturbench(path, screen)


def test_perturbench_says_which_cells_are_held_out(tmp_path):
    screen = cells(["control"] * 40 + ["A"] * 40 + ["B"] * 40)
    made = make_split(screen.conditions, "random-cells", seed=0)
    split, held_out = read_perturbench(write_perturbench(made, tmp_path / "s.csv", screen), screen)
    assert split.roles.tolist() == ["test", "test"]
    assert split.also_train.tolist() == [0, 1]
    assert held_out[40:80].sum() == held_out[80:].sum() == 40 * len(made.test_shards) // 8
    assert 0 < held_out[:40].sum() < 40
    with pytest.raises(InputError, match="2 conditions have cells on both sides"):
        write_perturbench(split, tmp_path / "x.csv", screen)
    again = read_perturbench(write_perturbench(split, tmp_path / "x.csv", screen, held_out=held_out), screen)[1]
    assert again[40:].tolist() == held_out[40:].tolist()
    parted = dataclasses.replace(screen, held_out=held_out)
    again = read_perturbench(write_perturbench(split, tmp_path / "y.csv", parted), screen)[1]
    assert again[40:].tolist() == held_out[40:].tolist()
    with pytest.raises(InputError, match="another condition table"):
        write_perturbench(split, tmp_path / "x.csv", cells(LABELS))
