from __future__ import annotations

import pytest

from vcassay.knowledge import (
    compound_groups,
    context_groups,
    gene_groups,
    read_cell_lines,
    read_compounds,
    read_gene_sets,
    read_genes,
    read_relations,
    structures,
)
from vcassay.knowledge.groups import Groups
from vcassay.knowledge.relatives import SIMILAR

IMIQUIMOD = "CC(C)Cn1cnc2c(N)nc3ccccc3c12"


def reasons(groups: Groups, a: str, b: str) -> list[tuple[str, ...]]:
    return [step.reasons for step in groups.why(a, b)]


def test_compounds_join_by_parent_connectivity_and_bare_name():
    names = ["imiquimod", "Imiquimod (maleate)", "imiquimod HCl", "other", "other enantiomer", "third"]
    smiles = [IMIQUIMOD, f"{IMIQUIMOD}.OC(=O)C=CC(=O)O", "", "CCCCCN", "CCCCCO", "CCCCCS"]
    keys = ["", "", "", "AAAAAAAAAAAAAA-X-N", "AAAAAAAAAAAAAA-Y-N", ""]
    groups = compound_groups(structures(names, smiles, keys, chemistry=False))
    assert groups.members == (
        ("Imiquimod (maleate)", "imiquimod", "imiquimod HCl"), ("other", "other enantiomer"), ("third",)
    )  # fmt: skip
    assert reasons(groups, "imiquimod", "Imiquimod (maleate)") == [(f"same parent structure {IMIQUIMOD}",)]
    assert reasons(groups, "imiquimod", "imiquimod HCl") == [("same name imiquimod",)]
    assert reasons(groups, "other", "other enantiomer") == [("same InChIKey connectivity AAAAAAAAAAAAAA",)]
    assert groups.unknown == ("imiquimod HCl",)


def test_structures_overrule_names_and_a_possible_ester_is_told():
    names = ["abiraterone", "abiraterone acetate"]
    known = compound_groups(structures(names, ["CCCCCCCCO", "CCCCCCCCOC(C)=O"], chemistry=False))
    assert known.members == (("abiraterone",), ("abiraterone acetate",))
    bare = compound_groups(structures(names, ["", ""], chemistry=False))
    assert reasons(bare, *names) == [("same name abiraterone (or an ester: acetate)",)]


def test_the_hard_tier_joins_one_mechanism_or_one_of_few_targets(write):
    table = "name,smiles,target,moa\na,CCCCCN,MAP2K1|MAP2K2,MEK inhibitor\nb,CCCCCO,,MEK inhibitor|other\n"
    table += "c,CCCCCS,MAP2K2,\nd,CCCCCF,MAP2K1|A|B|C,kinase inhibitor\ne,CCCCCCl,,\n"
    compounds = read_compounds(write("c.csv", table))
    read = structures(compounds.names, compounds.smiles, chemistry=False)
    hard = compound_groups(read, compounds)
    assert len(compound_groups(read).members) == 5
    assert hard.members == (("a", "b", "c"), ("d",), ("e",))  # d lists too many targets to share one of them
    assert reasons(hard, "a", "b") == [("same mechanism MEK inhibitor",)]
    assert reasons(hard, "a", "c") == [("same target MAP2K2",)]
    with pytest.raises(ValueError, match="not of the compounds"):
        compound_groups(structures(["x"], [""], chemistry=False), compounds)


def test_similar_structures_go_together_from_the_threshold_on():
    pytest.importorskip("rdkit")
    names = ["gefitinib", "near", "aspirin", "broken"]
    gefitinib = "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1"
    read = structures(names, [gefitinib, gefitinib.replace("OCCCN1", "OCCCCN1"), "CC(=O)Oc1ccccc1C(=O)O", "C("])
    value = read.similarity([0], [1])[0, 0]
    assert float(SIMILAR) <= value < 1
    assert compound_groups(read).members == (("aspirin",), ("broken",), ("gefitinib", "near"))
    assert reasons(compound_groups(read), "near", "gefitinib") == [(f"Tanimoto {value:.2f}",)]
    assert len(compound_groups(read, threshold=value + 1e-9).members) == 4
    assert compound_groups(read).unknown == ("broken",)


