"""Published splits and screens; run with VCASSAY_DATA set to the folder that holds them."""

from __future__ import annotations

import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.claim import Split, make_claim
from vcassay.core import Conditions, Status
from vcassay.effects import measure
from vcassay.knowledge import Knowledge, read_genes, read_relations
from vcassay.screen import Design, Readout, make_screen
from vcassay.simulate.demo import hold_out
from vcassay.testing.leaks.study import run_check, run_tables


@pytest.fixture(scope="module")
def published(data_dir):
    def read(name: str) -> Split:
        lists = json.loads((data_dir / f"published_splits/raw/{name}_perturbation_splits.json").read_text())
        role: dict[tuple[str, ...], str] = {}
        for word in ("train", "val", "test"):
            for label in lists[word]:
                parts = tuple(sorted(p for p in label.split("+") if p != "ctrl"))
                if parts:
                    role.setdefault(parts, word)
        conditions = Conditions.make(["K562"] * len(role), list(role))
        return Split(conditions, np.array([role[parts] for parts in conditions.parts]))

    return read


@pytest.fixture(scope="module")
def knowledge(data_dir) -> Knowledge:
    folder = data_dir / "knowledge"
    kinds = {"HuMAP": "same complex", "StringDB": "network neighbour", "Reactome": "same pathway"}
    pairs = [read_relations(folder / f"gene_relationships/{name}.txt.gz", kind) for name, kind in kinds.items()]
    return Knowledge(relations=tuple(pairs), genes=read_genes(folder / "genes/all_genes.tsv.gz"))


@pytest.mark.parametrize(
    ("name", "status", "share", "null"),
    [
        ("norman", Status.PASS, 8 / 21, 0.50),
        ("adamson", Status.PASS, 8 / 20, 0.44),
        ("adam_corrected", Status.WARN, 13 / 21, 0.59),
        ("replogle_k562_essential", Status.WARN, 77 / 103, 0.79),
    ],
)
def test_published_splits_part_kin_about_as_chance_does(name, status, share, null, published, knowledge):
    found = run_tables("L09", published(name), knowledge)
    assert found.status is status
    assert found.value == pytest.approx(share)
    assert found.null == pytest.approx(null, abs=0.005)


def test_aliases_of_replogle_are_listed(published, knowledge):
    found = run_tables("L09", published("replogle_k562_essential"), knowledge)
    assert any("AARS as AARS1 (previous symbol)" in row.get("matched", "") for row in found.evidence)


def each_held_out(screen):
    effects = measure(screen, seed=0)
    for context in np.unique(screen.conditions.context).tolist():
        split = hold_out(screen.conditions, (context,))
        yield run_check("L11", effects=effects, screen=screen, split=split, claim=make_claim(split))


def patients(data_dir):
    return ad.read_h5ad(data_dir / "zhao2021_glioblastoma/zhao2021_glioblastoma.h5ad")


def test_five_patients_are_five(data_dir):
    found = list(each_held_out(make_screen(patients(data_dir), Design("perturbation", context="context"))))
    assert [f.status for f in found] == [Status.PASS] * 5
    assert min(f.value for f in found) > 0.4


def test_a_patient_under_two_names_is_found(data_dir):
    adata = patients(data_dir)
    context = adata.obs["context"].astype(str).to_numpy()
    half = (context == "PW034") & (np.random.default_rng(0).random(len(context)) < 0.5)
    adata.obs["context"] = pd.Categorical(np.where(half, "PW099", context))
    found = list(each_held_out(make_screen(adata, Design("perturbation", context="context"))))
    named = [f for f in found if f.status is Status.WARN]
    assert len(named) == 2
    assert all({f.evidence[0]["context"], f.evidence[0]["nearest"]} == {"PW034", "PW099"} for f in named)


def test_four_lines_are_four(data_dir):
    adata = ad.read_h5ad(data_dir / "perturbench_devel/raw/devel.h5ad")
    adata.obs["perturbation"] = pd.Categorical(adata.obs["condition"].astype(str))
    design = Design("perturbation", context="cell_type", readout=Readout.LOGNORM)
    found = list(each_held_out(make_screen(adata, design)))
    assert [f.status for f in found] == [Status.PASS] * 4
    assert min(f.value for f in found) > 0.4
