from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.claim.builders import Row, split

from vcassay.core import Regime, Status
from vcassay.knowledge import Genes, GeneSets, Knowledge, Relations, Resource
from vcassay.knowledge.genes import KINDS
from vcassay.testing.leaks.study import run_tables

PAIRS = (("G1", "G2"), ("G3", "G4"), ("G5", "G6"), ("G7", "G8"))


def resource(name: str, *, kin: bool = True) -> Resource:
    return Resource(name, "", "", None, "", 0, kin)


def relations(rows=PAIRS, *, kin: bool = True, name: str = "complexes") -> Relations:
    return Relations.make(resource(name, kin=kin), "same complex", *([row[k] for row in rows] for k in (0, 1)))


def gene_table(symbols: list[str], **names: dict[str, list[str]]) -> Genes:
    index = {kind: {} for kind in KINDS}
    index["symbol"] = {s.casefold(): (i,) for i, s in enumerate(symbols)}
    for kind, own in names.items():
        index[kind.replace("_", " ")] = {
            alias.casefold(): tuple(symbols.index(s) for s in of) for alias, of in own.items()
        }
    return Genes(resource("genes"), tuple(symbols), index)


def genes(train: str, test: str, context: str = "K562"):
    rows = [Row(context, p, "train", modality="CRISPRi") for p in train.split()]
    return split(rows + [Row(context, p, "test", modality="CRISPRi") for p in test.split()])


KNOWN = Knowledge(relations=(relations(),))


def test_share_null_and_affected_conditions_of_a_split_by_hand():
    found = run_tables("L09", genes("G1 G3 G5 X1", "G2 G4 G6 G7 G8 X2"), KNOWN)
    assert found.status is Status.WARN
    assert found.value == pytest.approx(3 / 5)
    assert found.null == pytest.approx(4 / 9)  # one partner among nine others, of which four are trained
    assert found.threshold == 0.5
    np.testing.assert_array_equal(found.affected.degree, [1, 1, 1, 0, 0, np.nan])
    assert [row["in training"] for row in found.evidence[:3]] == ["G1", "G3", "G5"]
    assert {"not compared": "X2"} in found.evidence
    assert "3 of 5 unseen genes (60%)" in found.sentence
    assert "1 of 6 known to no resource" in found.sentence


def test_kin_kept_together_passes_with_its_value():
    found = run_tables("L09", genes("G1 G2 G3 G4", "G5 G6 G7 G8"), KNOWN)
    assert (found.status, found.value) == (Status.PASS, 0.0)
    assert found.null == pytest.approx(4 / 7)
    assert not found.affected.touched.any()


def test_a_whole_context_has_nothing_to_ask():
    rows = [Row(c, p, "train" if c == "A" else "test", modality="CRISPRi") for c in "AB" for p in ("G1", "G2")]
    assert run_tables("L09", split(rows), KNOWN).status is Status.NA


def test_more_than_half_is_no_warning_where_no_unseen_gene_is_claimed():
    rows = [Row("K562", p, "train", modality="CRISPRi") for p in ("G1", "G3", "X", "Y")]
    rows += [Row("K562", p, "test", modality="CRISPRi") for p in ("G2+X", "G4+Y", "X+Y")]
    found = run_tables("L09", split(rows), KNOWN, declared=Regime.COMBINATION)
    assert (found.status, found.value) == (Status.PASS, 1.0)
    assert found.threshold is None
    np.testing.assert_array_equal(found.affected.degree, [1, 1, np.nan])


def test_a_combination_is_clean_only_if_all_its_unseen_parts_are_known():
    found = run_tables("L09", genes("G1 X", "G5+G7 G5+Z G2+Z X+G5"), KNOWN)
    by_name = dict(zip(("G2+Z", "G5+G7", "G5+X", "G5+Z"), found.affected.degree.tolist(), strict=True))
    assert (by_name["G2+Z"], by_name["G5+G7"], by_name["G5+X"]) == (1, 0, 0)
    assert np.isnan(by_name["G5+Z"])


def test_networks_are_told_and_not_counted():
    network = relations([("G5", "G1"), ("G7", "G1")], kin=False, name="STRING")
    split_ = genes("G1 G3", "G5 G7 G6 G8")
    found = run_tables("L09", split_, Knowledge(relations=(network, relations())))
    assert (found.status, found.value) == (Status.PASS, 0.0)
    assert "network neighbours, not counted as kin: STRING 100%" in found.sentence
    alone = run_tables("L09", split_, Knowledge(relations=(network,)))
    assert alone.status is Status.UNKNOWN
    assert "[knowledge] relations" in alone.remedy


@pytest.mark.parametrize(
    ("known", "words"), [(Knowledge(), "No resource tells"), (KNOWN, "None of the genes is known")]
)
def test_without_any_resource_it_is_unknown_with_the_mend(known, words):
    found = run_tables("L09", genes("A B", "C D"), known)
    assert found.status is Status.UNKNOWN
    assert words in found.sentence
    assert "[knowledge]" in found.remedy
    assert found.question