def test_genes_join_through_relations_and_sets_under_any_name(write):
    genes = read_genes(write("g.csv", "symbol,prev_symbol\nAURKB,STK12\nAURKA,\nPSMA1,\nPSMB1,\nTP53,\nMDM2,\n"))
    paralogs = read_relations(write("p.csv", "a,b,score\nAURKA,STK12,81\nTP53,far,9\nfar,MDM2,9\n"), "paralog")
    complexes = read_gene_sets(write("c.csv", "complex,genes\nproteasome,PSMA1|PSMB1|PSMC1\n"))
    wanted = ["AURKA", "AURKB", "PSMA1", "PSMB1", "TP53", "MDM2", "nobody"]
    groups, coverage = gene_groups(wanted, [paralogs], [complexes], genes)
    assert groups.members == (("AURKA", "AURKB"), ("MDM2",), ("PSMA1", "PSMB1"), ("TP53",), ("nobody",))
    assert reasons(groups, "AURKB", "AURKA") == [("paralog (p) 81",)]
    assert reasons(groups, "PSMA1", "PSMB1") == [("both in proteasome",)]
    assert groups.unknown == ("nobody",)
    assert coverage[0].coverage() == "p: matched 4 of 7 (57 %), 1 by previous symbol; unmatched: PSMA1, PSMB1, nobody"


def test_contexts_join_through_a_line_that_was_not_measured(write):
    table = "AC\tID\tSY\tHI\tOI\nCVCL_0063\tHEK293T\t293T\tCVCL_0045\t\nCVCL_6911\tHEK293FT\t\tCVCL_0045\t\n"
    table += "CVCL_0045\tHEK293\t293\t\t\nCVCL_0004\tK-562\tK562\t\t\n"
    lines = read_cell_lines(write("c.tsv", table))
    contexts = ["293T", "HEK293FT", "K562", "CVCL_0004", "donor 1", "donor 2", "donor 3"]
    groups, matched = context_groups(contexts, lines, (("donor 1", "donor 2"), ("K562", "elsewhere")))
    assert groups.members == (("293T", "HEK293FT"), ("CVCL_0004", "K562"), ("donor 1", "donor 2"), ("donor 3",))
    assert reasons(groups, "293T", "HEK293FT") == [
        ("HEK293T and HEK293: parent and child; HEK293 and HEK293FT: parent and child",)
    ]
    assert reasons(groups, "K562", "CVCL_0004") == [("same cell line CVCL_0004",)]
    assert reasons(groups, "donor 1", "donor 2") == [("related as stated (donor 1, donor 2)",)]
    assert groups.unknown == ("donor 3",)
    assert matched is not None
    assert matched.unmatched == ("donor 1", "donor 2", "donor 3")


def test_without_resources_everyone_is_alone_for_want_of_knowledge():
    groups, matched = context_groups(["b", "a"])
    assert (groups.members, groups.unknown, matched) == ((("a",), ("b",)), ("a", "b"), None)
    groups, coverage = gene_groups(["b", "a", "b"])
    assert (groups.names, groups.unknown, coverage) == (("b", "a"), ("a", "b"), ())


def test_a_real_network_joins_most_genes_and_says_so(real):
    relations = read_relations(real / "gene_relationships" / "StringDB.txt.gz")
    groups, coverage = gene_groups(relations.names, [relations])
    assert groups.largest > 0.9
    assert coverage[0].share == 1.0
    ribosome = groups.why("RPS9", "RPL7L1")
    assert [step.reasons for step in ribosome] == [("network neighbour (StringDB)",)]


def test_real_salts_go_with_their_parents(lincs):
    at = [i for i in range(len(lincs)) if "." in lincs.smiles[i] or lincs.names[i] in ("imiquimod", "dexamethasone")]
    groups = compound_groups(structures([lincs.ids[i] for i in at], [lincs.smiles[i] for i in at], chemistry=False))
    name = dict(zip(lincs.ids, lincs.names, strict=True))
    family = next(f for f in groups.members if "dexamethasone" in {name[i] for i in f})
    assert len(family) > 1
    assert {name[i] for i in family} <= {"dexamethasone"}
