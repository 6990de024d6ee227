from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from vcassay.evidence.leakage.kin.partners import find_partners, partner_by_chance, read_sources
from vcassay.knowledge import GeneSets, Knowledge, Relations, Resource


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def resource(name: str, *, kin: bool = True) -> Resource:
    return Resource(name, "", "", None, "", 0, kin)


def pairs(name: str, rows: list[tuple[str, str]], *, kin: bool = True) -> Relations:
    return Relations.make(resource(name, kin=kin), "partner", *([row[k] for row in rows] for k in (0, 1)))


@given(st.integers(2, 60), st.data())
def test_chance_is_hypergeometric(n_genes, data):
    n = data.draw(st.integers(1, n_genes - 1))
    d = data.draw(st.integers(0, n_genes - 1))
    expected = 1 - hypergeom(n_genes - 1, d, n).pmf(0)
    np.testing.assert_allclose(partner_by_chance(np.array([d]), n, n_genes), expected, atol=1e-10)


def test_chance_is_the_share_over_all_ways_to_deal_the_roles():
    joined = {0: {1, 2}, 1: {0}, 2: {0}, 3: set(), 4: {5}, 5: {4}}
    ways = [set(w) for w in combinations(range(6), 3)]
    for gene, own in joined.items():
        test = [w for w in ways if gene not in w]
        share = np.mean([bool(own & w) for w in test])
        np.testing.assert_allclose(partner_by_chance(np.array([len(own)]), 3, 6), share)


def test_partners_of_pairs_and_sets_are_counted_once_and_none_is_its_own():
    names = ("A", "B", "C", "D", "E")
    sets = GeneSets(resource("sets"), {"S": ("A", "B", "C"), "T": ("D",)}, {})
    known = Knowledge(relations=(pairs("rel", [("A", "B"), ("d", "X")]),), gene_sets=(sets,))
    found = find_partners(
        names, np.array([0, 3, 4]), np.array([False, True, True, False, False]), read_sources(names, known)
    )
    assert found.known.tolist() == [True, True, False]
    assert found.degree.tolist() == [2, 0, 0]
    assert found.trained.tolist() == [2, 0, 0]
    assert found.touched.tolist() == [True, False, False]
    assert (found.example[0], found.by[0]) == (1, 0)
    assert found.by[1:].tolist() == [-1, -1]


def test_partners_agree_with_a_loop_over_pairs(rng):
    names = tuple(f"G{i:03d}" for i in range(300))
    ends = rng.integers(0, 300, (800, 2))
    rows = [(names[i], names[j]) for i, j in ends.tolist() if i != j]
    trained = rng.random(300) < 0.5
    at = np.flatnonzero(~trained)
    found = find_partners(names, at, trained, read_sources(names, Knowledge(relations=(pairs("r", rows),))))
    joined = {frozenset(row) for row in rows}
    for k in range(0, len(at), 17):
        own = [other for other in names if frozenset((names[at[k]], other)) in joined and other != names[at[k]]]
        assert found.degree[k] == len(own)
        assert found.trained[k] == sum(trained[names.index(other)] for other in own)


def test_kin_goes_before_networks():
    known = Knowledge(relations=(pairs("network", [("A", "B")], kin=False), pairs("complex", [("A", "C")])))
    assert [s.name for s in read_sources(("A", "B", "C"), known)] == ["complex", "network"]
