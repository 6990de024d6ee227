"""Documented leaks, rebuilt, are found: each line of examples/documented_cases/README.md."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from vcassay.cli import main

BUILD = Path(__file__).parents[2] / "examples" / "documented_cases" / "build.py"


@pytest.fixture(scope="module")
def cases():
    spec = spec_from_file_location("documented_cases", BUILD)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def audit(monkeypatch, capsys):
    """Run the command of the README; return its findings by check."""

    def run(*words) -> dict[str, dict]:
        monkeypatch.setattr(sys, "argv", ["vcassay", "audit", *map(str, words), "--json"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0
        return {f["check"]: f for f in json.loads(capsys.readouterr().out)["findings"]}

    return run


@pytest.fixture(scope="module")
def few_shot(cases, tmp_path_factory):
    """The rebuilt few-shot list of Tahoe-100M as a table and as lists."""
    folder = tmp_path_factory.mktemp("tahoe")
    table = cases.tahoe_few_shot()
    table.to_csv(folder / "table.csv", index=False)
    (folder / "lists.toml").write_text(cases.as_lists(table))
    return folder


def test_the_list_has_the_numbers_of_its_source(cases):
    table = cases.tahoe_few_shot()
    line = table[table["cell_line"] == cases.FEW_SHOT_LINES[0]]
    tested = line[line["role"] == "test"]
    assert len(tested) == 778
    assert len(tested.drop_duplicates()) == 736
    keys = ["drug", "dose_uM"]
    assert len(tested[keys].drop_duplicates().merge(line[line["role"] == "val"][keys])) == 2
    assert (line["role"] == "val").sum() == 56
    assert len(table.drop_duplicates(["cell_line", "drug", "dose_uM"])) == 50 * 379 * 3 + 4


def test_few_shot_list_of_tahoe(few_shot, audit):
    found = audit("--table", few_shot / "table.csv")
    assert found["L05"]["status"] == "WARN"
    assert found["L05"]["sentence"].startswith("69 of 268 drugs, in 690 of 3,675 test conditions (19%)")
    assert found["L01"]["status"] == "FAIL"
    assert "10 conditions" in found["L01"]["sentence"]
    assert found["L02"]["status"] == "WARN"
    assert "(DMSO_TF) is listed as test in 4 contexts" in found["L02"]["sentence"]
    assert found["L06"]["status"] == "WARN"
    assert "Imiquimod (hydrochloride) = Imiquimod (maleate)" in found["L06"]["sentence"]
    assert found["L06d"]["status"] == "WARN"
    assert "Trametinib = Trametinib (DMSO_TF)" in found["L06d"]["sentence"]
    assert "and 13 more" in found["L06d"]["sentence"]


def test_declared_as_unseen_lines_it_fails(few_shot, audit):
    found = audit("--table", few_shot / "table.csv", "--expect", "cex")
    assert found["L03"]["status"] == "FAIL"
    assert "5 of 5 test contexts shown in training" in found["L03"]["sentence"]


def test_the_lists_alone_leave_the_training_set_open(few_shot, audit):
    found = audit("--split", few_shot / "lists.toml")
    assert found["L02"]["status"] == "WARN"
    assert "210 labels listed more than once" in found["L02"]["sentence"]
    assert found["L05"]["status"] == "UNKNOWN"
    assert "69 drugs" in found["L05"]["sentence"]


def test_replicated_plate(cases, tmp_path, audit):
    cases.replicated_plate().to_csv(tmp_path / "plates.csv", index=False)
    found = audit("--table", tmp_path / "plates.csv")
    assert (found["L01"]["status"], found["L14"]["status"]) == ("FAIL", "FAIL")
    assert "65 of 65 test conditions" in found["L14"]["sentence"]
    assert "plate 14" in found["L14"]["sentence"]


def test_random_records(cases, tmp_path, audit):
    table = cases.random_records()
    trained = set(table.loc[table["role"] == "train", "drug"])
    tested = table.loc[table["role"] == "test", "drug"]
    table.to_csv(tmp_path / "records.csv", index=False)
    found = audit("--table", tmp_path / "records.csv")
    assert found["L04"]["value"] == pytest.approx(tested.isin(trained).mean())
    assert found["L04"]["value"] > 0.9
    assert audit("--table", tmp_path / "records.csv", "--expect", "dex")["L04"]["status"] == "FAIL"


def test_cell_numbers_of_a_template(cases, tmp_path, audit):
    cases.challenge(tmp_path)
    found = audit(tmp_path / "study.toml")
    assert found["L20"]["status"] == "FAIL"
    assert "number of rows" in found["L20"]["sentence"]


def test_shared_controls(cases, tmp_path, audit):
    cases.controls_shared(tmp_path)
    found = audit(tmp_path / "study.toml")
    assert found["L15"]["status"] == "FAIL"
    assert found["L15"]["value"] > 0.3  # nothing happens in this screen: all of it is noise of the controls
