from __future__ import annotations

import pytest

from vcassay.evidence.leakage.kin.spelling import same_spelling, stem


@pytest.mark.parametrize(
    ("one", "other"),
    [("HEK293", "HEK-293"), ("A549_ATCC", "a549"), ("K562 dCas9-KRAB", "K-562"), ("MCF 7", "MCF7"), ("X_rep2", "X")],
)
def test_names_of_one_line(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("HEK293", "HEK293T"), ("CD34+ HSC", "CD34- HSC"), ("cluster 1.1", "cluster 11"), ("P1", "P2"), ("T", "B"),
     ("donor_1", "donor_2"), ("SNU-1", "SNU-16"), ("cell", "line"), ("日本", "日")],
)  # fmt: skip
def test_names_of_two(one, other):
    assert stem(one) != stem(other)


def test_a_name_of_marks_alone_keeps_its_form():
    assert stem("-") == "-"
    assert same_spelling(["b", "A-1"], ["a1", "A 1", "c"]) == {"A-1": ("A 1", "a1")}
