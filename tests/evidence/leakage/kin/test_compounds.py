from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import Split
from vcassay.core import Regime, Status
from vcassay.evidence.leakage.kin import study_compounds
from vcassay.knowledge import structure
from vcassay.simulate.leaks import salt_in_training
from vcassay.testing.leaks import compounds as cases
from vcassay.testing.leaks.compounds import Listed, held_out, listed
from vcassay.testing.leaks.study import run_tables

A, B, C = "CC(C)Cn1cnc2c(N)nc3ccccc3c12", "CN1CCCN=C1C=Cc1cccs1", "O=C(Nc1ccccc1)CCCCCCC(=O)NO"
L_DOPA, D_DOPA = (f"N{x}(Cc1ccc(O)c(O)c1)C(=O)O" for x in ("[C@@H]", "[C@H]"))


@pytest.fixture(params=[True, False], ids=["RDKit", "text"], autouse=True)
def chemistry(request, monkeypatch):
    """Every test with and without RDKit."""
    if request.param:
        pytest.importorskip("rdkit")
    else:
        for module in (structure, study_compounds):
            monkeypatch.setattr(module, "rdkit", lambda: None)
    return request.param


def run(rows, check="L06", declared=Regime.DEX, **more):
    return run_tables(check, replace(listed(rows, declared), **more))


SALT = [Listed("imiquimod", "test", A), Listed("R-837", "train", A + ".Cl"), Listed("pyrantel", "train", B)]


def test_a_salt_under_a_code_name_fails_with_both_names_and_what_is_equal(chemistry):
    found = run([*SALT, Listed("vorinostat", "test", C)])
    assert (found.status, found.value, found.threshold) == (Status.FAIL, 1.0, 0.0)
    assert found.sentence.startswith(
        "1 of 2 test compounds was trained under another name (imiquimod = R-837), although DEX is declared."
    )
    row = found.evidence[0]
    assert (row["test"], row["trained"], row["role"]) == ("imiquimod", "R-837", "train")
    assert row["equal"] == (f"InChIKey {row['test InChIKey']}" if chemistry else f"SMILES {A}")
    assert found.affected.touched.tolist() == [True, False]
    assert found.affected.clean.tolist() == [False, True]
    assert found.remedy
    assert ("without RDKit" in found.sentence) is not chemistry


def test_a_found_regime_counts_as_a_declared_one():
    found = run(SALT, declared=None)
    assert found.status is Status.FAIL
    assert "although the regime found is DEX" in found.sentence


def test_validation_counts_as_training_and_is_named():
    found = run([SALT[0], SALT[1]._replace(role="val"), SALT[2]])
    assert found.status is Status.FAIL
    assert "1 of 1 pair for validation alone" in found.sentence
    assert found.evidence[0]["role"] == "val"


def test_enantiomers_are_a_warning():
    found = run([Listed("levodopa", "test", L_DOPA), Listed("x", "train", D_DOPA), SALT[2]])
    assert found.status is Status.WARN
    assert (
        "0 of 1 test compound were trained under another name, and of 1 that is in doubt (levodopa = x)"
        in found.sentence
    )


def test_an_ester_by_name_alone_is_a_warning():
    found = run([Listed("abiraterone", "test"), Listed("abiraterone acetate", "train")])
    assert found.status is Status.WARN
    assert "may tell an ester" in found.evidence[0]["equal"]


@pytest.mark.parametrize(
    "name", ["vorinostat ", "VORINOSTAT", "Vorinostat (DMSO_TF)", "vorinostat hydrate", "vorinostat HCl"]
)
def test_names_alone_are_enough_for_a_match(name):
    found = run([Listed("Vorinostat", "test"), Listed(name, "train"), Listed("pyrantel", "train")])
    assert found.status is Status.FAIL
    assert "structures of 0 of 1 test and 0 of 2 trained compounds" in found.sentence


