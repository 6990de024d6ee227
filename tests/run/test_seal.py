"""A seal opens on the truth that was sealed, however it is stored, and on no other."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.run.builders import study_text
from vcassay.claim import Role, read_split, write_split
from vcassay.core import InputError
from vcassay.record.codec import dump_json, load_json
from vcassay.record.seal import SealKeyRecord, SealRecord
from vcassay.run.seal import hash_rows, key_path, open_seal, seal_truth, sealed_rows
from vcassay.run.stage1 import split_of
from vcassay.run.study import read_study
from vcassay.run.task import training_rows, write_task
from vcassay.screen import CONTROL


def sealed(study: Path) -> Path:
    folder = study.parent / "task"
    write_task(study, folder)
    seal_truth(study, folder)
    return folder


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, small: Path) -> Path:
    """The small study with its sealed task, written once."""
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copytree(small, folder, dirs_exist_ok=True)
    sealed(folder / "study.toml")
    return folder


@pytest.fixture
def folder(origin: Path, tmp_path: Path) -> Path:
    """A copy that may be tampered with."""
    return shutil.copytree(origin, tmp_path / "own")


def opened(folder: Path) -> list[str]:
    return open_seal(folder / "task" / "seal.json", folder / "task.key.json", folder / "study.toml")


def rewrite(folder: Path, change: Callable[[ad.AnnData], ad.AnnData | None]) -> None:
    path = folder / "screen.h5ad"
    adata = ad.read_h5ad(path)
    adata = change(adata) or adata
    path.unlink()
    adata.write_h5ad(path)


def held_out(folder: Path, control: bool = False) -> np.ndarray:
    split, screen = split_of(folder / "study.toml")
    with screen:
        at = sealed_rows(screen, split, 0)
        return at[(screen.table.condition[at] == CONTROL) == control]


def add_one(row: int, gene: int = 3) -> Callable[[ad.AnnData], None]:
    def change(adata: ad.AnnData) -> None:
        dense = adata.X.toarray()
        dense[row, gene] += 1
        adata.X = sp.csr_matrix(dense)

    return change


def swap(column: str, a: int, b: int) -> Callable[[ad.AnnData], None]:
    def change(adata: ad.AnnData) -> None:
        values = adata.obs[column].astype(str).to_numpy().copy()
        assert values[a] != values[b]
        values[[a, b]] = values[[b, a]]
        adata.obs[column] = pd.Categorical(values)

    return change


VALUES = "Names, labels or values of held-out rows of {study} are not those that were sealed."


def test_an_untouched_truth_opens(folder):
    assert opened(folder) == []


@pytest.mark.parametrize("control", [False, True])
def test_one_value_of_one_held_out_row_or_reserved_control_is_found(folder, control):
    rewrite(folder, add_one(held_out(folder, control)[11]))
    assert opened(folder) == [VALUES.format(study=folder / "study.toml")]


def test_a_training_row_is_public_and_may_change(folder):
    split, screen = split_of(folder / "study.toml")
    public = training_rows(screen, split, 0)
    for row in (public[0], public[screen.table.condition[public] == CONTROL][0]):
        rewrite(folder, add_one(row))
    assert opened(folder) == []


def test_two_swapped_values_between_rows_are_found(folder):
    at = held_out(folder)

    def change(adata: ad.AnnData) -> None:
        dense = adata.X.toarray()
        a, b = at[0], next(i for i in at if dense[i, 0] != dense[at[0], 0])
        dense[[a, b], 0] = dense[[b, a], 0]
        adata.X = dense

    rewrite(folder, change)
    assert opened(folder) == [VALUES.format(study=folder / "study.toml")]


@pytest.mark.parametrize("column", ["perturbation", "batch"])
def test_two_swapped_labels_are_found(folder, column):
    _, screen = split_of(folder / "study.toml")
    at, obs = held_out(folder), screen.adata.obs
    drugs = ~np.isnan(obs["dose_uM"].to_numpy()[at])
    at = at[~drugs & (obs["context"].to_numpy()[at] == obs["context"].iloc[at[0]])]
    values = obs[column].astype(str).to_numpy()
    rewrite(folder, swap(column, at[0], next(i for i in at if values[i] != values[at[0]])))
    (problem,) = opened(folder)
    assert "held-out rows" in problem


def test_controls_that_changed_their_context_are_found(folder):
    _, screen = split_of(folder / "study.toml")
    at = held_out(folder, control=True)
    context = screen.adata.obs["context"].astype(str).to_numpy()
    rewrite(folder, swap("context", at[0], next(i for i in at if context[i] != context[at[0]])))
    assert opened(folder)


@pytest.mark.parametrize("column", ["condition", "pool", "batch"])
def test_every_label_of_a_row_is_part_of_its_digest(folder, column):
    split, screen = split_of(folder / "study.toml")
    at = sealed_rows(screen, split, 0)
    codes = getattr(screen.table, column).copy()
    a, b = at[0], next(i for i in at if codes[i] != codes[at[0]])
    codes[[a, b]] = codes[[b, a]]
    other = replace(screen, table=replace(screen.table, **{column: codes}))
    before, after = (hash_rows(x, at, b"salt") for x in (screen, other))
    assert len(set(map(bytes, before)) - set(map(bytes, after))) == 2


def test_a_dropped_row_is_found_by_number(folder):
    row = held_out(folder)[5]
    before = load_json(folder / "task.key.json", SealKeyRecord).n_rows
    rewrite(folder, lambda adata: adata[np.arange(adata.n_obs) != row].copy())
    (problem,) = opened(folder)
    assert f"{before:,} held-out rows" in problem


def test_a_renamed_row_is_found(folder):
    row = held_out(folder)[5]

    def change(adata: ad.AnnData) -> None:
        names = adata.obs_names.to_numpy().copy()
        names[row] += "x"
        adata.obs_names = names

    rewrite(folder, change)
    assert opened(folder)


def test_another_gene_name_is_found(folder):
    rewrite(folder, lambda adata: setattr(adata, "var_names", ["other", *adata.var_names[1:]]))
    assert opened(folder) == [f"The genes of {folder / 'study.toml'} are not those that were sealed."]


def test_another_role_is_found(folder):
    split = read_split(folder / "split.json")
    split.roles[split.train[0]] = Role.VAL.value
    write_split(split, folder / "split.json")
    assert opened(folder) == [f"The split of {folder / 'study.toml'} is not the one that was sealed: roles differ."]


def test_another_test_set_is_found(folder):
    split = read_split(folder / "split.json")
    split.roles[split.test[0]] = Role.TRAIN.value
    write_split(split, folder / "split.json")
    problems = opened(folder)
    assert "roles differ" in problems[0]
    assert "held-out rows" in problems[1]


def test_the_split_that_was_handed_out_must_still_be_there_or_gone(folder):
    manifest = folder / "task" / "split.json"
    manifest.write_text(manifest.read_text() + "\n")
    assert opened(folder) == [f"{manifest} is not the file that was handed out: its hash differs from the seal's."]
    manifest.unlink()
    assert opened(folder) == []


def test_another_seed_reserves_other_controls(folder):
    study = folder / "study.toml"
    study.write_text(study.read_text().replace('name = "small"', 'name = "small"\nseed = 4', 1))
    assert opened(folder) == [f"{study} has the seed 4, and 0 was sealed."]


def scattered(adata: ad.AnnData) -> ad.AnnData:
    rng = np.random.default_rng(0)
    adata = adata[rng.permutation(adata.n_obs), rng.permutation(adata.n_vars)].copy()
    adata.X.sort_indices()
    return adata


def explicit_zeros(adata: ad.AnnData) -> None:
    rows = adata.X.tocsr()
    empty = np.flatnonzero(rows[0].toarray().ravel() == 0)[:2]
    first = rows.indptr[1]
    adata.X = sp.csr_matrix(
        (
            np.r_[rows.data[:first], np.zeros(len(empty), dtype=rows.dtype), rows.data[first:]],
            np.r_[rows.indices[:first], empty, rows.indices[first:]],
            np.r_[0, rows.indptr[1:] + len(empty)],
        ),
        shape=rows.shape,
    )


STORED = {
    "rows and genes in another order": scattered,
    "dense": lambda a: setattr(a, "X", a.X.toarray()),
    "by columns": lambda a: setattr(a, "X", a.X.tocsc()),
    "float64": lambda a: setattr(a, "X", a.X.astype(np.float64)),
    "dense float64": lambda a: setattr(a, "X", a.X.toarray().astype(np.float64)),
    "whole numbers": lambda a: setattr(a, "X", a.X.astype(np.int32)),
    "zeros stored": explicit_zeros,
}


@pytest.mark.parametrize("stored", STORED)
def test_how_the_truth_is_stored_does_not_matter(folder, stored):
    rewrite(folder, STORED[stored])
    assert opened(folder) == []


@pytest.mark.parametrize("dense", [False, True])
def test_a_truth_on_disk_opens(folder, dense):
    if dense:
        rewrite(folder, STORED["dense"])
    (folder / "study.toml").write_text(study_text(data="backed = true\n"))
    assert opened(folder) == []


def test_the_chunks_of_the_walk_do_not_matter(folder, monkeypatch):
    from vcassay.screen.screen import Screen, walk

    monkeypatch.setattr(Screen, "chunks", lambda self: walk(self.matrix, 97))
    assert opened(folder) == []


@pytest.mark.parametrize("make", ["random-cells", "gex"])
def test_every_split_is_sealed_by_the_rows_that_are_not_handed_out(study, make):
    study.write_text(study.read_text().replace('file = "split.json"', f'make = "{make}"'))
    folder = sealed(study)
    split, screen = split_of(study)
    shown, held = training_rows(screen, split, 0), sealed_rows(screen, split, 0)
    assert not set(shown.tolist()) & set(held.tolist())
    assert len(shown) + len(held) == screen.n_rows
    assert opened(study.parent) == []
    rewrite(study.parent, add_one(shown[-1]))
    assert opened(study.parent) == []
    rewrite(study.parent, add_one(held[-1]))
    assert opened(study.parent)
    assert load_json(folder / "seal.json", SealRecord).n_conditions == len(split.test)


def test_rows_of_one_condition_on_both_sides(study):
    """Roles by row: the test rows are sealed, the training rows of the same condition are not."""

    def with_roles(adata: ad.AnnData) -> None:
        test = adata.obs["context"].isin(sorted(set(adata.obs["context"]))[-2:]).to_numpy()
        test &= np.arange(adata.n_obs) % 2 == 0
        adata.obs["role"] = pd.Categorical(np.where(test, "test", "train"))

    rewrite(study.parent, with_roles)
    study.write_text(study.read_text().replace('file = "split.json"', 'obs = "role"'))
    sealed(study)
    split, screen = split_of(study)
    held, shown = sealed_rows(screen, split, 0), training_rows(screen, split, 0)
    perturbed = screen.table.condition >= 0
    role = screen.adata.obs["role"].to_numpy()
    np.testing.assert_array_equal(held[perturbed[held]], np.flatnonzero(perturbed & (role == "test")))
    assert not set(held.tolist()) & set(shown.tolist())
    rewrite(study.parent, add_one(np.flatnonzero(perturbed & (role == "train"))[-1]))
    assert opened(study.parent) == []
    rewrite(study.parent, add_one(np.flatnonzero(perturbed & (role == "test"))[-1]))
    assert opened(study.parent)


def test_controls_too_few_to_reserve_are_read_by_scoring_and_sealed(study):
    def change(adata: ad.AnnData) -> ad.AnnData:
        spare = (adata.obs["perturbation"] == "control") & (adata.obs["context"] == adata.obs["context"].iloc[0])
        keep = ~spare.to_numpy()
        keep[np.flatnonzero(spare)[:3]] = True
        return adata[keep].copy()

    rewrite(study.parent, change)
    sealed(study)
    split, screen = split_of(study)
    both = np.intersect1d(training_rows(screen, split, 0), sealed_rows(screen, split, 0))
    assert len(both) == 3
    rewrite(study.parent, add_one(both[0]))
    assert opened(study.parent)


def test_missing_values_and_ready_made_effects(tmp_path):
    rng = np.random.default_rng(2)
    labels = [(c, p) for c in ("A", "B", "C") for p in ("x", "y", "z")]
    obs = pd.DataFrame(labels, columns=["cell", "drug"], index=[f"r{i}" for i in range(len(labels))])
    X = rng.normal(size=(len(labels), 6)).astype(np.float32)
    X[:, 2] = np.nan
    X[4, 1] = -0.0
    ad.AnnData(X, obs=obs, var=pd.DataFrame(index=list("abcdef"))).write_h5ad(tmp_path / "screen.h5ad")
    study = tmp_path / "study.toml"
    study.write_text(
        'schema = "vcassay.study/1"\n[data]\nscreen = "screen.h5ad"\nrows = "effects"\nreadout = "continuous"\n'
        'perturbation = "drug"\ncontrol = []\ncontext = "cell"\nbatch = ""\n[split]\nmake = "cex"\ncontexts = ["B"]\n'
    )
    sealed(study)

    def other_nan(adata: ad.AnnData) -> None:
        adata.X[:, 2] = np.copysign(np.nan, -1)
        adata.X[4, 1] = 0.0
        adata.X = adata.X.astype(np.float64)

    rewrite(tmp_path, other_nan)
    assert opened(tmp_path) == []
    rewrite(tmp_path, lambda a: a.X.__setitem__((4, 2), 0.0))
    assert opened(tmp_path)


def test_the_hashes_can_be_made_again_from_the_words(folder):
    """The algorithm as seal.json states it, in plain Python over one row at a time."""
    stored = json.loads((folder / "task" / "seal.json").read_text())
    salt = bytes.fromhex(json.loads((folder / "task.key.json").read_text())["salt"])
    adata = ad.read_h5ad(folder / "screen.h5ad")
    split, screen = split_of(folder / "study.toml")
    shown = set(training_rows(screen, split, 0).tolist())
    test_contexts = set(split.conditions.context[split.test].tolist())
    genes = sorted(adata.var_names)
    digests = []
    for i, (name, row) in enumerate(adata.obs.iterrows()):
        control = row["perturbation"] == "control"
        if i in shown or not (control or row["context"] in test_contexts):
            continue
        dose = -1.0 if np.isnan(row["dose_uM"]) else row["dose_uM"]
        condition = None if control else [row["context"], [row["perturbation"]], dose, -1.0]
        text = json.dumps([name, condition, row["context"], row["batch"]]).encode()
        values = dict(zip(adata.var_names, adata.X[i].toarray().ravel().tolist(), strict=True))
        for place, gene in enumerate(genes):
            if values[gene] != 0:
                text += np.array(place, "<u4").tobytes() + np.array(values[gene], "<f8").tobytes()
        digests.append(hashlib.blake2b(text, digest_size=32, key=salt).digest())
    assert stored["truth"] == hashlib.sha256(salt + b"".join(sorted(digests))).hexdigest()
    assert stored["genes"] == hashlib.sha256(json.dumps(genes).encode()).hexdigest()
    assert stored["salt"] == hashlib.sha256(salt).hexdigest()
    assert "n_rows" not in stored  # numbers of cells tell of effects: they are with the key
    assert load_json(folder / "task.key.json", SealKeyRecord).n_rows == len(digests)
    rest = {k: v for k, v in stored.items() if k != "commitment"}
    again = hashlib.sha256(salt + json.dumps(rest, sort_keys=True).encode()).hexdigest()
    assert stored["commitment"] == again


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
