"""Drugs that are compared: labels, kin, strata, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Conditions
from vcassay.evidence.biology.mechanism.drugs import find_drugs, kin, mechanisms, shared, stratify, widest
from vcassay.knowledge import structures
from vcassay.testing.planted import plant


def test_labels_are_compared_whatever_their_case():
    assert mechanisms(["MEK Inhibitor", "mek inhibitor ", "Unknown", "control vehicle"]) == ("mek inhibitor",)
    same = shared([("a", "b"), ("b", "c"), ("c",), ()])
    assert same[0, 1]
    assert same[1, 2]
    assert not same[0, 2]
    assert not same.diagonal().any()
    assert not same[3].any()
    np.testing.assert_array_equal(same, same.T)


def test_a_label_of_more_than_a_third_is_no_mechanism():
    labels = [("kinase inhibitor", "x")] * 3 + [("y",)] * 2 + [("z",)] * 2
    assert widest(labels) == ("kinase inhibitor", "x")
    assert widest(labels[:6] + [("y",)] + [("w",)] * 3) == ()


def test_forms_of_one_parent_are_kin():
    pytest.importorskip("rdkit")
    names = ("imatinib", "imatinib mesylate", "aspirin", "unknown one", "unknown one hydrochloride")
    smiles = ("CCOc1ccccc1", "CCOc1ccccc1.CS(=O)(=O)O", "CC(=O)Oc1ccccc1C(=O)O", "", "")
    found = kin(structures(names, smiles), np.arange(5))
    expected = np.eye(5, dtype=bool)
    expected[0, 1] = expected[1, 0] = expected[3, 4] = expected[4, 3] = True
    np.testing.assert_array_equal(found, expected)


def test_strata_are_of_the_same_plates_and_of_like_structures():
    rng = np.random.default_rng(0)
    family = np.repeat(np.arange(4), 6)
    tanimoto = np.where(family[:, None] == family[None], 0.6, 0.1) + 0.01 * rng.random((24, 24))
    tanimoto = (tanimoto + tanimoto.T) / 2
    plate = np.repeat([0, 1], 12)
    made = stratify(plate, tanimoto)
    for code in np.unique(made):
        assert len(set(plate[made == code])) == 1
        assert len(set(family[made == code])) == 1
    assert len(set(stratify(plate, None))) == 2
    assert len(set(stratify(np.arange(24), None))) == 1  # plates of their own are put together


def planted(mechanism, names=None, silent=0):
    n = len(mechanism)
    names = names or [f"d{i:02d}" for i in range(n)]
    table = Conditions.make(
        ["A"] * n, [(x,) for x in names], modality=["drug"] * n, annotation={"moa": mechanism, "target": ["T"] * n}
    )
    rng = np.random.default_rng(0)
    delta = 3.0 * rng.standard_normal((n, 40))
    if silent:
        delta[-silent:] = 0
    return plant(table, delta, np.ones(n, dtype=bool), rng)


def test_what_is_not_compared_is_counted():
    study = planted(["a", "A|b", "b", "c", "", "unknown", "d", "e", "f", "a"], silent=1)
    drugs = find_drugs(study.bench())
    assert drugs.names == ("d00", "d01", "d02", "d03", "d06", "d07", "d08")
    assert [(name, members.tolist()) for name, members in drugs.classes] == [("a", [0, 1]), ("b", [1, 2])]
    assert (1, "without a detectable effect in any condition") in drugs.left_out
    assert (2, "without a known mechanism") in drugs.left_out
    assert "2 without a known mechanism" in drugs.coverage
    assert not drugs.by_structure
    assert "positives are all pairs" in drugs.chemistry
    np.testing.assert_array_equal(drugs.dissimilar, drugs.pairs)
    assert (drugs.plate == 1).all()