def test_names_alone_without_a_match_are_unknown_and_asked_for():
    found = run([Listed("Vorinostat", "test"), Listed("pyrantel", "train")])
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    assert found.evidence[0] == {"not compared": "Vorinostat", "reason": "no structure"}


@pytest.mark.parametrize("bad", ["CC(", "not a SMILES", "  "])
def test_what_cannot_be_read_is_listed_and_never_passes(bad):
    found = run([Listed("x", "test", bad), Listed("pyrantel", "train", B)])
    assert found.status is Status.UNKNOWN
    reason = "its SMILES does not parse" if bad.strip() else "no structure"
    assert {"not compared": "x", "reason": reason} in found.evidence
    assert found.affected is None


def test_half_of_the_compounds_is_enough():
    rows = [Listed("x", "test", A), Listed("y", "test"), Listed("pyrantel", "train", B)]
    assert run(rows).status is Status.PASS
    assert run([*rows, Listed("z", "test")]).status is Status.UNKNOWN
    assert run([*rows, Listed("z", "train"), Listed("w", "train")]).status is Status.UNKNOWN


def test_what_could_not_be_compared_is_neither_affected_nor_clean():
    found = run([*SALT, Listed("unread", "test")])
    assert found.affected.known.tolist() == [True, False]


def test_in_other_contexts_it_is_what_cex_is_about():
    rows = [Listed("imiquimod", "test", A, context="B"), Listed("pyrantel", "test", B, context="B"), *SALT[1:]]
    found = run(rows, declared=Regime.CEX)
    # imiquimod counts as unseen in an unseen context by its name, which half of the conditions are
    assert found.status is Status.WARN
    assert "although some count as unseen" in found.sentence
    many = [
        Listed(f"p{i}", role, "C" * (i + 5), context=c)
        for i in range(30)
        for role, c in (("test", "B"), ("train", "A"))
    ]
    stray = run([*rows, *many], declared=Regime.CEX)
    assert (stray.status, stray.value, stray.affected) == (Status.PASS, 1.0, None)
    assert (
        "1 of 32 test compounds was trained under another name (imiquimod = R-837), which CEX allows" in stray.sentence
    )
    known = run([*rows, Listed("imiquimod", "train", A)], declared=Regime.CEX)
    assert (known.status, known.value) == (Status.PASS, 0.0)
    assert "2 under the same name" in known.sentence


def test_the_same_context_under_another_name_is_a_warning_in_any_regime():
    """Imiquimod HCl is tested and its maleate is shown for validation in the same line."""
    rows = [
        Listed("imiquimod HCl", "test", A + ".Cl", context="B"),
        Listed("imiquimod HCl", "train", A + ".Cl"),
        Listed("imiquimod maleate", "val", f"OC(=O)C=CC(=O)O.{A}", context="B"),
        Listed("pyrantel", "train", B, context="B"),
    ]
    found = run(rows, declared=Regime.FEW_SHOT)
    assert found.status is Status.WARN
    assert "in the same context" in found.sentence
    assert found.evidence[0]["role"] == "val"
    assert found.affected.touched.all()


def test_the_same_name_is_left_to_l04():
    found = run([Listed("a", "test", A, dose=2.0), Listed("a", "train", A), Listed("b", "train", B)])
    assert (found.status, found.value) == (Status.PASS, 0.0)


def test_parts_of_combinations_are_compared():
    rows = [
        Listed("imiquimod+pyrantel", "test"),
        Listed("imiquimod hydrochloride", "train"),
        Listed("pyrantel", "train"),
    ]
    found = run(rows)
    assert found.status is Status.FAIL
    assert found.evidence[0]["test"] == "imiquimod"
    pair = [Listed("A HCl+B", "train"), Listed("A+B", "test"), Listed("A", "train"), Listed("B", "train")]
    found = run(pair, declared=Regime.COMBINATION)
    assert found.status is Status.WARN
    assert (found.evidence[0]["test"], found.evidence[0]["trained"]) == ("A+B", "A HCl+B")


