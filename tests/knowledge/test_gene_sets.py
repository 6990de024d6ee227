from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from vcassay.core import InputError
from vcassay.knowledge import match, read_gene_sets

GMT = "APOPTOSIS\thttp://x\tBAX\tTP53\tBAX\t\nCYCLE\tna\tCDK1,0.5\tTP53\n"
GAF = """!gaf-version: 2.2
{header}
UniProtKB\tP1\tTP53\tinvolved_in\tGO:1\tPMID:1\tIDA\t\tP\t\t\tprotein\ttaxon:9606\t20190101\tUniProt\t\t
UniProtKB\tP2\tBAX\tNOT|involved_in\tGO:1\tPMID:1\tIDA\t\tP\t\t\tprotein\ttaxon:9606\t20200607\tUniProt\t\t
UniProtKB\tP3\tMDM2\tinvolved_in\tGO:2\tPMID:1\tIDA\t\tP\t\t\tprotein\ttaxon:9606\t20180101\tUniProt\t\t
"""


@pytest.mark.parametrize("name", ["sets.gmt", "sets.gmt.gz"])
def test_gmt_is_read_with_weights_and_repeats_dropped(write, name):
    sets = read_gene_sets(write(name, GMT), released="2021-01-01", licence="CC BY 4.0")
    assert dict(sets.sets) == {"APOPTOSIS": ("BAX", "TP53"), "CYCLE": ("CDK1", "TP53")}
    assert dict(sets.titles) == {"APOPTOSIS": "http://x"}
    assert (sets.resource.name, sets.resource.released, sets.resource.rows) == ("sets", date(2021, 1, 1), 2)
    assert sets.genes == ("BAX", "CDK1", "TP53")


@pytest.mark.parametrize(
    ("header", "day"), [("!date-generated: 2021-03-04T10:00", date(2021, 3, 4)), ("!other: x", date(2020, 6, 7))]
)
def test_gaf_leaves_negated_annotations_out_and_keeps_its_date(write, header, day):
    sets = read_gene_sets(write("goa.gaf.gz", GAF.format(header=header)))
    assert dict(sets.sets) == {"GO:1": ("TP53",), "GO:2": ("MDM2",)}
    assert (sets.resource.released, sets.resource.rows) == (day, 3)


def test_a_stated_release_goes_before_that_of_the_file(write):
    sets = read_gene_sets(write("goa.txt", GAF.format(header="!")), released="2015-01-01")
    assert sets.resource.released == date(2015, 1, 1)


def test_tables_long_and_wide_give_the_same_sets(write):
    long = read_gene_sets(write("long.csv", "set,gene\nS,A\nS,B\nT,C\nS,A\n"))
    rows = "go_id\tgo_name\tgene_ids\tgene_symbols\nS\tfirst\t1|2\tB | A\nT\t\t3\tC\n"
    wide = read_gene_sets(write("wide.tsv", rows))
    assert dict(long.sets) == dict(wide.sets) == {"S": ("A", "B"), "T": ("C",)}
    assert dict(wide.titles) == {"S": "first"}
    chosen = read_gene_sets(write("own.csv", "kind,holds\nS,A;B\n"), columns=("kind", "holds"))
    assert dict(chosen.sets) == {"S": ("A", "B")}


def test_membership_is_a_matrix_over_the_wanted_genes(write):
    sets = read_gene_sets(write("s.gmt", GMT))
    matrix = sets.membership(["TP53", "nobody", "BAX"])
    assert matrix.dtype == np.bool_
    np.testing.assert_array_equal(matrix.toarray(), [[True, True], [False, False], [True, False]])


def test_restriction_renames_and_drops_small_and_large_sets(write):
    sets = read_gene_sets(write("s.gmt", "A\t\tx\ty\tz\nB\t\tx\nC\t\tw\n"))
    names = {"X": "x", "X2": "x", "Y": "y"}
    assert dict(sets.restrict(names).sets) == {"A": ("X", "X2", "Y"), "B": ("X", "X2")}
    assert dict(sets.restrict(names, smallest=3).sets) == {"A": ("X", "X2", "Y")}
    assert dict(sets.restrict(names, largest=2).sets) == {"B": ("X", "X2")}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("s.gmt", "A\t\tx\nB\n", r"line 2 has no genes; write a set, a description and its genes"),
        ("s.gmt", "A\t\tx\n\t\ty\n", r"line 2 has no name of a set"),
        ("s.gmt", "A\t\tx\n\nA\t\ty\n", r"lists the set 'A' on lines 1 and 3; keep one line a set\."),
        ("s.gaf", "!gaf-version: 2.2\nTP53\tGO:1\n", r"line 2 is no annotation of a gene"),
        ("s.gaf", "!gaf-version: 2.2\n", r"holds no gene set"),
        ("s.csv", "a,b\n1,2\n", r"has the columns a, b but none for the set"),
        ("s.csv", "set,value\n1,2\n", r"has the columns set, value but none for its genes"),
        ("s.csv", "set,genes\nS,A\nT,\n", r"line 3 has no gene"),
        ("s.csv", "set,genes\n,A\n", r"line 2 has no set"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(write, name, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_gene_sets(write(name, text))


def test_hallmarks_are_the_fifty(real):
    sets = read_gene_sets(real / "gene_sets" / "h.all.v7.0.symbols.gmt")
    assert len(sets) == 50
    assert len(sets.sets["HALLMARK_APOPTOSIS"]) == 161
    assert {"LDLR", "HMGCR"} <= set(sets.sets["HALLMARK_CHOLESTEROL_HOMEOSTASIS"])


def test_real_annotations_agree_with_the_counts_that_their_authors_give(real):
    go = read_gene_sets(real / "gene_sets" / "GO_annotations-9606-direct-expev.tsv.gz")
    assert (len(go), go.resource.rows) == (11345, 11345)
    assert go.titles["GO:0000010"] == "trans-hexaprenyltranstransferase activity"
    pathways = read_gene_sets(real / "gene_sets" / "pathways.tsv.gz")
    assert len(pathways) == 1862
    assert len(pathways.sets["PC7_10400"]) == 45


def test_real_enrichr_sets_meet_hallmarks_through_hgnc(real, hgnc):
    old = read_gene_sets(real / "gene_sets" / "h.all.v7.0.symbols.gmt")
    new = read_gene_sets(real / "gene_sets" / "enrichr.GO_Biological_Process_2021.gmt.gz")
    plain, named = (match(old.genes, new.genes, genes=table) for table in (None, hgnc))
    assert len(new) == 6036
    assert len(named.found) - len(plain.found) == list(named.how.values()).count("previous symbol") == 31
    assert named.found["AARS"] == "AARS1"
