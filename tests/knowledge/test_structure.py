from __future__ import annotations

import importlib

import numpy as np
import pytest

from vcassay.core import InputError
from vcassay.knowledge import structure, structures

IMIQUIMOD = "CC(C)Cn1cnc2c(N)nc3ccccc3c12"
PAMOATE = "OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O"
NAMES = ["imiquimod", "imiquimod maleate", "no structure", "broken", "pyrantel pamoate", "pyrantel"]
SMILES = [
    IMIQUIMOD, f"OC(=O)C=CC(=O)O.{IMIQUIMOD}", "", "CC(", f"CN1CCCN=C1C=Cc1cccs1.{PAMOATE}", "CN1CCCN=C1C=Cc1cccs1"
]  # fmt: skip
KEYS = ["DOUYETYNHWVLEO-UHFFFAOYSA-N", "ZZZZZZZZZZZZZZ-UHFFFAOYSA-N", "AAAAAAAAAAAAAA-X-N", "", "", ""]


@pytest.fixture
def text():
    return structures(NAMES, SMILES, KEYS, chemistry=False)


@pytest.fixture
def chemistry():
    pytest.importorskip("rdkit")
    return structures(NAMES, SMILES, KEYS, chemistry=True)


def test_parents_from_text(text):
    assert text.parent[0] == text.parent[1] == IMIQUIMOD
    assert text.parent[4] == text.parent[5] == SMILES[5]
    assert text.parent_names[:2] == ("imiquimod", "imiquimod")
    assert text.removed[1] == ("maleate",)
    assert text.connectivity[:3] == ("DOUYETYNHWVLEO", "ZZZZZZZZZZZZZZ", "AAAAAAAAAAAAAA")
    assert (text.missing, text.unparsed, text.mixtures) == (("no structure",), ("broken",), ())


def test_without_rdkit_similarity_is_not_available_and_says_so(text):
    assert text.bits is None
    assert text.method == "text"
    assert "RDKit is not installed (pip install 'vcassay[chem]')" in text.reason
    assert np.isnan(text.similarity([0, 1], [0, 1, 2])).all()
    assert text.similarity([0, 1], [0, 1, 2]).shape == (2, 3)


def test_asking_for_rdkit_without_it_is_one_sentence(monkeypatch):
    monkeypatch.setattr(structure, "rdkit", lambda: None)
    with pytest.raises(InputError, match=r"which is not installed; install it with: pip install 'vcassay\[chem\]'\."):
        structures(["a"], ["C"], chemistry=True)
    assert structures(["a"], ["C"]).method == "text"


def test_a_broken_rdkit_counts_as_none(monkeypatch):
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    assert structure.rdkit() is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"),
        ("C/C=C/C", "CC=CC"),
        ("CC(=O)[O-].[Na+].CCCCCCCCC[NH3+]", "CCCCCCCCCN"),
        ("C[NH+](C)CCCCCCCC", "CN(C)CCCCCCCC"),
    ],
)
def test_text_parents_ignore_charge_and_stereochemistry(one, other):
    read = structures(["a", "b"], [one, other], chemistry=False)
    assert read.parent[0] == read.parent[1]


@pytest.mark.parametrize("smiles", ["CC(", "C C", "not a smiles", "C1CC1)", "[Na", "Q"])
def test_what_is_no_smiles_is_listed(smiles):
    read = structures(["a"], [smiles], chemistry=False)
    assert read.unparsed == ("a",)
    assert read.parent == ("",)


def test_no_compounds_and_uneven_columns():
    assert structures([], [], chemistry=False).parent == ()
    with pytest.raises(ValueError, match="shorter"):
        structures(["a", "b"], ["C"], chemistry=False)


def test_parents_from_rdkit(chemistry):
    assert chemistry.method.startswith("RDKit ")
    assert chemistry.reason == ""
    assert chemistry.parent[0] == chemistry.parent[1]
    assert chemistry.connectivity[:3] == ("DOUYETYNHWVLEO", "DOUYETYNHWVLEO", "AAAAAAAAAAAAAA")
    assert chemistry.parent[4] == chemistry.parent[5] != ""
    assert (chemistry.missing, chemistry.unparsed) == (("no structure",), ("broken",))
    assert chemistry.scaffold[0] != ""


def test_unknown_structures_are_not_dissimilar(chemistry):
    similarity = chemistry.similarity(range(6), range(6))
    assert similarity[0, 1] == similarity[4, 5] == 1.0
    assert 0 <= similarity[0, 5] < 0.5
    assert np.isnan(similarity[2]).all()
    assert np.isnan(similarity[:, 3]).all()


def test_tanimoto_agrees_with_rdkits_own(chemistry):
    chem = pytest.importorskip("rdkit.Chem")
    data = pytest.importorskip("rdkit.DataStructs")
    morgan = pytest.importorskip("rdkit.Chem.rdFingerprintGenerator").GetMorganGenerator(radius=2, fpSize=2048)
    prints = [morgan.GetFingerprint(chem.MolFromSmiles(chemistry.parent[i])) for i in (0, 5)]
    assert chemistry.similarity([0], [5])[0, 0] == pytest.approx(data.TanimotoSimilarity(*prints), abs=1e-12)


def test_charge_tautomers_and_stereochemistry_with_rdkit():
    pytest.importorskip("rdkit")
    smiles = ["CC(=O)[O-].CCCCCCCCC[NH3+]", "CCCCCCCCCN", "Oc1ccccn1", "O=c1cccc[nH]1", "C[C@H](N)CC", "C[C@@H](N)CC"]
    read = structures(list("abcdef"), smiles)
    assert read.parent[0] == read.parent[1]
    assert read.connectivity[2] == read.connectivity[3]
    assert read.parent[4] != read.parent[5]
    assert read.connectivity[4] == read.connectivity[5]


def test_text_never_joins_what_inchi_tells_apart(lincs):
    at = [i for i in range(0, len(lincs), 6) if lincs.smiles[i] and "." not in lincs.smiles[i]]
    read = structures([lincs.ids[i] for i in at], [lincs.smiles[i] for i in at], chemistry=False)
    stated: dict[str, set[str]] = {}
    for i, parent in zip(at, read.parent, strict=True):
        if lincs.inchikey[i]:
            stated.setdefault(parent, set()).add(lincs.inchikey[i][:14])
    assert read.unparsed == ()
    assert len(stated) > 2000
    assert sum(len(keys) > 1 for keys in stated.values()) <= len(stated) / 200


def test_rdkits_connectivity_is_the_one_that_lincs_states(lincs):
    pytest.importorskip("rdkit")
    at = [i for i in range(0, len(lincs), 80) if lincs.smiles[i] and "." not in lincs.smiles[i] and lincs.inchikey[i]]
    read = structures([lincs.ids[i] for i in at], [lincs.smiles[i] for i in at])
    same = [key == lincs.inchikey[i][:14] for i, key in zip(at, read.connectivity, strict=True)]
    assert read.unparsed == ()
    assert np.mean(same) > 0.99
