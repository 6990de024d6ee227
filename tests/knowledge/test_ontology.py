"""Terms inherit the genes of their children by is_a and part_of."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from vcassay.core import InputError
from vcassay.knowledge import propagate, read_gene_sets, read_ontology

OBO = """format-version: 1.2
data-version: releases/2023-07-27
! a comment

[Term]
id: GO:0000001
name: root

[Term]
id: GO:0000002
name: child
is_a: GO:0000001 ! root
alt_id: GO:0000012

[Term]
id: GO:0000003
name: part {note}
relationship: part_of GO:0000002 ! child
relationship: regulates GO:0000004 ! other

[Term]
id: GO:0000004
name: other
is_a: GO:0000001 {source="x"} ! root

[Term]
id: GO:0000005
name: gone
is_obsolete: true
replaced_by: GO:0000004

[Typedef]
id: part_of
name: part of
"""
SETS = "set,gene\nGO:0000003,A\nGO:0000012,B\nGO:0000005,C\nother sets,D\nfolding (GO:0000004),E\n"


@pytest.mark.parametrize("name", ["go.obo", "go.obo.gz"])
def test_terms_parents_and_the_day_of_release_are_read(write, name):
    ontology = read_ontology(write(name, OBO))
    assert len(ontology) == ontology.resource.rows == 4
    assert ontology.parents["GO:0000003"] == ("GO:0000002",)
    assert ontology.parents["GO:0000004"] == ("GO:0000001",)
    assert ontology.titles["GO:0000003"] == "part"
    assert ontology.resource.released == date(2023, 7, 27)
    assert ontology.ancestors()["GO:0000003"] == {"GO:0000001", "GO:0000002"}
    old = read_ontology(write("old.obo", OBO.replace("data-version: releases/2023-07-27", "date: 05:11:2012 10:20")))
    assert old.resource.released == date(2012, 11, 5)


def test_genes_rise_to_all_terms_above_and_no_further(write):
    sets = read_gene_sets(write("s.csv", SETS), kin=False)
    made = propagate(sets, read_ontology(write("go.obo", OBO)))
    assert dict(made.sets) == {
        "GO:0000003": ("A",),
        "GO:0000012": ("A", "B"),  # an alternative id keeps the name that the file gives it
        "GO:0000005": ("C", "E"),  # replaced, and so one term with the set that names the other id
        "other sets": ("D",),
        "GO:0000001": ("A", "B", "C", "E"),
    }
    assert made.titles["GO:0000001"] == "root"
    assert made.ontology.name == "go"
    assert made.resource == sets.resource
    assert not made.resource.kin


def test_closure_is_that_of_a_walk_over_all_paths(write):
    rng = np.random.default_rng(0)
    parents = {i: sorted(set(rng.integers(0, i, 2).tolist())) if i else [] for i in range(40)}
    stanzas = [
        f"[Term]\nid: T:{i:04d}\n" + "".join(f"is_a: T:{p:04d}\n" for p in own) for i, own in reversed(parents.items())
    ]
    above = read_ontology(write("t.obo", "\n".join(stanzas))).ancestors()

    def walk(i: int) -> set[int]:
        return set(parents[i]).union(*(walk(p) for p in parents[i])) if parents[i] else set()

    for i in parents:
        assert above[f"T:{i:04d}"] == {f"T:{p:04d}" for p in walk(i)}


def test_a_deep_ontology_is_no_recursion(write):
    deep = "".join(f"[Term]\nid: T:{i:05d}\n" + (f"is_a: T:{i + 1:05d}\n" if i < 2999 else "") for i in range(3000))
    assert len(read_ontology(write("deep.obo", deep)).ancestors()["T:00000"]) == 2999


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[Term]\nname: x\n", r"the term of line 1 has no id; hand in an OBO file"),
        ("[Term]\nid: A\n[Term]\nid: A\n", r"lists the term 'A' twice \(line 3\)"),
        ("[Term]\nid: A\nis_a: B ! gone\n", r"names parents that it does not hold \(B\)"),
        ("id,x\nA,1\n", r"holds no term"),
        ("[Term]\nid: A\nis_a: B\n[Term]\nid: B\nis_a: A\n", r"puts the term 'A' above itself; hand in a release"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(write, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_ontology(write("x.obo", text)).ancestors()


def test_sets_of_other_terms_are_refused(write):
    with pytest.raises(InputError, match=r"knows none of the sets of .*s\.gmt \(HALLMARK\); name sets by the ids"):
        propagate(read_gene_sets(write("s.gmt", "HALLMARK\t\tA\n")), read_ontology(write("go.obo", OBO)))
