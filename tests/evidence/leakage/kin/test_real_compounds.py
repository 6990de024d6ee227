"""Compounds of public screens under random splits of compounds and of records."""

from __future__ import annotations

import re

import anndata as ad
import numpy as np
import pytest

from vcassay.claim import Split, find_related, make_split
from vcassay.core import Conditions, Regime, Status
from vcassay.evidence.leakage.kin.similarity import nearest
from vcassay.knowledge import Knowledge, read_compounds, structures
from vcassay.knowledge.similarity import similar_pairs
from vcassay.testing.leaks.compounds import Listed, listed
from vcassay.testing.leaks.study import run_tables

OP3 = "ivcbench_predictions/h5ad/op3_pbmc_pseudobulk_means.h5ad", "cell_type"
A375 = "l1000_a375_dose_plate/l1000_a375_dose_plate.h5ad", "cell_line"


@pytest.fixture(scope="module")
def read(data_dir):
    pytest.importorskip("rdkit")

    def read_file(name: str, context: str) -> Conditions:
        obs = ad.read_h5ad(data_dir / name, backed="r").obs
        obs = obs[~obs["is_control"].astype(bool)].drop_duplicates(["perturbation", context, "dose_uM"])
        text = {
            key: ["" if x in ("nan", "None") else x for x in obs[column].astype(str)]
            for key, column in (("smiles", "smiles"), ("moa", "moa"), ("target", "drug_targets"))
        }
        names = [[x] for x in obs["perturbation"].astype(str)]
        return Conditions.make(
            obs[context].astype(str).tolist(), names, obs["dose_uM"], None, ["drug"] * len(obs), text
        )

    return read_file


def shares(found) -> list[float]:
    """Percentages of the test records with their compound, and its scaffold, in training."""
    return [float(x) for x in re.findall(r"\(([\d.]+)%\)", found.sentence)][-2:]


def test_random_records_of_op3_have_their_drug_and_scaffold_in_training(read):
    """Published for random records: 98.9 % the same drug, 97.5 % the same scaffold."""
    table = read(*OP3)
    drug, scaffold = [], []
    for seed in range(5):
        roles = np.where(np.random.default_rng(seed).permutation(len(table)) < len(table) // 5, "test", "train")
        found = run_tables("L07", Split(table, roles.astype("U8")))
        assert found.status is Status.PASS
        one, other = shares(found)
        drug.append(one)
        scaffold.append(other)
    assert np.mean(drug) == pytest.approx(98.9, abs=1.2)
    assert np.mean(scaffold) == pytest.approx(97.5, abs=2.0)


@pytest.mark.parametrize(("file", "random"), [(OP3, 0.3), (A375, 0.4)], ids=["OP3", "A375"])
def test_drugs_held_out_by_name_have_siblings_and_by_target_none(read, file, random):
    table = read(*file)
    families = find_related(table, tier="target").families()
    by_name, by_target = [], []
    for seed in range(5):
        split = make_split(table, "dex", seed=seed, fraction=0.2)
        by_name.append(run_tables("L08", split).value)
        assert run_tables("L06", split).status is Status.PASS
        clean = make_split(table, "dex", seed=seed, fraction=0.2, groups=families, tier="target")
        by_target.append(run_tables("L08", clean).value)
        assert run_tables("L07", clean).status is Status.PASS
    assert np.mean(by_name) > random
    assert by_target == [0.0] * 5


def test_op3_by_name_parts_imatinib_from_masitinib(read):
    table = read(*OP3)
    rows = table.perturbation == "Imatinib"
    found = run_tables("L07", Split(table, np.where(rows, "test", "train").astype("U8"), Regime.DEX))
    assert (found.status, found.evidence[0]["trained"]) == (Status.WARN, "Masitinib")
    assert found.value == pytest.approx(0.747, abs=0.01)


def test_one_smiles_of_a375_that_does_not_parse_is_listed(read):
    table = read(*A375)
    found = run_tables("L06", make_split(table, "dex", seed=0, fraction=0.2))
    assert {"not compared": "BRD-U60236422", "reason": "its SMILES does not parse"} in found.evidence


@pytest.mark.slow
def test_names_of_drugs_meet_their_salts_through_a_table(data_dir):
    """The forms that published lists give these drugs; the structures come from LINCS, by name."""
    pytest.importorskip("rdkit")
    known = Knowledge(compounds=(read_compounds(data_dir / "knowledge/compounds/lincs_pert_info2.tsv.gz"),))
    rows = [
        Listed("Imiquimod (hydrochloride)", "test"),
        Listed("Imiquimod (maleate)", "val"),
        Listed("Trametinib", "test"),
        Listed("Trametinib (DMSO_TF solvate)", "test"),
        Listed("SAHA", "train"),
        Listed("vorinostat ", "test"),
        Listed("dabrafenib", "train"),
    ]
    found = run_tables("L06", listed(rows), known)
    assert found.status is Status.FAIL
    pairs = {(r["test"], r["trained"], r["role"]) for r in found.evidence if "test" in r}
    assert ("Imiquimod (hydrochloride)", "Imiquimod (maleate)", "val") in pairs
    twice = run_tables("L06d", listed(rows), known)
    assert (twice.status, twice.evidence[0]["test"]) == (Status.WARN, "Trametinib")


@pytest.mark.slow
def test_nearest_compounds_of_lincs_agree_with_all_similar_pairs(data_dir):
    pytest.importorskip("rdkit")
    table = read_compounds(data_dir / "knowledge/compounds/lincs_pert_info2.tsv.gz")
    have = [i for i, text in enumerate(table.smiles) if text][::9]
    bits = structures([table.ids[i] for i in have], [table.smiles[i] for i in have]).bits
    best, at = nearest(bits, bits, np.arange(len(bits)))
    left, right, value = similar_pairs(bits, 0.6)
    expected = np.zeros(len(bits))
    np.maximum.at(expected, left, value)
    np.maximum.at(expected, right, value)
    np.testing.assert_array_equal(np.where(best >= 0.6, best, 0.0), expected)
    assert (expected >= 0.9).sum() > 100
    assert (at != np.arange(len(bits))).all()
