"""Signatures: tables and pairs of sets, their weights on a screen's genes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import InputError
from vcassay.knowledge import read_signature


@pytest.mark.parametrize(
    "text", ["gene,weight\nTP53,1.5\nMYC,-2\n", "Symbol\tlog2FoldChange\tp\nTP53\t1.5\t.1\nMYC\t-2\t.2\n"]
)
def test_a_table_gives_weights(write, text):
    signature = read_signature(write("wanted.csv", text))
    assert dict(signature.weights) == {"TP53": 1.5, "MYC": -2.0}
    assert signature.resource.name == "wanted"


def test_two_sets_give_directions(write):
    signature = read_signature(write("wanted.gmt", "S_UP\tna\tA\tB\nS_DN\tna\tC\n"))
    assert dict(signature.weights) == {"A": 1.0, "B": 1.0, "C": -1.0}
    assert dict(read_signature(write("one.gmt", "HALLMARK_X\tna\tA\tB\n")).weights) == {"A": 1.0, "B": 1.0}
    assert dict(read_signature(write("down.gmt", "X_DOWN\tna\tA\n")).weights) == {"A": -1.0}


def test_weights_are_laid_on_the_screens_genes_and_what_is_unknown_is_named(write):
    signature = read_signature(write("wanted.csv", "gene,weight\nTP53,1.5\nmyc,-2\nNOSUCH,3\n"))
    weights, matched = signature.align(["MYC", "GAPDH", "TP53"])
    np.testing.assert_array_equal(weights, [-2.0, 0.0, 1.5])
    assert "matched 2 of 3 (67 %)" in matched.coverage()
    assert "unmatched: NOSUCH" in matched.coverage()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "gene,weight\nA,1\nA,2\n", "'A' twice"),
        ("a.csv", "gene,weight\nA,much\n", "weight 'much'"),
        ("a.csv", "gene,weight\nA,nan\n", "weight 'nan'"),
        ("a.csv", "gene,weight\nA,0\n", "weight 0"),
        ("a.csv", "gene,p\nA,0\n", "none for its weight"),
        ("a.gmt", "X_UP\tna\tA\nY_UP\tna\tB\n", "one direction"),
        ("a.gmt", "X_UP\tna\tA\nX_DN\tna\tA\n", "to rise and to fall"),
        ("a.gmt", "X\tna\tA\nX_DN\tna\tB\n", "which way the set 'X'"),
        ("a.gmt", "X\tna\tA\nY\tna\tB\nZ\tna\tC\n", "holds 3 sets"),
    ],
)
def test_what_cannot_be_a_signature_is_refused(write, name, text, says):
    with pytest.raises(InputError, match=says):
        read_signature(write(name, text))


def test_a_signature_of_other_genes_is_refused(write):
    with pytest.raises(InputError, match="shares no gene with the screen"):
        read_signature(write("a.csv", "gene,weight\nENSG01,1\n")).align(["A", "B"])
