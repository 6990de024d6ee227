from __future__ import annotations

import math

import pytest

from vcassay.knowledge import match, read_genes
from vcassay.knowledge.identifiers import SPELLING, inverted, letters


@pytest.fixture
def genes(write):
    rows = "symbol,prev_symbol,alias_symbol,ensembl_gene_id\n"
    rows += "AURKB,STK12,AIK2|X1,ENSG00000178999\nKMT2D,MLL2,MLL4,\nKMT2B,,MLL2|MLL4,\nTP53,,p53,ENSG00000141510\n"
    return read_genes(write("genes.csv", rows))


def test_the_surest_way_is_taken(genes):
    known = ["AURKB", "Tp53", "KMT2B", "other"]
    matched = match(["AURKB", "TP53", "nobody", "ENSG00000178999.14", "STK12", "AURKB"], known, genes=genes)
    assert matched.wanted == ("AURKB", "TP53", "nobody", "ENSG00000178999.14", "STK12")
    assert matched.found == {"AURKB": "AURKB", "TP53": "Tp53", "ENSG00000178999.14": "AURKB", "STK12": "AURKB"}
    assert matched.how == {
        "AURKB": "exact", "TP53": "case", "ENSG00000178999.14": "Ensembl id", "STK12": "previous symbol"
    }  # fmt: skip
    assert matched.unmatched == ("nobody",)


def test_a_resource_of_old_names_or_accessions_is_met(genes):
    matched = match(["AURKB", "KMT2D", "TP53"], ["X1", "MLL2", "ENSG00000141510.18"], genes=genes)
    assert matched.found == {"AURKB": "X1", "KMT2D": "MLL2", "TP53": "ENSG00000141510.18"}
    assert list(matched.how.values()) == ["alias", "previous symbol", "Ensembl id"]


def test_ambiguity_is_listed_and_not_settled(genes):
    matched = match(["MLL4", "abc", "KMT2B"], ["KMT2D", "KMT2B", "Abc", "ABC", "STK12", "AIK2"], genes=genes)
    assert matched.found == {"KMT2B": "KMT2B"}
    assert matched.ambiguous == {"abc": ("Abc", "ABC"), "MLL4": ("KMT2D", "KMT2B")}
    assert match(["AURKB"], ["STK12", "AIK2"], genes=genes).ambiguous == {"AURKB": ("STK12", "AIK2")}
    assert "abc (Abc or ABC?)" in matched.coverage()


def test_an_ambiguous_alias_of_the_resource_is_not_used(genes):
    assert match(["KMT2B"], ["MLL4"], genes=genes).found == {}


def test_the_current_symbol_goes_before_old_ones_of_the_resource(genes):
    assert match(["STK12"], ["AIK2", "AURKB"], genes=genes).found == {"STK12": "AURKB"}


def test_coverage_says_how_and_what_is_missing():
    wanted = [f"G{i}" for i in range(231)]
    matched = match(wanted, [f"G{i}" for i in range(205)] + [f"g{i}" for i in range(205, 214)], resource="HuMAP")
    text = matched.coverage(limit=2)
    assert text == "HuMAP: matched 214 of 231 (93 %), 9 by case; unmatched: G214, G215 and 15 more"
    assert matched.share == pytest.approx(214 / 231)
    assert match(["A"], ["A"]).coverage() == "the resource: matched 1 of 1 (100 %)"
    assert "(> 99 %)" in match([str(i) for i in range(1000)], [str(i) for i in range(999)]).coverage()
    assert "(< 1 %)" in match([str(i) for i in range(1000)], ["7"]).coverage()
    assert "(0 %)" in match(["A"], ["B"]).coverage()


def test_nothing_wanted_is_undefined():
    matched = match([], ["A"])
    assert math.isnan(matched.share)
    assert matched.coverage() == "the resource: nothing to match"


def test_spellings_and_names_of_one_thing():
    ways = ((SPELLING, letters),)
    assert match(["MCF7"], ["MCF-7"], spellings=ways).how == {"MCF7": "spelling"}
    assert match(["MCF7"], ["MCF-7", "MCF 7"], spellings=ways).ambiguous == {"MCF7": ("MCF-7", "MCF 7")}
    assert match(["MCF7"], ["MCF-7", "MCF 7"], spellings=ways, several=True).found == {"MCF7": "MCF-7"}


def test_letters_tell_enantiomers_and_greek_apart():
    assert letters("(+)-JQ1") != letters("(-)-JQ1")
    assert letters("TGFβ 1") != letters("TGF-1")
    assert letters("AZD-8055") == letters("azd 8055")
    assert letters("--") == "--"


def test_inversion_keeps_all_who_ask():
    assert inverted({"a": "X", "b": "X", "c": "Y"}) == {"X": ["a", "b"], "Y": ["c"]}


def test_a_second_look_adds_what_it_finds_and_takes_nothing_back():
    first = match(["A [x]", "B", "C [y]", "D"], ["B"], resource="r")
    more = match(["A", "b", "C"], ["A", "c", "C"])
    both = first.also(more, lambda name: name.split(" [")[0])
    assert both.found == {"B": "B", "A [x]": "A", "C [y]": "C"}
    assert both.unmatched == ("D",)
    assert both.resource == "r"
