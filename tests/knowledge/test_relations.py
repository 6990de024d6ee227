from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from vcassay.core import InputError
from vcassay.knowledge import read_relations
from vcassay.knowledge.relations import COESSENTIAL, STRING_PARTNER, Relations
from vcassay.knowledge.resource import Resource

NOWHERE = Resource("pairs", "", "", None, "", 0)


def make(a: str, b: str, weight: list[float] | None = None) -> Relations:
    return Relations.make(NOWHERE, "partner", list(a), list(b), None if weight is None else np.asarray(weight))


def pairs(relations: Relations) -> list[tuple[str, str]]:
    return [(relations.names[i], relations.names[j]) for i, j in zip(relations.left, relations.right, strict=True)]


def test_pairs_are_undirected_unique_and_never_with_themselves():
    relations = make("BACCBX", "ABBCAX", [0.2, 0.9, 0.5, 1.0, np.nan, 1.0])
    assert relations.names == ("A", "B", "C")
    assert pairs(relations) == [("A", "B"), ("B", "C")]
    assert relations.weight.tolist() == [0.9, 0.5]


def test_of_two_weights_the_one_further_from_zero_is_kept():
    assert make("ABA", "BAB", [0.3, -0.8, np.nan]).weight.tolist() == [-0.8]
    assert make("AB", "BA", [np.nan, 0.0]).weight.tolist() == [0.0]
    assert np.isnan(make("A", "B").weight).all()


def test_threshold_drops_weak_pairs_and_their_names():
    relations = make("ABC", "BCD", [0.9, -0.7, 0.2])
    assert pairs(relations.at_least(0.5)) == [("A", "B")]
    assert relations.at_least(0.5).names == ("A", "B")
    assert pairs(relations.at_least(float(COESSENTIAL), magnitude=True)) == [("A", "B"), ("B", "C")]
    assert len(make("A", "B").at_least(0.0)) == 0


def test_neighbours_components_and_matrix():
    relations = make("ABDX", "BCEX", [1, 2, 3, 4])
    assert relations.neighbours("B") == ("A", "C")
    assert relations.neighbours("X") == relations.neighbours("nobody") == ()
    assert relations.components() == (("A", "B", "C"), ("D", "E"))
    np.testing.assert_array_equal(relations.matrix(["B", "Z", "A"]).toarray(), [[0, 0, 1], [0, 0, 0], [1, 0, 0]])
    assert make("A", "B").matrix(["A", "B"]).toarray().tolist() == [[0, 1], [1, 0]]


def test_restriction_renames_and_splits_a_name_wanted_twice():
    relations = make("AB", "BC", [0.4, 0.6]).restrict({"a": "A", "b": "B", "b2": "B"})
    assert pairs(relations) == [("a", "b"), ("a", "b2")]
    assert relations.weight.tolist() == [0.4, 0.4]


def test_components_agree_with_a_walk_over_the_pairs():
    rng = np.random.default_rng(3)
    a, b = (rng.integers(0, 200, 150).astype(str) for _ in range(2))
    relations = Relations.make(NOWHERE, "partner", a.tolist(), b.tolist())
    near = defaultdict(set)
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        near[x].add(y)
        near[y].add(x)
    left, walked = {n for n in near if near[n] != {n}}, set()
    while left:
        reached = {min(left)}
        while (more := set().union(*(near[n] for n in reached)) | reached) != reached:
            reached = more
        walked.add(tuple(sorted(reached)))
        left -= reached
    assert set(relations.components()) == walked


def test_weights_that_are_missing_are_nan_and_the_others_kept(write):
    whole = read_relations(write("whole.csv", "a,b,weight\nx,y,0.5\ny,z,1e-3\n"))
    some = read_relations(write("some.csv", "a,b,weight\nx,y,0.5\ny,z,1e-3\nx,z,NA\n"))
    assert whole.weight.tolist() == [0.5, 1e-3]
    np.testing.assert_array_equal(some.weight, [0.5, np.nan, 1e-3])


def test_pairs_of_names_alone_that_are_wanted_stay():
    three = Relations.make(NOWHERE, "partner", ["a", "b", "c"], ["b", "c", "d"], np.array([1.0, 2.0, 3.0]))
    kept = three.restrict({"B": "b", "C": "c"})
    assert (kept.names, kept.weight.tolist()) == (("B", "C"), [2.0])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("e.csv", "a,b,weight\nX,Y,900\nY,Z,\n"),
        ("9606.protein.links.txt.gz", "protein1 protein2 combined_score\nX Y 900\nY X 900\nY Z NA\n"),
    ],
)
def test_edge_lists_are_read_with_usual_columns(write, name, text):
    relations = read_relations(write(name, text), "network neighbour", released="2023-07-26")
    assert pairs(relations) == [("X", "Y"), ("Y", "Z")]
    np.testing.assert_array_equal(relations.weight, [900, np.nan])
    assert pairs(relations.at_least(float(STRING_PARTNER))) == [("X", "Y")]


def test_columns_may_be_named_and_weights_left_out(write):
    path = write("p.csv", "gene,paralog,identity,score\nX,Y,80,1\n")
    assert read_relations(path, "paralog", columns=("gene", "paralog"), weight="identity").weight.tolist() == [80.0]
    assert np.isnan(read_relations(path, "paralog", columns=("gene", "paralog"), weight="").weight).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x,y\nA,B\n", r"has the columns x, y but none for the first name of a pair"),
        ("a,b\nA,B\nC,\n", r"line 3 has no name of a partner"),
        ("a,b,score\nA,B,high\n", r"line 2 has the weight 'high'; write a finite number, or leave it empty\."),
        ("a,b,score\nA,B,inf\n", r"line 2 has the weight 'inf'"),
        ("a,b\nA,A\n", r"pairs every name with itself; hand in at least one pair of two names\."),
    ],
)
def test_mistakes_are_refused_in_one_sentence(write, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_relations(write("e.csv", text))


@pytest.mark.parametrize(("name", "rows", "unique"), [("Reactome", 22865, 18565), ("HuMAP", 117076, 58538)])
def test_real_pairs(real, name, rows, unique):
    relations = read_relations(real / "gene_relationships" / f"{name}.txt.gz", "same complex")
    assert (relations.resource.rows, len(relations)) == (rows, unique)
    assert (relations.left < relations.right).all()
    if name == "HuMAP":
        assert "GOLGA2" in relations.neighbours("GORASP1")
