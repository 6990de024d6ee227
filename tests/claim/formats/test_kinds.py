"""Any split file is told apart by suffix and content, read, and bound to the measured conditions."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from tests.claim.formats.builders import adata, cells, grid, roles, same, write

from vcassay.claim import Split
from vcassay.claim.formats import read_any, write_any
from vcassay.claim.formats.kinds import find_kind
from vcassay.core import InputError
from vcassay.screen import Design, make_screen

TABLE = grid(["K", "L"], [("A",), ("B",), ("C",)])
SPLIT = Split(TABLE, np.array(["train", "val", "test"] * 2))
TEXTS = {
    "a.toml": ('[training]\nx = "train"\n[fewshot."x.K"]\nval = ["B"]\ntest = ["C"]\n', "cell-load"),
    "a.json": ('{"train": ["A"], "val": ["B"], "test": ["C"]}', "lists"),
    "seed.json": ('{"1": {"train": ["A"], "val": ["B"], "test": ["C"]}}', "lists"),
    "records.json": ('[{"gene": "A", "split": "train"}, {"gene": "C", "split": "test"}]', "table"),
    "two.csv": ("condition,split\nA+ctrl,train\nB,val\nC,test\n", "lists"),
    "wide.csv": ("train,val,test\nA,B,C\n", "lists"),
    "cells.csv": ("AAACCTGAGAAGAAGC-1,train\nAAACCTGAGGCATGTG-1,test\n", "perturbench"),
    "table.csv": ("gene,line,split\nA,K,train\nB,K,val\nC,K,test\n", "table"),
    "table.tsv": ("gene\tline\tsplit\nA\tK\ttrain\n", "table"),
    "test.txt": ("A\nB\n", "text"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_kinds_are_told_apart(name, tmp_path):
    path = tmp_path / name
    path.write_text(TEXTS[name][0])
    assert find_kind(path) == TEXTS[name][1]


@pytest.mark.parametrize("name", ["a.json", "seed.json", "two.csv", "wide.csv"])
def test_lists_are_bound_or_stand_alone(name, tmp_path):
    path = tmp_path / name
    path.write_text(TEXTS[name][0])
    same(read_any(path, TABLE), SPLIT)
    assert read_any(path).roles.tolist() == ["train", "val", "test"]


@pytest.mark.parametrize("as_", ["manifest", "gears", "lists", "csv", "cell-load", "perturbench"])
def test_what_is_written_is_read(as_, tmp_path):
    suffix = {"cell-load": "toml", "csv": "csv", "perturbench": "csv"}.get(as_, "json")
    screen = cells(["control", "A", "B", "C"] * 2, ["K"] * 4 + ["L"] * 4)
    path = write_any(SPLIT, tmp_path / f"s.{suffix}", as_=as_, screen=screen)
    same(read_any(path, TABLE, screen), SPLIT)


def test_a_table_is_bound(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("A", 1, "train"), ("A", 10, "test"), ("B", 1, "ood"), ("B", 1, "train"), ("DMSO", 0, "test")]
    pd.DataFrame(rows, columns=["drug", "dose_uM", "split"]).to_csv(path, index=False)
    table = grid("KL", [("A",), ("B",)], [1.0, 10.0])
    split = read_any(path, table)
    assert split.roles.tolist() == ["train", "test", "test", "excluded"] * 2
    assert split.also_train.tolist() == [2, 6]
    assert split.conflicts == (("K | B | 1", "train", "test"), ("L | B | 1", "train", "test"))
    assert split.words == ("train", "test", "ood", "") * 2
    assert split.meta["controls_in_test"] == [("DMSO", "all", "test")]
    with pytest.raises(InputError, match=r"names 3 conditions that were not measured .*; only the doses differ"):
        read_any(path, grid("K", [("A",), ("B",)], [1000.0, 10000.0]))


def test_the_screen_s_own_file_is_read_by_row(tmp_path):
    screen = cells(["control", "control", "A", "A", "B", "B"], split=["train"] * 3 + ["test"] * 3)
    screen.adata.write_h5ad(tmp_path / "s.h5ad")
    bound = read_any(tmp_path / "s.h5ad", screen=screen)
    assert bound.roles.tolist() == ["test", "test"]
    assert read_any(tmp_path / "s.h5ad").roles.tolist() == ["test", "test"]


def test_rows_on_both_sides_are_handed_on(tmp_path):
    screen = cells(["control", "A", "A", "B"], split=["train", "train", "test", "test"])
    screen.adata.write_h5ad(tmp_path / "s.h5ad")
    own = dataclasses.replace(screen, path=tmp_path / "s.h5ad")
    assert read_any(tmp_path / "s.h5ad", screen=own).meta["held_out"].tolist() == [False, False, True, True]
    (tmp_path / "s.csv").write_text("cell1,train\ncell2,test\ncell3,test\n")
    split = read_any(tmp_path / "s.csv", screen=screen)
    assert split.meta["held_out"].tolist() == [False, False, True, True]
    assert "held_out" not in read_any(write_any(split, tmp_path / "m.json")).meta


def test_the_screen_s_own_controls_are_controls_in_lists(tmp_path):
    data = adata({"perturbation": ["luciferase", "A", "B"], "context": ["K"] * 3})
    screen = make_screen(data, Design("perturbation", control=("luciferase",), context="context"))
    (tmp_path / "l.json").write_text(json.dumps({"train": ["luciferase", "ctrl", "A"], "test": ["B", "luciferase"]}))
    split = read_any(tmp_path / "l.json", screen=screen)
    assert split.meta["controls_in_test"] == [("luciferase", "", "test")]
    with pytest.raises(InputError, match=r"1 perturbations that were not measured \(luciferase\)"):
        read_any(tmp_path / "l.json", screen.conditions)


def test_refusals(tmp_path):
    for name, words in {
        "x.pkl": "is a pickle",
        "x.h5ad": "no such file",
        "x.foo": "is missing",
        "x.json": "is missing",
    }.items():
        with pytest.raises(InputError, match=words):
            read_any(tmp_path / name)
    (tmp_path / "x.foo").write_text("")
    with pytest.raises(InputError, match="no split file of a known kind; it may be a vcassay manifest"):
        read_any(tmp_path / "x.foo")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(InputError, match="is not JSON"):
        read_any(tmp_path / "x.json")
    (tmp_path / "c.csv").write_text(TEXTS["cells.csv"][0])
    with pytest.raises(InputError, match="gives a role to every cell barcode; hand over the screen"):
        read_any(tmp_path / "c.csv", TABLE)
    (tmp_path / "l.json").write_text(json.dumps({"train": ["A"], "test": ["B"]}))
    with pytest.raises(InputError, match="takes no option 'dataset'"):
        read_any(tmp_path / "l.json", TABLE, dataset="x")
    with pytest.raises(InputError, match="no split is written as 'tolm'"):
        write_any(SPLIT, tmp_path / "y", as_="tolm")
    with pytest.raises(InputError, match="hand over the screen"):
        write_any(SPLIT, tmp_path / "y", as_="perturbench")


def test_any_option_reaches_its_reader(tmp_path):
    obs = {"drug": ["DMSO", "A", "B"], "fold": [0, 0, 1]}
    split = read_any(write(obs, tmp_path / "t.h5ad"), role="fold", test_values=("1",))
    assert roles(split) == {"all | A": "train", "all | B": "test"}