def test_genes_and_vehicles_are_not_compared():
    rows = [
        *SALT,
        Listed("STAT1", "test", modality="CRISPRi"),
        Listed("STAT1 HCl", "train", modality="CRISPRi"),
        Listed("DMSO_TF", "test"),
        Listed("DMSO", "train"),
    ]
    found = run(rows)
    assert {(r.get("test"), r.get("trained")) for r in found.evidence} == {("imiquimod", "R-837")}
    assert "1 of 1 test compound was" in found.sentence
    assert found.affected.degree.tolist() == [0.0, 0.0, 1.0]  # vehicle, gene, compound


def test_without_compounds_or_roles_there_is_nothing_to_compare():
    gene = [Listed("STAT1", "test", modality="CRISPRi"), Listed("JAK1", "train", modality="CRISPRi")]
    assert run(gene).status is Status.NA
    assert run([Listed("a", "test", A), Listed("JAK1", "train", modality="CRISPRi")]).status is Status.NA
    assert run([Listed("a", "train", A)]).status is Status.NA
    assert run([Listed("a", "test", A)]).status is Status.UNKNOWN
    assumed = run(SALT, assumed="the rest is assumed to be the training set")
    assert (assumed.status, assumed.value, bool(assumed.question)) == (Status.UNKNOWN, 1.0, True)


def test_the_order_of_rows_does_not_matter():
    rows = [*SALT, Listed("vorinostat", "test", C), Listed("SAHA", "train", C), Listed("z", "test")]
    assert run(rows) == run(rows[::-1])


@pytest.mark.parametrize("by", ["structure", "name"])
def test_planted_salts_are_found_and_clean_splits_pass(by):
    for seed in range(5):
        planted, pair = salt_in_training(held_out(seed), np.random.default_rng(seed), by=by)
        found = run_tables("L06", planted)
        assert found.status is Status.FAIL
        assert (found.evidence[0]["test"], found.evidence[0]["trained"]) == pair
        assert run_tables("L06", held_out(seed)).status is Status.PASS


class TestTwiceAmongTheTestCompounds:
    def test_each_form_in_one_context_counts_double(self):
        rows = [
            Listed("trametinib", "test", C),
            Listed("Trametinib (DMSO_TF solvate)", "test", C + ".CS(C)=O"),
            Listed("pyrantel", "test", B),
            Listed("imiquimod", "train", A),
        ]
        found = run(rows, "L06d")
        assert (found.status, found.value) == (Status.WARN, 1.0)
        assert found.sentence.startswith("2 names among 3 test compounds stand for compounds that are tested twice")
        assert found.affected.touched.sum() == 1
        assert found.evidence[0]["contexts"] == 1

    def test_not_across_contexts_nor_roles(self):
        rows = [Listed("a", "test", A), Listed("b", "test", A, context="B"), Listed("c", "train", A)]
        assert run(rows, "L06d").status is Status.PASS

    def test_unread_compounds_are_unknown(self):
        found = run([Listed("a", "test"), Listed("b", "test"), Listed("c", "train")], "L06d")
        assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)

    def test_genes_alone_and_one_compound(self):
        gene = [Listed("STAT1", "test", modality="CRISPRi"), Listed("JAK1", "train", modality="CRISPRi")]
        assert run(gene, "L06d").status is Status.NA
        assert run([Listed("a", "test"), Listed("b", "train")], "L06d").status is Status.PASS


def test_random_cells_have_their_own_conditions_in_training():
    table = listed([Listed("a HCl", "test", A + ".Cl"), Listed("a", "test", A)]).conditions
    split = Split(table, np.full(2, "test", dtype="U8"), Regime.RANDOM_CELLS, test_shards=(0, 1))
    assert run_tables("L06", split).status is Status.PASS


def test_names_of_the_cases_are_those_of_the_checks():
    assert {case.check for case in cases.CASES} == {"L06", "L06d", "L07", "L08"}
