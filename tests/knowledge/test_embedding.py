"""Gene sets, networks and structures as features, against dense recomputations and closed forms."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.knowledge import (
    Features,
    GeneSets,
    Relations,
    Resource,
    annotation_pca,
    fingerprints,
    network_embedding,
    read_gene_sets,
    read_relations,
    structures,
)
from vcassay.knowledge import embedding as module
from vcassay.knowledge.embedding import turned

FACTS = Resource("r", "r.csv", "", date(2020, 1, 1), "", 0)


def sets_of(**members: str) -> GeneSets:
    return GeneSets(FACTS, {k: tuple(sorted(v.split())) for k, v in members.items()}, {})


def random_sets(seed: int, n: int = 60, m: int = 40) -> GeneSets:
    rng = np.random.default_rng(seed)
    genes = [f"G{i:03d}" for i in range(n)]
    chosen = [rng.choice(genes, rng.integers(2, 9), replace=False) for _ in range(m)]
    return GeneSets(FACTS, {f"S{j}": tuple(sorted(own.tolist())) for j, own in enumerate(chosen)}, {})


def pairs_of(edges: list[tuple[str, str]], weight: list[float] | None = None) -> Relations:
    left, right = zip(*edges, strict=True)
    return Relations.make(FACTS, "network neighbour", left, right, None if weight is None else np.array(weight))


def gram(features: Features) -> np.ndarray:
    return features.matrix @ features.matrix.T


class TestAnnotation:
    def test_all_components_keep_every_inner_product_of_the_centred_matrix(self) -> None:
        sets = random_sets(0)
        member = sets.membership(sets.genes).toarray().astype(float)
        centred = member - member.mean(axis=0)
        made = annotation_pca(sets)
        np.testing.assert_allclose(gram(made), centred @ centred.T, atol=1e-10)
        np.testing.assert_allclose(made.matrix.mean(axis=0), 0.0, atol=1e-12)
        assert np.all(np.diff(made.matrix.var(axis=0)) <= 1e-12)
        assert (made.kind, made.ids, made.resource) == ("annotation", sets.genes, FACTS)

    def test_leading_components_by_iteration_are_those_of_the_whole_decomposition(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sets = random_sets(1, 80, 50)
        whole = annotation_pca(sets, 6)
        monkeypatch.setattr(module, "DENSE", 0)
        np.testing.assert_allclose(annotation_pca(sets, 6).matrix, whole.matrix, atol=1e-8)

    @pytest.mark.parametrize("dense", [0, 400])
    def test_the_order_of_sets_in_the_file_does_not_matter(self, dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "DENSE", dense)
        sets = random_sets(2)
        turned_round = GeneSets(FACTS, dict(reversed(sets.sets.items())), {})
        np.testing.assert_array_equal(annotation_pca(sets, 5).matrix, annotation_pca(turned_round, 5).matrix)

    def test_two_groups_of_genes_differ_in_one_component(self) -> None:
        made = annotation_pca(sets_of(one="A B C", two="D E", three="A B C"))
        assert made.matrix.shape == (5, 1)
        # distance between groups in the binary matrix: three columns differ
        assert abs(made.matrix[0, 0] - made.matrix[4, 0]) == pytest.approx(np.sqrt(3))
        assert made.matrix[4, 0] > 0 > made.matrix[0, 0]  # the smaller group lies further out

    def test_sets_that_tell_no_gene_apart_give_no_column(self) -> None:
        assert annotation_pca(sets_of(one="A B", two="A B")).matrix.shape == (2, 0)
        assert annotation_pca(sets_of(one="A")).matrix.shape == (1, 0)


class TestNetwork:
    def dense(self, relations: Relations, d: int) -> np.ndarray:
        """Gram matrix of the coordinates, from the definition."""
        a = np.abs(relations.matrix(relations.names).toarray())
        n = len(a)
        a = a + a.sum(axis=1).mean() / n
        degree = a.sum(axis=1)
        value, vector = np.linalg.eigh(a / np.sqrt(np.outer(degree, degree)))
        at = [i for i in np.argsort(-value)[1 : d + 1] if value[i] > 1e-10]
        scores = vector[:, at] * value[at] / np.sqrt(degree)[:, None] * np.sqrt(degree.sum())
        return scores @ scores.T

    def random(self, seed: int, n: int = 60, m: int = 150) -> Relations:
        rng = np.random.default_rng(seed)
        ends = rng.integers(0, n, (m, 2))
        return pairs_of([(f"G{i:03d}", f"G{j:03d}") for i, j in ends if i != j])

    @pytest.mark.parametrize("dense", [0, 400])
    @pytest.mark.parametrize("seed", [0, 1])
    def test_coordinates_are_those_of_the_definition(
        self, seed: int, dense: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "DENSE", dense)
        relations = self.random(seed)
        made = network_embedding(relations, 8)
        assert made.matrix.shape == (len(relations.names), 8)
        np.testing.assert_allclose(gram(made), self.dense(relations, 8), atol=1e-8)
        assert made.kind == "network"

    def test_two_cliques_are_parted_by_the_first_column(self) -> None:
        clique = [(f"{g}{i}", f"{g}{j}") for g in "AB" for i in range(6) for j in range(i)]
        made = network_embedding(pairs_of([*clique, ("A0", "B0")]))
        side = np.sign(made.matrix[:, 0])
        assert set(side[:6]) | set(side[6:]) == {1.0, -1.0}
        assert len(set(side[:6])) == len(set(side[6:])) == 1

    def test_small_components_have_rows_and_do_not_take_the_first_columns(self) -> None:
        rng = np.random.default_rng(0)
        group = {f"G{i:03d}": i % 2 for i in range(80)}
        names = list(group)
        edges = [
            (a, b) for a in names for b in names if a < b and rng.random() < (0.3 if group[a] == group[b] else 0.02)
        ]
        apart = [(f"X{i}", f"Y{i}") for i in range(10)]
        made = network_embedding(pairs_of([*edges, *apart]), 5)
        assert np.isfinite(made.matrix).all()
        assert {name for pair in apart for name in pair} <= set(made.ids)
        rows = [made.ids.index(n) for n in names if n in made.ids]
        first = made.matrix[rows, 0]
        truth = np.array([group[made.ids[i]] for i in rows], dtype=float)
        assert abs(np.corrcoef(first, truth)[0, 1]) > 0.9

    def test_weights_count_and_their_signs_do_not(self) -> None:
        made = self.random(3)
        edges = [(made.names[i], made.names[j]) for i, j in zip(made.left, made.right, strict=True)]
        up = np.random.default_rng(0).uniform(0.1, 2.0, len(edges))
        weights = (up, up * np.where(np.arange(len(up)) % 2, -1, 1), np.ones(len(up)))
        made = [gram(network_embedding(pairs_of(edges, own.tolist()))) for own in weights]
        np.testing.assert_allclose(made[0], made[1], atol=1e-12)
        assert np.abs(made[0] - made[2]).max() > 0.01

    def test_one_pair(self) -> None:
        made = network_embedding(pairs_of([("A", "B")]))
        assert made.ids == ("A", "B")
        assert np.isfinite(made.matrix).all()


class TestFingerprints:
    def test_rows_are_the_bits_of_known_structures(self) -> None:
        pytest.importorskip("rdkit")
        shape = structures(["ethanol", "unknown", "phenol"], ["CCO", "", "c1ccccc1O"])
        made = fingerprints(shape)
        assert made is not None
        assert made.ids == ("ethanol", "phenol")
        assert made.kind == "fingerprint"
        np.testing.assert_array_equal(made.matrix, shape.bits[[0, 2]])

    def test_without_chemistry_or_structures_there_are_none(self) -> None:
        assert fingerprints(structures(["ethanol"], ["CCO"], chemistry=False)) is None
        assert fingerprints(structures(["unknown"], [""])) is None


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4))
def test_signs_do_not_depend_on_the_library(seed: int, signs: list[float]) -> None:
    scores = np.random.default_rng(seed).normal(size=(9, 4))
    scores[:, 3] = [-2, 2, -1, 1, 0, 0, 0, 0, 0]  # no longer tail
    np.testing.assert_array_equal(turned(scores * signs), turned(scores))


@pytest.mark.slow
def test_real_resources_are_embedded_in_seconds(real) -> None:
    started = time.perf_counter()
    go = annotation_pca(read_gene_sets(real / "gene_sets" / "GO_annotations-9606-direct-expev.tsv.gz"))
    string = network_embedding(read_relations(real / "gene_relationships" / "StringDB.txt.gz"))
    assert time.perf_counter() - started < 60
    assert go.matrix.shape == (13997, 256)
    assert string.matrix.shape == (10335, 100)
    row = dict(zip(string.ids, string.matrix, strict=True))
    near = np.linalg.norm(row["PSMA1"] - row["PSMB1"])
    assert near < 0.2 * np.linalg.norm(row["PSMA1"] - row["NDUFA2"])
