from __future__ import annotations

import pytest

from vcassay.core import InputError
from vcassay.knowledge import read_genes

HGNC = (
    "symbol\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\n"
    'KMT2D\t"ALR|MLL4"\tMLL2\t8085\tENSG00000167548\n'
    "KMT2B\tMLL2|MLL4\t\t9757\tENSG00000272333\n"
    "C9orf72\t\t\t203228\tENSG00000147894\n"
)


def test_names_lead_to_symbols_in_order_of_sureness(write):
    genes = read_genes(write("hgnc.tsv", HGNC))
    assert genes.resolve("kmt2d") == (("KMT2D",), "symbol")
    assert genes.resolve("MLL2") == (("KMT2D",), "previous symbol")
    assert genes.resolve("MLL4") == (("KMT2D", "KMT2B"), "alias")
    assert genes.resolve("C9ORF72") == (("C9orf72",), "symbol")
    assert genes.resolve("ENSG00000147894.13") == (("C9orf72",), "Ensembl id")
    assert genes.resolve("9757") == (("KMT2B",), "Entrez id")
    assert genes.resolve("nobody") == ((), "")


def test_a_table_of_symbols_alone_will_do(write):
    genes = read_genes(write("g.csv", "gene\nA\nB\n"), released="2024-01-02")
    assert genes.symbols == ("A", "B")
    assert genes.resolve("") == ((), "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x,y\nA,B\n", "has the columns x, y but none for the gene symbol"),
        ("symbol,alias\nA,\nB,\nA,C\n", "lists the gene 'A' on lines 2 and 4; keep one line a gene"),
        ("symbol,alias\n,C\n", "line 2 has no gene symbol"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(write, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_genes(write("g.csv", text))


def test_real_names(hgnc):
    assert len(hgnc) == 44689
    assert hgnc.resolve("STK12") == (("AURKB",), "previous symbol")
    assert hgnc.resolve("AIM1") == (("CRYBG1",), "previous symbol")
    assert hgnc.resolve("p53") == (("TP53",), "alias")
