from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vcassay.evidence.leakage.kin.compound_identity import DIFFERENT, PERHAPS, SAME, find_identity, spelled
from vcassay.knowledge import structures

IMIQUIMOD = "CC(C)Cn1cnc2c(N)nc3ccccc3c12"
MALEATE = f"OC(=O)C=CC(=O)O.{IMIQUIMOD}"
L_DOPA, D_DOPA, DOPA = (f"N{x}(Cc1ccc(O)c(O)c1)C(=O)O" for x in ("[C@@H]", "[C@H]", "C"))


def compare(one, other, *, chemistry):
    """Level of identity of two (name, SMILES) pairs."""
    names, smiles = zip(one, other, strict=True)
    return find_identity(structures(names, smiles, chemistry=chemistry), smiles).compare(0, 1)


@pytest.fixture(params=[True, False], ids=["RDKit", "text"])
def chemistry(request):
    if request.param:
        pytest.importorskip("rdkit")
    return request.param


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("a", IMIQUIMOD), ("b", MALEATE), SAME),
        (("a", "C[NH+](C)CCCCCCCC"), ("b", "CN(C)CCCCCCCC.Cl"), SAME),
        (("a", L_DOPA), ("b", L_DOPA), SAME),
        (("a", L_DOPA), ("b", D_DOPA), PERHAPS),
        (("a", DOPA), ("b", D_DOPA), PERHAPS),
        (("a", IMIQUIMOD), ("b", L_DOPA), DIFFERENT),
        (("imiquimod HCl", ""), ("Imiquimod (maleate)", MALEATE), SAME),
        (("vorinostat ", ""), ("Vorinostat", ""), SAME),
        (("AZD-8055", ""), ("azd 8055", ""), SAME),
        (("Trametinib (DMSO_TF solvate)", ""), ("Trametinib", ""), SAME),
        (("cisplatin hydrate", ""), ("cisplatin", ""), SAME),
        (("abiraterone acetate", ""), ("abiraterone", ""), PERHAPS),
        (("abiraterone acetate", ""), ("Abiraterone  acetate", ""), SAME),
        (("drug-1", ""), ("drug-11", ""), DIFFERENT),
        (("(+)-JQ1", ""), ("(-)-JQ1", ""), DIFFERENT),
        (("a", "not a SMILES"), ("b", "not a SMILES"), DIFFERENT),
        (("a", ""), ("b", ""), DIFFERENT),
    ],
)
def test_levels(one, other, level, chemistry):
    assert compare(one, other, chemistry=chemistry)[0] == level
    assert compare(other, one, chemistry=chemistry)[0] == level


def test_structures_overrule_names_with_rdkit():
    pytest.importorskip("rdkit")
    one, other = ("Compound HCl", "CCCCCCN"), ("compound", "CCCCCCCO")
    assert compare(one, other, chemistry=True)[0] == DIFFERENT
    level, words = compare(("Compound", "CCCCCCN"), other, chemistry=True)
    assert (level, words) == (PERHAPS, "name, not the structures stated")


def test_two_ways_to_write_a_structure_are_one_with_rdkit_alone():
    pytest.importorskip("rdkit")
    one, other = ("a", "OCCCCCCCCN"), ("b", "NCCCCCCCCO")
    assert compare(one, other, chemistry=True)[0] == SAME
    assert compare(one, other, chemistry=False)[0] == DIFFERENT


def test_a_racemate_under_the_same_name_is_the_same():
    pytest.importorskip("rdkit")
    level, words = compare(("dopa HCl", DOPA + ".Cl"), ("Dopa", L_DOPA), chemistry=True)
    assert level == SAME
    assert words == "bonds (WTDRDQBEARUVNC), not stereochemistry or isotopes"


def test_a_part_of_a_mixture_is_in_doubt():
    pytest.importorskip("rdkit")
    level, words = compare(("mix", f"{IMIQUIMOD}.CCCCCCCCO"), ("a", IMIQUIMOD), chemistry=True)
    assert level == PERHAPS
    assert words.endswith("of the largest part of a mixture")


def test_stated_keys_speak_where_there_is_no_smiles():
    key = "DOUYETYNHWVLEO-UHFFFAOYSA-N"
    shapes = structures(["a", "b", "c"], ["", "", ""], [key, key, ""], chemistry=False)
    identity = find_identity(shapes, ["", "", ""])
    assert identity.compare(0, 1) == (SAME, f"InChIKey {key}")
    assert identity.compare(0, 2)[0] == DIFFERENT
    assert identity.known.tolist() == [True, True, False]


def test_the_stated_key_of_a_salt_does_not_overrule_its_name(chemistry):
    shapes = structures(
        ["imiquimod maleate", "Imiquimod"], ["", IMIQUIMOD], ["AAAAAAAAAAAAAA-X-N", ""], chemistry=chemistry
    )
    assert find_identity(shapes, ["", IMIQUIMOD]).compare(0, 1) == (SAME, "name without salt or solvate")


def test_only_what_shares_something_is_in_one_group():
    names, smiles = ["a", "b", "c HCl", "C"], [IMIQUIMOD, MALEATE, "", ""]
    group = find_identity(structures(names, smiles, chemistry=False), smiles).group
    assert group[0] == group[1] != group[2] == group[3]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("AZD 8055", "azd-8055", True),
        ("1,2-diol", "1, 2-diol", True),
        ("1,2-diol", "12-diol", False),
        ("drug 1.1", "drug 11", False),
        ("PD_0325901", "PD0325901", True),
        ("JQ1 [drug]", "JQ1", True),
        ("?", "??", False),
    ],
)
def test_spelling(one, other, same):
    assert (spelled(one) == spelled(other)) is same


@given(st.text(alphabet="abXY019-,_ ", min_size=1, max_size=20))
def test_case_and_blanks_at_the_ends_do_not_count(name):
    assume(any(c.isalnum() for c in name))
    assert spelled(f"  {name.upper()} ") == spelled(name) == spelled(spelled(name))
