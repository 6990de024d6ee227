from __future__ import annotations

from collections import Counter

import pytest

from vcassay.knowledge.salts import formula, heavy_atoms, is_ester_word, parent_fragments, parent_name


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("Trametinib (DMSO_TF solvate)", "trametinib"),
        ("Imiquimod (maleate)", "imiquimod"),
        ("imiquimod hydrochloride", "imiquimod"),
        ("Dapagliflozin ((2S)-1,2-propanediol, hydrate)", "dapagliflozin"),
        ("(R)-Verapamil (hydrochloride)", "(r)-verapamil"),
        ("triprolidine.hcl-monohydrate", "triprolidine"),
        ("atorvastatin calcium  trihydrate", "atorvastatin"),
        ("Drug 2HCl x H2O", "drug"),
        ("AZD-2-HCl", "azd-2"),
        ("Tenofovir disoproxil fumarate", "tenofovir disoproxil"),
        ("valproic acid sodium salt", "valproic acid"),
        ("Erlotinib (free base)", "erlotinib"),
        ("Doxorubicin hydrochloride (1:1)", "doxorubicin"),
        ("abiraterone acetate", "abiraterone"),
    ],
)
def test_salts_and_solvates_come_off_names(name, parent):
    assert parent_name(name)[0] == parent


@pytest.mark.parametrize(
    "name",
    [
        "dimethyl fumarate", "lithium carbonate", "sodium chloride", "dmso_tf", "hydrochloride", "isosorbide dinitrate",
        "adenosine triphosphate", "chlorpromazine", "ml-9 (unknown)", "jq1 (+)", "tert-butyl acetate", "dexamethasone",
        "(r)-verapamil", "l-lysine", "5-fluorouracil", "bi-2536", "a (b", ")",
    ],
)  # fmt: skip
def test_whole_names_stay_whole(name):
    assert parent_name(name) == (name, ())


def test_the_words_taken_off_are_told_and_esters_flagged():
    assert parent_name("Tiotropium Bromide hydrate")[1] == ("hydrate", "bromide")
    assert [is_ester_word(w) for w in parent_name("abiraterone acetate hydrate")[1]] == [False, True]
    assert is_ester_word("hemisulfate")


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("CC(=O)[O-]", "C2O2"),
        ("c1cc[nH]c1", "C4N"),
        ("[2H]C([2H])N", "CN"),
        ("Clc1ccc(Br)cc1", "C6BrCl"),
        ("[Na+]", "Na"),
        ("[13C@@H](F)(I)Cl", "CClFI"),
        ("c1cc[se]c1", "C4Se"),
        ("C[Si](C)(C)C", "C4Si"),
        ("[H+]", ""),
    ],
)
def test_heavy_atoms_are_counted_from_text(smiles, expected):
    assert formula(heavy_atoms(smiles)) == expected


def parts(smiles: str) -> list[Counter[str]]:
    return [heavy_atoms(part) for part in smiles.split(".")]


@pytest.mark.parametrize(
    ("smiles", "chosen"),
    [
        ("CN1CCCN=C1C=Cc1cccs1.OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O", [0]),  # pyrantel pamoate
        ("Cl.CC(C)Cn1cnc2c(N)nc3ccccc3c12", [1]),  # imiquimod hydrochloride
        ("[Na+].OC(=O)c1ccccc1[O-]", [1]),  # sodium salicylate
        ("[Li+].[Li+].[O-]C([O-])=O", [0, 1, 2]),  # lithium carbonate
        ("[Na+].[Cl-]", [0, 1]),
        ("C[N+](C)(C)CCO.OC(=O)c1ccccc1[O-]", [0, 1]),  # choline salicylate
        ("N.N.Cl[Pt]Cl", [2]),  # cisplatin
        ("CC(=O)O", [0]),
    ],
)
def test_the_parent_is_the_largest_fragment_that_is_no_counter_ion(smiles, chosen):
    assert parent_fragments(parts(smiles)) == (chosen, False)


def test_a_second_compound_is_flagged():
    valsartan = "CCCCC(=O)N(Cc1ccc(cc1)c1ccccc1c1nn[nH]n1)C(C(C)C)C(=O)O"
    sacubitril = "CCOC(=O)C(C)CC(Cc1ccc(cc1)c1ccccc1)NC(=O)CCC(=O)O"
    assert parent_fragments(parts(f"{valsartan}.{sacubitril}"))[1]
    assert not parent_fragments(parts(f"{valsartan}.{valsartan}"))[1]
