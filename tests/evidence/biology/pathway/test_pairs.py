from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.biology.pathway.pairs import (
    LARGEST_SET,
    Pairs,
    count_partners,
    find_pairs,
    unite,
)
from vcassay.knowledge import Genes, GeneSets, Knowledge, Relations, Resource
from vcassay.testing.biology.pathways import complexes


def resource(name="sets"):
    return Resource(name, name, "", None, "", 0)


def family(**sets):
    return GeneSets(resource(), {k: tuple(sorted(v)) for k, v in sets.items()}, {})


def listed(pairs, names):
    return {(names[a], names[b]) for a, b in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)}


NAMES = ("D", "A", "C", "B")


def test_relations_and_members_of_moderate_sets_are_pairs():
    crowd = [f"X{i}" for i in range(int(LARGEST_SET.value))]
    sets = family(good=("A", "B", "Z"), small=("C", "D"), crowd=("C", "D", *crowd))
    known = Knowledge(relations=complexes([("A", "C"), ("C", "Q")]).relations, gene_sets=(sets,))
    direct, shared = find_pairs(NAMES, known)
    assert (direct.direct, shared.direct) == (True, False)
    assert listed(direct, NAMES) == {("A", "C")}
    assert listed(shared, NAMES) == {("A", "B")}
    assert (direct.left < direct.right).all()
    assert direct.coverage == "complexes knows 2 of 4"
    assert "sharing a set of 3 to 100 genes" in shared.resource
    assert count_partners(NAMES, known) == {"A": 1 + 2, "B": 2, "C": 2, "D": 0}


def test_paralogs_are_no_pathway():
    known = complexes([("A", "B")], kind="paralog")
    assert find_pairs(NAMES, known) == ()
    assert count_partners(["A"], known) == {"A": 0}


def test_a_gene_is_found_under_an_alias():
    genes = Genes(resource("genes"), ("A",), {k: {} for k in ("symbol", "previous symbol", "Ensembl id", "Entrez id")})
    genes.names["symbol"]["a"] = (0,)
    genes.names["alias"] = {"olda": (0,)}
    known = Knowledge(relations=complexes([("OLDA", "B")]).relations, genes=genes)
    assert listed(find_pairs(NAMES, known)[0], NAMES) == {("A", "B")}


def test_weights_are_signs_only_where_one_is_negative():
    pairs = [("A", "B"), ("A", "C")]
    plain = complexes(pairs, sign=np.array([0.7, 0.9]))
    signed = complexes(pairs, sign=np.array([-1.0, 1.0]))
    assert find_pairs(NAMES, plain)[0].sign.tolist() == [0, 0]
    found = find_pairs(NAMES, signed)[0]
    at = {frozenset((NAMES[a], NAMES[b])): s for a, b, s in zip(found.left, found.right, found.sign, strict=True)}
    assert at == {frozenset("AB"): -1, frozenset("AC"): 1}


def test_united_pairs_are_once_and_a_known_sign_wins():
    def pairs(rows):
        left, right, sign = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        return Pairs("r", left, right, sign, "")

    found = unite([pairs([(0, 1, 0), (1, 2, 1)]), pairs([(0, 1, -1), (1, 2, -1), (2, 3, 0)])])
    assert list(zip(*(own.tolist() for own in found), strict=True)) == [(0, 1, -1), (1, 2, 0), (2, 3, 0)]
    assert len(unite([]).left) == 0


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_pairs_do_not_depend_on_the_order_of_names(order):
    names = tuple(NAMES[i] for i in order)
    known = Knowledge(relations=(Relations.make(resource(), "complex", ["A", "B"], ["C", "D"]),))
    assert {frozenset(p) for p in listed(find_pairs(names, known)[0], names)} == {frozenset("AC"), frozenset("BD")}
