"""`vcassay task --seal` and `vcassay verify` of a seal and of a ledger."""

from __future__ import annotations

import json

import anndata as ad
import numpy as np
import pytest

from vcassay.run.ledger import Look, append_looks


@pytest.fixture
def task(study, vcassay):
    folder = study.parent / "task"
    ended = vcassay("task", study, "-o", folder, "--seal")
    assert ended.status == 0, ended.err
    seal = json.loads((folder / "seal.json").read_text())
    assert seal["commitment"] in ended.out
    assert str(study.parent / "task.key.json") in ended.out
    return folder


@pytest.fixture
def words(task, study):
    """The command that opens the seal."""
    return ("verify", task / "seal.json", "--key", study.parent / "task.key.json", "--study", study)


def test_a_seal_opens(vcassay, words):
    ended = vcassay(*words)
    assert (ended.status, ended.out) == (
        0,
        "The seal opens: the split and every held-out row are those that were sealed.\n",
    )
    ended = vcassay(*words, "--json")
    assert json.loads(ended.out) == {"verified": True, "problems": []}


def test_a_truth_that_changed_ends_in_status_1(vcassay, words, study):
    path = study.parent / "screen.h5ad"
    adata = ad.read_h5ad(path)
    adata.X = np.round(adata.X.toarray() * 2)
    adata.write_h5ad(path)
    ended = vcassay(*words)
    assert ended.status == 1
    assert ended.out.startswith("vcassay: Names, labels or values of held-out rows")
    ended = vcassay(*words, "--json")
    assert ended.status == 1
    assert not json.loads(ended.out)["verified"]


def test_sealing_twice_changes_nothing(vcassay, task, study):
    before = {p: p.read_bytes() for p in (*task.iterdir(), study.parent / "task.key.json")}
    ended = vcassay("task", study, "-o", task, "--seal")
    assert ended.status == 2
    assert "a commitment is never replaced" in ended.said
    assert before == {p: p.read_bytes() for p in (*task.iterdir(), study.parent / "task.key.json")}


def test_what_is_sealed_as_json(vcassay, study):
    folder = study.parent / "other"
    data = json.loads(vcassay("task", study, "-o", folder, "--seal", "--json").out)
    assert data["commitment"] == json.loads((folder / "seal.json").read_text())["commitment"]
    assert data["key"] == str(study.parent / "other.key.json")
    assert data["n_wanted"] > 0


def test_without_the_option_nothing_is_sealed(vcassay, study):
    folder = study.parent / "plain"
    data = json.loads(vcassay("task", study, "-o", folder, "--json").out)
    assert set(data) == {"folder", "n_rows", "n_train", "n_wanted"}
    assert not (folder / "seal.json").exists()
    assert not (study.parent / "plain.key.json").exists()


def test_a_seal_wants_its_key_and_study(vcassay, task, study):
    ended = vcassay("verify", task / "seal.json", "--study", study)
    assert ended.status == 2
    assert ended.said.endswith("add --key KEY.json --study study.toml.")


def test_what_is_neither_seal_nor_ledger(vcassay, task, study, tmp_path):
    for path in (task / "split.json", study, study.parent / "screen.h5ad"):
        ended = vcassay("verify", path)
        assert ended.status == 2
        assert "is no comparison, no seal and no ledger" in ended.said
    ended = vcassay("verify", tmp_path, "--key", "k", "--study", study)
    assert ended.status == 2
    assert "is no seal" in ended.said


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "looks.jsonl"
    append_looks(path, [Look("assess", "net", c * 64, "1" * 64) for c in "aab"])
    append_looks(path, [Look("score", "other", "c" * 64, "2" * 64)])
    return path


@pytest.mark.parametrize("name", ["looks.jsonl", "looks"])
def test_a_ledger_that_holds_says_how_often_was_looked(vcassay, ledger, name):
    path = ledger.rename(ledger.with_name(name))
    ended = vcassay("verify", path)
    assert ended.status == 0
    first, second, last = ended.out.splitlines()
    assert first == f"Test set {'1' * 12}: 3 looks, 2 distinct predictions files, 1 names of models."
    assert second.startswith(f"Test set {'2' * 12}: 1 looks")
    data = json.loads(vcassay("verify", path, "--json").out)
    assert data["verified"]
    assert data["test_sets"]["1" * 64] == {"looks": 3, "predictions": 2, "models": 1}
    assert last.endswith(data["head"])


def test_a_broken_ledger_ends_in_status_1_and_names_the_line(vcassay, ledger):
    ledger.write_text(ledger.read_text().replace('"net"', '"nut"', 1))
    ended = vcassay("verify", ledger)
    assert ended.status == 1
    assert ended.out == f"vcassay: {ledger}, line 1: was edited: its hash is not that of its entries.\n"
    assert json.loads(vcassay("verify", ledger, "--json").out)["problems"]


def test_a_ledger_that_is_not_there(vcassay, tmp_path):
    assert vcassay("verify", tmp_path / "looks.jsonl").status == 2


def test_a_ledger_whose_first_line_is_damaged_is_still_one(vcassay, ledger):
    ledger.write_text("{" + ledger.read_text())
    ended = vcassay("verify", ledger)
    assert ended.status == 1
    assert "line 1: is not a look" in ended.out
