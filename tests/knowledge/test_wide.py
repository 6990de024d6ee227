"""Gene sets and pairs that a file holds as a matrix."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import InputError
from vcassay.knowledge import read_gene_sets, read_relations


@pytest.mark.parametrize("name", ["s.gmx", "s.gmx.gz"])
def test_gmx_is_gmt_on_its_side(write, name):
    sets = read_gene_sets(write(name, "S\tT\nfirst\tna\nA\tC\nB\t\n"))
    assert dict(sets.sets) == {"S": ("A", "B"), "T": ("C",)}
    assert dict(sets.titles) == {"S": "first"}


def test_a_table_of_membership_is_read_by_column(write):
    sets = read_gene_sets(write("m.csv.gz", "gene,S,T,empty\nA,1,0,0\nB,1.0,True,0\nC,,1,\n"))
    assert dict(sets.sets) == {"S": ("A", "B"), "T": ("B", "C")}
    assert read_gene_sets(write("m.tsv", "\tS\nA\t1\nB\t0\n")).sets == {"S": ("A",)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("gene,S,T\nA,1,0.5\nB,0,1\n", r"none for the set"),
        ("gene,S,S\nA,1,0\nB,0,1\n", r"none for the set"),
        ("gene,S\n,1\nB,0\n", r"line 2 has no gene"),
        ("gene,S\nA,0\n", r"none for the set"),
    ],
)
def test_other_tables_are_no_membership(write, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_gene_sets(write("m.csv", text))


def test_a_square_matrix_is_read_as_pairs(write):
    pairs = read_relations(write("r.csv", ",A,B,C\nA,1,0.5,0\nB,0.5,1,-0.9\nC,0.0,-0.9,1\n"), kin=False)
    assert [(pairs.names[i], pairs.names[j]) for i, j in zip(pairs.left, pairs.right, strict=True)] == [
        ("A", "B"),
        ("B", "C"),
    ]
    np.testing.assert_array_equal(pairs.weight, [0.5, -0.9])
    assert not pairs.resource.kin


def test_a_square_matrix_with_a_word_or_nothing_but_zeros_is_refused(write):
    with pytest.raises(InputError, match=r"line 2 has the weight 'high'"):
        read_relations(write("r.csv", ",A,B\nA,1,high\nB,0,1\n"))
    with pytest.raises(InputError, match=r"pairs every name with itself"):
        read_relations(write("z.csv", ",A,B\nA,1,0\nB,0,1\n"))


def test_a_matrix_of_other_names_is_none(write):
    with pytest.raises(InputError, match=r"none for the first name of a pair"):
        read_relations(write("r.csv", ",P,Q\nP,1,0\nR,0,1\n"))
