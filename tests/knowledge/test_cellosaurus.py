from __future__ import annotations

from datetime import date

import pytest

from vcassay.core import InputError
from vcassay.knowledge import read_cell_lines

TABLE = """AC\tID\tSY\tHI\tOI
CVCL_0063\tHEK293T\t293T; HEK 293T\tCVCL_0045 ! HEK293\t
CVCL_6911\tHEK293FT\t293FT\tCVCL_0045 ! HEK293\t
CVCL_0004\tK-562\tK562; GM05372\t\t
CVCL_1234\tTwin A\tshared\t\tCVCL_4321 ! Twin B
CVCL_5678\tAlone\tshared\t\t
"""

FLAT = """----------------------
 Description: Cellosaurus

---------  ---------------------------     ----------------------
ID         Identifier (cell line name)     Once; starts an entry
AC         Accession (CVCL_xxxx)           Once
//         Terminator                      Once; ends an entry
____________________________________________________________________________
ID   HeLa
AC   CVCL_0030
SY   HELA; He La
OX   NCBI_TaxID=9606; ! Homo sapiens (Human)
CA   Cancer cell line
DT   Created: 04-04-12; Last updated: 25-06-26; Version: 53
//
ID   HEp-2
AC   CVCL_1906
HI   CVCL_0030 ! HeLa
OI   CVCL_7777 ! One
OI   CVCL_8888 ! Two
DT   Created: 04-04-12; Last updated: 10-04-25; Version: 43
//
"""


def test_families_run_through_lines_that_are_not_in_the_table(write):
    lines = read_cell_lines(write("c.tsv", TABLE), released="2024-10-01")
    assert lines.parents[:2] == (("CVCL_0045",), ("CVCL_0045",))
    assert lines.same[3] == ("CVCL_4321",)
    related = lines.related()
    families = [f for f in related.members if len(f) > 1]
    assert families == [("CVCL_0045", "CVCL_0063", "CVCL_6911"), ("CVCL_1234", "CVCL_4321")]
    steps = related.why("CVCL_0063", "CVCL_6911")
    assert [s.right for s in steps] == ["CVCL_0045", "CVCL_6911"]
    assert {s.reasons for s in steps} == {("parent and child",)}
    assert related.why("CVCL_1234", "CVCL_4321")[0].reasons == ("same individual",)


def test_contexts_are_found_by_accession_name_or_synonym(write):
    lines = read_cell_lines(write("c.tsv", TABLE))
    matched = lines.find(["CVCL_0004", "K562", "k 562", "HEK293T", "293t", "shared", "nobody", "Twin A"])
    assert matched.found == {
        "CVCL_0004": "CVCL_0004", "K562": "CVCL_0004", "k 562": "CVCL_0004", "HEK293T": "CVCL_0063",
        "293t": "CVCL_0063", "Twin A": "CVCL_1234",
    }  # fmt: skip
    assert (matched.how["HEK293T"], matched.how["K562"], matched.how["293t"]) == ("exact", "name", "synonym")
    assert matched.ambiguous == {"shared": ("CVCL_1234", "CVCL_5678")}
    assert matched.unmatched == ("shared", "nobody")


def test_the_flat_file_is_read_past_its_legend(write):
    lines = read_cell_lines(write("cellosaurus.txt.gz", FLAT))
    assert lines.accessions == ("CVCL_0030", "CVCL_1906")
    assert lines.synonyms == (("HELA", "He La"), ())
    assert lines.parents == ((), ("CVCL_0030",))
    assert lines.same == ((), ("CVCL_7777", "CVCL_8888"))
    assert (lines.resource.released, lines.resource.rows) == (date(2026, 6, 25), 2)


def test_relations_by_name_and_by_donor(write):
    lines = read_cell_lines(write("c.csv", "accession,name,parent,donor\n1,A,,p1\n2,B,a,p2\n3,C,NA,p1\n4,D,,\n5,E,,\n"))
    assert lines.parents == ((), ("1",), (), (), ())
    related = lines.related()
    assert related.members == (("1", "2", "3"), ("4",), ("5",))
    assert related.why("1", "3")[0].reasons == ("same donor p1",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,HI\nA,\n", "has the columns name, HI but none for the accession"),
        ("AC,ID\nA,B\n", r"but none for the parent \(HI\), the same individual \(OI\) or the donor; name that column"),
        ("AC,HI\nA,\nA,\n", "lists 'A' on lines 2 and 3; keep one record a cell line"),
        ("AC,HI\n,\nA,B\n", "line 3 relates to 'B', which is no accession and no name in the table"),
        ("AC,HI\n,CVCL_0001\n", "line 2 has no accession"),
        ("ID   HeLa\nHI   CVCL_0030\n//\n", "the record of line 1 has no accession"),
        ("ID   HeLa\nAC   CVCL_0030\n", "holds no record"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(write, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_cell_lines(write("c.csv", text))


def test_facts_of_lines_are_read_in_words(write):
    text = FLAT.replace(
        "CA   Cancer cell line\n",
        "SX   Female\nDI   NCIt; C27677; Cervical carcinoma\nDI   ORDO; Orphanet_1; Another\nCA   Cancer cell line\n"
        "CC   Derived from site: In situ; Uterus, cervix; UBERON=UBERON_0000002.\n",
    )
    lines = read_cell_lines(write("cellosaurus.txt", text))
    assert {fact: column[0] for fact, column in lines.labels.items()} == {
        "disease": ("Cervical carcinoma", "Another"),
        "sex": ("Female",),
        "species": ("Homo sapiens (Human)",),
        "tissue": ("Uterus, cervix",),
        "category": ("Cancer cell line",),
    }
    assert all(column[1] == () for column in lines.labels.values())
    table = read_cell_lines(write("t.tsv", "AC\tHI\tOX\tgender\nCVCL_1\t\tNCBI_TaxID=9606; ! Homo sapiens\tunknown\n"))
    assert table.labels == {"species": (("Homo sapiens",),)}
    assert read_cell_lines(write("c.tsv", TABLE)).labels == {}
