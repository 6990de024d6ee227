"""Splits of other tools are read as they mean them, written back, and refused when they do not fit."""

import json

import numpy as np
import pandas as pd
import pytest

from vcassay.claim import find_novelty, make_split
from vcassay.claim.formats import (
    from_lists,
    read_cell_load,
    read_condition_table,
    read_lists,
    write_cell_load,
    write_lists,
)
from vcassay.core import Conditions, InputError, Regime


def table(contexts=("K562", "HepG2")):
    parts = [("A",), ("B",), ("C",), ("A", "B"), ("B", "C")]
    return Conditions.make([c for c in contexts for _ in parts], [p for _ in contexts for p in parts])


def roles(split):
    return dict(zip(split.conditions.ids, split.roles.tolist(), strict=True))


def test_gears_lists(tmp_path):
    path = tmp_path / "split.json"
    path.write_text(json.dumps({"train": ["ctrl", "A+ctrl", "ctrl+B", "B+A"], "val": ["C+ctrl"], "test": ["C+B"]}))
    split = read_lists(path, table())
    assert roles(split)["K562 | A"] == roles(split)["HepG2 | A"] == "train"
    assert roles(split)["K562 | A+B"] == "train"
    assert roles(split)["K562 | C"] == "val"
    assert roles(split)["K562 | B+C"] == "test"
    again = read_lists(write_lists(split, tmp_path / "again.json"), table())
    assert again.roles.tolist() == split.roles.tolist()
    csv = tmp_path / "split.csv"
    csv.write_text("perturbation,split\nA+ctrl,train\nB+C,test\n")
    assert roles(read_lists(csv, table()))["K562 | C"] == "excluded"


def test_a_perturbation_in_two_lists_is_a_conflict():
    split = from_lists(table(("K562",)), {"train": ["A", "B"], "test": ["B", "C"]})
    assert split.conflicts == (("K562 | B", "train", "test"),)


def test_lists_of_another_screen_are_refused(tmp_path):
    path = tmp_path / "split.json"
    path.write_text(json.dumps({"train": ["A"], "test": ["X1", "X2", "X3", "X4", "X5", "X6"]}))
    with pytest.raises(InputError, match=r"6 perturbations that were not measured \(X1, X2, X3, X4, X5 and 1 more\)"):
        read_lists(path, table())
    with pytest.raises(InputError, match="several roles"):
        write_lists(make_split(table(), "cex", fraction=0.5), tmp_path / "x.json")
    (tmp_path / "bad.json").write_text("[1, 2]")
    with pytest.raises(InputError, match="not a list of perturbations by role"):
        read_lists(tmp_path / "bad.json", table())


def test_cell_load_zero_shot_and_few_shot(tmp_path):
    path = tmp_path / "split.toml"
    path.write_text('[training]\nreplogle = "train"\n[zeroshot]\n"replogle.HepG2" = "test"\n')
    split = read_cell_load(path, table())
    assert set(find_novelty(split).regime.tolist()) == {Regime.CEX.value}
    path.write_text(
        '[training]\nreplogle = "train"\n[fewshot."replogle.HepG2"]\nval = ["A"]\ntest = ["B", "C", "A+B"]\n'
    )
    split = read_cell_load(path, table())
    assert roles(split)["HepG2 | A"] == "val"
    assert roles(split)["HepG2 | B+C"] == "train"
    novelty = find_novelty(split)
    assert set(novelty.regime.tolist()) == {Regime.FEW_SHOT.value}
    assert set(novelty.shots.tolist()) == {1}
    assert set(novelty.shots_val.tolist()) == {1}
    again = read_cell_load(write_cell_load(split, tmp_path / "again.toml", dataset="x"), table())
    assert again.roles.tolist() == split.roles.tolist()


def test_cell_load_of_another_screen_is_refused(tmp_path):
    path = tmp_path / "split.toml"
    path.write_text('[zeroshot]\n"replogle.Jurkat" = "test"\n')
    with pytest.raises(InputError, match=r"'replogle\.Jurkat', which was not measured; the screen has HepG2, K562"):
        read_cell_load(path, table())
    path.write_text("[other]\n")
    with pytest.raises(InputError, match="not a cell-load split"):
        read_cell_load(path, table())


def test_a_table_of_conditions_with_any_column_names(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("HepG2", "A", "train"), ("HepG2", "B", "train"), ("K562", "A", "testing"), ("K562", "control", "train")]
    pd.DataFrame(rows, columns=["line", "gene", "split"]).to_csv(path, index=False)
    split = read_condition_table(path, "split", {"perturbation": "gene", "context": "line"})
    assert roles(split) == {"HepG2 | A": "train", "HepG2 | B": "train", "K562 | A": "test"}
    assert set(find_novelty(split).regime.tolist()) == {Regime.CEX.value}
    with pytest.raises(InputError, match="no column 'splt'; did you mean 'split'"):
        read_condition_table(path, "splt", {"perturbation": "gene"})
    pd.DataFrame([("A", "tset")], columns=["perturbation", "role"]).to_csv(path, index=False)
    with pytest.raises(InputError, match="role 'tset'"):
        read_condition_table(path, "role", {})


def test_cells_of_one_condition_in_two_roles_are_conflicts(tmp_path):
    path = tmp_path / "cells.csv"
    frame = pd.DataFrame({"perturbation": np.repeat(["A", "B"], 4), "role": ["train", "test"] * 4})
    frame.to_csv(path, index=False)
    split = read_condition_table(path, "role", {})
    assert len(split.conflicts) == 2


def test_published_lists_of_real_screens(data_dir):
    lists = json.loads((data_dir / "published_splits/raw/norman_perturbation_splits.json").read_text())
    names = sorted({"+".join(sorted(p for p in x.split("+") if p != "ctrl")) for v in lists.values() for x in v} - {""})
    conditions = Conditions.make(["K562"] * len(names), [n.split("+") for n in names])
    split = from_lists(conditions, lists)
    novelty = find_novelty(split)
    assert novelty.overall() is Regime.COMBINATION
    assert (novelty.regime == Regime.GEX.value).any()
    lists = json.loads((data_dir / "published_splits/raw/replogle_k562_essential_perturbation_splits.json").read_text())
    names = sorted({x.split("+")[0] for v in lists.values() for x in v if x != "ctrl"})
    split = from_lists(Conditions.make(["K562"] * len(names), [(n,) for n in names]), lists)
    assert find_novelty(split).overall() is Regime.GEX
