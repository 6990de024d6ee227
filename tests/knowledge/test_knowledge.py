from __future__ import annotations

from datetime import date

from vcassay.knowledge import (
    Features,
    Knowledge,
    join_pairs,
    read_cell_lines,
    read_compounds,
    read_features,
    read_gene_sets,
    read_genes,
    read_relations,
)


def test_all_resources_are_optional_and_the_old_order_stands():
    assert Knowledge() == Knowledge((), (), (), (), (), None, None)
    assert Knowledge(siblings=join_pairs([("a", "b")])).siblings == (("a", "b"),)
    assert Knowledge().resources == ()


def test_every_file_keeps_its_facts(write):
    features = read_features(write("f.csv.gz", "id,x\nA,1\n"), released="2020-01-01")
    made = Features("made", ("A",), features.matrix)
    knowledge = Knowledge(
        features=(features, made),
        gene_sets=(read_gene_sets(write("s.gmt", "S\t\tA\n")),),
        relations=(read_relations(write("r.csv", "a,b\nA,B\n")),),
        compounds=(read_compounds(write("c.csv", "name\nx\n")),),
        genes=read_genes(write("g.csv", "symbol\nA\n")),
        cell_lines=read_cell_lines(write("l.csv", "AC,HI\nCVCL_0063,CVCL_0045\n"), released="2024-10-01"),
    )
    assert [r.name for r in knowledge.resources] == ["f", "s", "r", "c", "g", "l"]
    assert [r.name for r in knowledge.resources if r.later_than(date(2022, 1, 1))] == ["l"]
    assert all(len(r.sha256) == 64 for r in knowledge.resources)
