"""What a seal shows and keeps: its file, its key, and the folders that it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.run.sealing import add_one, held_out, opened, rewrite, sealed
from vcassay.claim import Role, read_split, write_split
from vcassay.core import InputError
from vcassay.record.codec import dump_json, load_json
from vcassay.record.seal import SealKeyRecord, SealRecord
from vcassay.run.seal import key_path, open_seal, seal_truth
from vcassay.run.study import read_study
from vcassay.run.task import write_task


def entries(folder: Path) -> dict[str, object]:
    return json.loads((folder / "task" / "seal.json").read_text())


def test_the_seal_shows_nothing_of_the_truth_without_the_salt(folder, monkeypatch):
    def again() -> dict[str, object]:
        shutil.rmtree(folder / "task")
        (folder / "task.key.json").unlink()
        sealed(folder / "study.toml")
        return entries(folder)

    salted = ("commitment", "truth", "salt")
    first, second = entries(folder), again()
    assert all(first[name] != second[name] for name in salted)
    assert {k: v for k, v in first.items() if k not in (*salted, "created")} == {
        k: v for k, v in second.items() if k not in (*salted, "created")
    }
    monkeypatch.setattr("vcassay.run.seal.secrets.token_hex", lambda n: "5a" * n)
    before = again()
    rewrite(folder, add_one(held_out(folder)[0]))
    after = again()
    assert {k for k in before if before[k] != after[k]} <= {"commitment", "truth", "created"}
    assert before["truth"] != after["truth"]


def test_the_key_lies_next_to_the_folder_and_is_its_owners_alone(folder):
    assert not list((folder / "task").glob("*key*"))
    assert (folder / "task.key.json").stat().st_mode & 0o077 == 0
    salt = load_json(folder / "task.key.json", SealKeyRecord).salt
    for path in (folder / "task").iterdir():
        assert salt.encode() not in path.read_bytes()
    assert not list(folder.rglob("*.part"))


def test_the_key_of_a_folder_named_by_a_dot(tmp_path, monkeypatch):
    (tmp_path / "task").mkdir()
    monkeypatch.chdir(tmp_path / "task")
    assert key_path(Path()) == tmp_path / "task.key.json"
    assert key_path(Path("x/..")) == tmp_path / "task.key.json"
    assert key_path(Path("deep/task")) == Path("deep/task.key.json")


def test_another_key_does_not_fit(folder):
    key = folder / "task.key.json"
    key.write_text(dump_json(SealKeyRecord(salt="ab" * 32, n_rows=1, n_controls=0)))
    assert opened(folder) == [f"{key} is not the key of {folder / 'task' / 'seal.json'}."]


@pytest.mark.parametrize(
    ("name", "value"),
    [("created", "2020-01-01T00:00:00+00:00"), ("n_conditions", 3), ("manifest", "0" * 64), ("truth", "0" * 64)],
)
def test_an_edited_seal_is_found(folder, name, value):
    path = folder / "task" / "seal.json"
    path.write_text(json.dumps(entries(folder) | {name: value}))
    assert opened(folder) == [f"{path} was edited: its commitment does not follow from its other entries."]


@pytest.mark.parametrize("name", ["task/seal.json", "task.key.json"])
def test_a_commitment_is_never_replaced(folder, name):
    gone = {"task/seal.json": "task.key.json", "task.key.json": "task/seal.json"}[name]
    (folder / gone).unlink()
    before = (folder / name).read_bytes()
    with pytest.raises(InputError, match="already, and a commitment is never replaced") as caught:
        seal_truth(folder / "study.toml", folder / "task")
    assert caught.value.where == str(folder / name)
    assert (folder / name).read_bytes() == before
    assert not (folder / gone).exists()


def test_nothing_is_left_when_sealing_fails(study, monkeypatch):
    write_task(study, study.parent / "task")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vcassay.run.seal.SealKeyRecord", full)
    with pytest.raises(OSError, match="No space"):
        seal_truth(study, study.parent / "task")
    assert not (study.parent / "task" / "seal.json").exists()
    assert not key_path(study.parent / "task").exists()
    assert not list(study.parent.rglob("*.part"))


def test_a_folder_that_was_written_of_another_split_is_refused(study):
    write_task(study, study.parent / "task")
    split = read_split(study.parent / "split.json")
    split.roles[split.test[0]] = Role.TRAIN.value
    write_split(split, study.parent / "split.json")
    with pytest.raises(InputError, match="is not the split of"):
        seal_truth(study, study.parent / "task")


def test_a_folder_without_a_task_is_refused(study):
    with pytest.raises(InputError, match=r"split\.json: is missing"):
        seal_truth(study, study.parent / "task")


def test_a_file_that_is_no_seal(folder):
    with pytest.raises(InputError, match=r"this version reads 'vcassay\.seal/1'"):
        open_seal(folder / "split.json", folder / "task.key.json", folder / "study.toml")
    (folder / "task.key.json").write_text(json.dumps({"schema": "vcassay.seal-key/1", "salt": "short"}))
    with pytest.raises(InputError, match="'salt'"):
        opened(folder)


def test_the_number_of_rows_that_the_key_keeps(folder):
    record, key = (
        load_json(folder / "task" / "seal.json", SealRecord),
        load_json(folder / "task.key.json", SealKeyRecord),
    )
    settings, _ = read_study(folder / "study.toml")
    assert record.seed == settings.seed
    assert key.n_controls == len(held_out(folder, control=True))
    assert key.n_rows - key.n_controls == len(held_out(folder))
