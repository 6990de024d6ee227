"""A seal opens on the truth that was sealed, however it is stored, and on no other."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.run.builders import study_text
from tests.run.sealing import add_one, held_out, opened, rewrite, sealed, swap
from vcassay.claim import Role, read_split, write_split
from vcassay.record.codec import load_json
from vcassay.record.seal import SealKeyRecord, SealRecord
from vcassay.run.seal import hash_rows, sealed_rows
from vcassay.run.stage1 import split_of
from vcassay.run.task import training_rows
from vcassay.screen import CONTROL

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
