"""Knowledge becomes blocks of features under the study's own names, each with its coverage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from vcassay.claim.kind import gene_of
from vcassay.core import Conditions
from vcassay.evidence.baselines.prior import context_prior, prior_features
from vcassay.knowledge import (
    CellLines,
    Compounds,
    Features,
    Genes,
    GeneSets,
    Knowledge,
    Relations,
    Resource,
    annotation_pca,
    network_embedding,
    structures,
)


def facts(name: str) -> Resource:
    return Resource(name, f"{name}.csv", "0" * 64, date(2020, 1, 1), "", 0)


SETS = GeneSets(facts("sets"), {"S": ("A1", "B1"), "T": ("B1", "C1", "NEW1"), "U": ("C1",)}, {})
PAIRS = Relations.make(facts("net"), "network neighbour", ["A1", "B1", "X"], ["B1", "C1", "Y"])
DRUGS = Compounds(
    facts("drugs"), ("d1", "d2"), ("d1", "d2"), ("CCO", "c1ccccc1O"), ("", ""), (("A1",), ()), ((), ("agonist",))
)
GENES = Genes(
    facts("genes"),
    ("A1", "NEW1"),
    {"symbol": {"a1": (0,), "new1": (1,)}, "previous symbol": {"old1": (1,)}}
    | {kind: {} for kind in ("alias", "Ensembl id", "Entrez id")},
)
LINES = CellLines(
    facts("lines"),
    ("CVCL_0001", "CVCL_0002", "CVCL_0003"),
    ("MCF-7", "A-549", "Hep G2"),
    (("Michigan 7",), ("A549 line",), ()),
    ((), (), ()),
    ((), (), ()),
    ("", "", ""),
    {"sex": (("Female",), ("Male",), ("Male",)), "species": (("Human",), ("Human",), ("Human",))},
)


def screen(names: list[str], kinds: list[str] | None = None, contexts: tuple[str, ...] = ("K562",)) -> Conditions:
    parts = [n.split("+") for n in names]
    return Conditions.make(
        np.repeat(contexts, len(names)).tolist(),
        parts * len(contexts),
        modality=[*(kinds or ["CRISPRi"] * len(names))] * len(contexts),
    )


def of(coverage, name):
    return next(c for c in coverage if c.name == name)


def test_every_resource_is_a_block_with_the_rows_of_the_resource() -> None:
    own = Features("own", ("B1", "C1"), np.array([[1.0, 2.0], [3.0, 4.0]]), facts("own"), "response")
    known = Knowledge(features=(own,), gene_sets=(SETS,), relations=(PAIRS,))
    blocks, coverage = prior_features(screen(["A1", "B1+A1", "Z9"]), known)
    assert [(b.name, b.kind, b.ids) for b in blocks] == [
        ("own", "response", ("B1",)),
        ("sets", "annotation", ("A1", "B1")),
        ("net", "network", ("A1", "B1")),
    ]
    whole, net = annotation_pca(SETS), network_embedding(PAIRS)
    np.testing.assert_array_equal(blocks[1].matrix, whole.matrix[[whole.ids.index(n) for n in ("A1", "B1")]])
    np.testing.assert_array_equal(blocks[2].matrix, net.matrix[[net.ids.index(n) for n in ("A1", "B1")]])
    assert [(c.name, c.columns, c.matched.unmatched, c.resource.name) for c in coverage] == [
        ("own", 2, ("A1", "Z9"), "own"),
        ("sets", whole.matrix.shape[1], ("Z9",), "sets"),
        ("net", net.matrix.shape[1], ("Z9",), "net"),
    ]
    assert "2 of them in 1 components apart" in of(coverage, "net").note
    assert "3 sets over 4 genes" in of(coverage, "sets").note


def test_embeddings_made_before_are_taken_as_they_are() -> None:
    made = Features("sets", SETS.genes, np.arange(4.0)[:, None] + 1, SETS.resource, "annotation")
    blocks, _ = prior_features(screen(["B1", "A1"]), Knowledge(gene_sets=(SETS,), embeddings=(made,)))
    np.testing.assert_array_equal(blocks[0].matrix[:, 0], [1.0, 2.0])


def test_genes_are_found_by_their_old_names_and_behind_a_modality() -> None:
    known = Knowledge(gene_sets=(SETS,), genes=GENES)
    blocks, coverage = prior_features(screen(["OLD1", "A1 [CRISPRi]", "A1 [CRISPRa]", "Z9 [CRISPRi]"]), known)
    assert blocks[0].ids == ("A1 [CRISPRa]", "A1 [CRISPRi]", "OLD1")
    assert coverage[0].matched.how["OLD1"] == "previous symbol"
    assert coverage[0].matched.found["A1 [CRISPRi]"] == "A1"
    assert coverage[0].matched.unmatched == ("Z9 [CRISPRi]",)
    np.testing.assert_array_equal(blocks[0].matrix[0], blocks[0].matrix[1])


def test_compounds_give_fingerprints_targets_and_mechanisms() -> None:
    pytest.importorskip("rdkit")
    conditions = screen(["d1", "D2", "d3", "A1"], ["drug", "drug", "drug", "CRISPRi"])
    blocks, coverage = prior_features(conditions, Knowledge(compounds=(DRUGS,), gene_sets=(SETS,)))
    by_name = {b.name: b for b in blocks}
    shape = structures(["d1", "D2"], ["CCO", "c1ccccc1O"])
    assert by_name["fingerprints"].ids == ("D2", "d1")
    np.testing.assert_array_equal(by_name["fingerprints"].matrix, shape.bits[[1, 0]])
    assert by_name["targets"].columns == ("A1",)
    assert by_name["targets"].ids == ("A1", "d1")  # the knock-down shares the column of the compound's target
    assert by_name["mechanisms"].columns == ("agonist",)
    table = of(coverage, "drugs")
    assert (table.kind, table.columns, table.matched.unmatched) == ("compounds", 0, ("d3",))
    assert of(coverage, "fingerprints").matched.unmatched == ("d3",)
    assert "RDKit" in of(coverage, "fingerprints").note
    assert of(coverage, "sets").matched.wanted == ("A1",)  # a compound is not looked for among genes


def test_without_chemistry_the_coverage_says_why_there_are_no_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcassay.knowledge.structure.rdkit", lambda: None)
    blocks, coverage = prior_features(screen(["d1"], ["drug"]), Knowledge(compounds=(DRUGS,)))
    assert "fingerprints" not in {b.name for b in blocks}
    assert "RDKit is not installed" in of(coverage, "fingerprints").note
    assert of(coverage, "fingerprints").matched.unmatched == ("d1",)


def test_a_cytokine_is_looked_for_among_genes_and_a_drug_is_not() -> None:
    conditions = screen(["A1", "B1", "C1"], ["cytokine", "drug", "CRISPRi"])
    _, coverage = prior_features(conditions, Knowledge(gene_sets=(SETS,)))
    assert coverage[0].matched.wanted == ("A1", "C1")


def test_nothing_is_embedded_for_compounds_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcassay.evidence.baselines.prior.embeddings", lambda knowledge: pytest.fail("embedded"))
    known = Knowledge(gene_sets=(SETS,), relations=(PAIRS,))
    blocks, coverage = prior_features(screen(["A1", "B1"], ["drug", "drug"]), known)
    assert blocks == ()
    assert [(c.name, c.kind, c.columns, c.matched.wanted) for c in coverage] == [
        ("sets", "annotation", 0, ()),
        ("net", "network", 0, ()),
    ]


def test_a_resource_that_knows_nobody_is_no_block_and_is_said() -> None:
    blocks, coverage = prior_features(screen(["Q1", "Q2"]), Knowledge(gene_sets=(SETS,)))
    assert blocks == ()
    assert (coverage[0].columns, len(coverage[0].matched.found)) == (0, 0)


def test_contexts_are_matched_by_name_and_through_cell_lines() -> None:
    handed = Features("expression", ("A549", "Michigan 7", "hepg2"), np.array([[1.0], [2.0], [3.0]]), facts("expr"))
    conditions = screen(["A1"], contexts=("A549", "MCF7", "HEPG2", "nowhere"))
    plain, alone = context_prior(conditions, Knowledge(context_features=(handed,)))
    assert plain[0].ids == ("A549", "HEPG2")
    assert alone[0].matched.unmatched == ("MCF7", "nowhere")
    blocks, coverage = context_prior(conditions, Knowledge(context_features=(handed,), cell_lines=LINES))
    assert blocks[0].ids == ("A549", "HEPG2", "MCF7")
    np.testing.assert_array_equal(blocks[0].matrix[:, 0], [1.0, 3.0, 2.0])
    assert coverage[0].matched.how["MCF7"] == "name of one cell line"
    assert {c.axis for c in coverage} == {"context"}


def test_a_line_that_two_rows_name_is_ambiguous() -> None:
    handed = Features("expression", ("MCF-7", "Michigan 7"), np.array([[1.0], [2.0]]), facts("expr"))
    _, coverage = context_prior(
        screen(["A1"], contexts=("CVCL_0001",)), Knowledge(context_features=(handed,), cell_lines=LINES)
    )
    assert coverage[0].matched.ambiguous == {"CVCL_0001": ("MCF-7", "Michigan 7")}
    assert coverage[0].columns == 0


def test_facts_of_cell_lines_are_labels_but_those_that_all_share() -> None:
    blocks, coverage = context_prior(screen(["A1"], contexts=("A549", "MCF7", "nowhere")), Knowledge(cell_lines=LINES))
    assert blocks[0].columns == ("sex: Female", "sex: Male")
    assert blocks[0].ids == ("A549", "MCF7")
    np.testing.assert_array_equal(blocks[0].matrix, [[0.0, 1.0], [1.0, 0.0]])
    assert (blocks[0].kind, coverage[0].matched.unmatched) == ("label", ("nowhere",))
    none, _ = context_prior(screen(["A1"]), Knowledge(cell_lines=replace(LINES, labels={})))
    assert none == ()


def test_the_order_of_conditions_does_not_matter() -> None:
    known = Knowledge(gene_sets=(SETS,), relations=(PAIRS,))
    made = [prior_features(screen(names), known)[0] for names in (["A1", "B1", "C1"], ["C1", "A1", "B1"])]
    for a, b in zip(*made, strict=True):
        assert a.ids == b.ids
        np.testing.assert_array_equal(a.matrix, b.matrix)


@pytest.mark.parametrize(("name", "gene"), [("TP53 [CRISPRi]", "TP53"), ("TP53", "TP53"), ("a [b] c", "a [b] c")])
def test_the_stem_of_a_name(name: str, gene: str) -> None:
    assert gene_of(name) == gene