def test_too_few_known_genes_are_unknown():
    found = run_tables("L09", genes("G1 G3", "G5 A B C"), KNOWN)
    assert (found.status, found.value) == (Status.UNKNOWN, 0.0)
    assert {"not compared": "A, B, C"} in found.evidence


def test_a_resource_finds_genes_by_old_symbols_and_ids_and_lists_them():
    table = gene_table(["G1", "G2", "G3"], previous_symbol={"OLD2": ["G2"]}, Ensembl_id={"ENSG00000000003": ["G3"]})
    known = Knowledge(relations=(relations([("G1", "G2"), ("G1", "G3")]),), genes=table)
    found = run_tables("L09", genes("G1", "OLD2 ENSG00000000003.7"), known)
    assert (found.status, found.value) == (Status.WARN, 1.0)
    assert {"matched": "ENSG00000000003.7 as G3 (Ensembl id), OLD2 as G2 (previous symbol)"} in found.evidence


def test_an_ambiguous_alias_is_listed_with_what_it_could_be():
    table = gene_table([g for pair in PAIRS for g in pair], alias={"AMB": ["G1", "G3"]})
    found = run_tables("L09", genes("G2 G5", "AMB G6"), replace(KNOWN, genes=table))
    assert {"not compared": "AMB (G1 or G3?)"} in found.evidence
    assert np.isnan(found.affected.degree[0])


@pytest.mark.parametrize(
    ("one", "other"), [("G1", "OLD1"), ("TP53", "Tp53"), ("ENSG00000141510", "ENSG00000141510.12")]
)
def test_one_gene_under_two_names_fails_a_claim_of_unseen_genes(one, other):
    table = gene_table(["G1", "TP53"], previous_symbol={"OLD1": ["G1"]})
    found = run_tables("L09", genes(f"{one} X", f"{other} Y"), Knowledge(genes=table))
    assert found.status is Status.FAIL
    assert found.evidence[0] == {"gene": other, "in training": one, "relation": "same gene"}
    assert found.affected.touched.sum() == 1


def test_ids_beside_symbols_without_a_table_are_told():
    found = run_tables("L09", genes("G1 G3", "G2 ENSG00000141510"), KNOWN)
    assert any("Ensembl ids beside" in row.get("not compared", "") for row in found.evidence)


def test_a_gene_of_another_modality_counts_as_trained():
    rows = [Row("A", "G1 [CRISPRi]", "train", modality="CRISPRi"), Row("A", "G1 [CRISPRa]", "test", modality="CRISPRa")]
    assert run_tables("L09", split(rows), KNOWN).status is Status.NA


def test_compounds_are_not_asked():
    rows = [Row("A", "d1", "train", 1.0, modality="drug"), Row("A", "d2", "test", 1.0, modality="drug")]
    assert run_tables("L09", split(rows), KNOWN).status is Status.NA


def test_assumed_training_is_unknown_and_no_training_too():
    assumed = replace(genes("G1 G3", "G2 G4"), assumed="the rest is assumed to be training")
    found = run_tables("L09", assumed, KNOWN)
    assert (found.status, found.value) == (Status.UNKNOWN, 1.0)
    assert run_tables("L09", genes("", "G1 G2"), KNOWN).status is Status.UNKNOWN


def test_sets_count_and_the_evidence_keeps_to_its_rows():
    names = [f"H{i}" for i in range(40)]
    sets = GeneSets(resource("CORUM"), {"big": tuple(names)}, {})
    found = run_tables("L09", genes(" ".join(names[:10]), " ".join(names[10:])), Knowledge(gene_sets=(sets,)))
    assert (found.status, found.value, found.null) == (Status.WARN, 1.0, 1.0)
    assert len(found.evidence) == 20
    assert found.evidence[-1]["resource"] == "CORUM"


def test_symbols_that_a_spreadsheet_made_dates_of_are_the_same_genes():
    found = run_tables("L09", genes("SEPT2 G1 DEC1", "2-Sep 1-dec G3"), KNOWN)
    assert found.status is Status.FAIL
    assert "2 unseen genes of 3 trained under another name (1-dec is DEC1, 2-Sep is SEPT2)" in found.sentence


def test_labels_that_do_not_look_like_genes_are_asked_about_where_genes_are_claimed():
    unlike = split([Row("A", p, r, modality="") for p, r in (("guide one", "train"), ("guide two", "test"))])
    assert run_tables("L09", unlike, KNOWN, declared=Regime.GEX).status is Status.UNKNOWN
    assert run_tables("L09", unlike, KNOWN).status is Status.NA


def test_one_gene_under_two_names_is_no_failure_of_an_assumed_training_set():
    listed = genes("G1 G3", "g1 G5")
    assert run_tables("L09", listed, KNOWN).status is Status.FAIL
    found = run_tables("L09", replace(listed, assumed="the rest is assumed to be training"), KNOWN)
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    assert found.sentence.startswith("The rest is assumed to be training; then 1 unseen gene of 2")
