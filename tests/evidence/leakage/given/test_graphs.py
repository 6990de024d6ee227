"""L32: graphs of perturbations that know the benchmark, by declaration and by their edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from vcassay.claim import Split
from vcassay.core import Conditions, Status
from vcassay.evidence.leakage.given.graphs import degree_contrast
from vcassay.knowledge import Relations, Resource
from vcassay.prediction import Materials, declare
from vcassay.testing.leaks.graphs import GRAPH, edges, gene_split
from vcassay.testing.leaks.study import run_tables

RESOURCE = Resource("network", "", "", None, "", 0)


@pytest.fixture
def split():
    return gene_split(np.random.default_rng(0))


def run(split, made=None, **graph):
    disclosure = declare(graphs=[{"name": GRAPH, **graph}])
    return run_tables("L32", split, disclosure=disclosure, materials=Materials(edges={GRAPH: made} if made else {}))


def test_degrees_are_compared_as_by_the_reference():
    rng = np.random.default_rng(0)
    a, b = rng.poisson(5, 30), rng.poisson(9, 40)
    expected = mannwhitneyu(a, b)
    found = degree_contrast(a, b)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.auc == pytest.approx(np.mean(np.sign(a[:, None] - b) / 2 + 0.5))
    assert np.isnan(degree_contrast(a[:9], b).auc)
    assert degree_contrast(np.ones(20, int), np.ones(20, int)) == (0.5, 1.0)


def test_built_from_the_benchmark_fails_and_a_justification_makes_it_a_warning(split):
    assert run(split, built_from="benchmark").status is Status.FAIL
    found = run(split, built_from="benchmark", why="the atlas lists no other gene")
    assert found.status is Status.WARN
    assert "the atlas lists no other gene" in found.sentence
    assert not found.blocks


def test_undeclared_is_asked_and_none_passes(split):
    undeclared = run_tables("L32", split, disclosure=declare())
    assert undeclared.status is Status.UNKNOWN
    assert undeclared.question
    assert run(split).status is Status.UNKNOWN
    assert run_tables("L32", split, disclosure=declare(graphs=[])).status is Status.PASS
    assert run(split, built_from="all genes").status is Status.PASS


@pytest.mark.parametrize("declared", ["all genes", "unknown"])
def test_nodes_that_are_the_benchmark_alone_belie_the_declaration(split, declared):
    found = run(split, edges(np.random.default_rng(1), split, benchmark=True), built_from=declared)
    assert (found.status, found.value) == (Status.WARN, 0.0)
    assert found.affected is not None
    assert found.affected.touched.mean() > 0.9


def test_a_graph_of_training_has_no_node_that_is_only_tested(split):
    found = run(split, edges(np.random.default_rng(1), split), built_from="training")
    assert found.status is Status.WARN
    assert "30 of its nodes are only tested" in found.sentence


def test_nodes_under_other_names_cannot_be_compared(split):
    made = edges(np.random.default_rng(1), split)
    strange = type(made).make(made.resource, made.kind, [f"X{made.names[i]}" for i in made.left],
                              [f"X{made.names[i]}" for i in made.right])  # fmt: skip
    found = run(split, strange, built_from="all genes")
    assert found.status is Status.UNKNOWN
    assert "none named as one of 120 perturbations" in found.sentence


def test_edges_that_agree_pass_and_case_does_not_count(split):
    made = edges(np.random.default_rng(2), split)
    lower = type(made).make(made.resource, made.kind, [made.names[i].lower() for i in made.left],
                            [made.names[i].lower() for i in made.right])  # fmt: skip
    for own in (made, lower):
        found = run(split, own, built_from="all genes")
        assert found.status is Status.PASS
        assert found.value == pytest.approx(0.94, abs=0.01)


@pytest.mark.slow
def test_random_graphs_raise_no_alarm():
    alarms = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        own = gene_split(rng)
        alarms += run(own, edges(rng, own), built_from="all genes").status is not Status.PASS
    assert alarms <= 2


def drugs(targets):
    names = [f"drug {i}" for i in range(len(targets))]
    table = Conditions.make(
        ["A"] * len(names), [(n,) for n in names], modality=["drug"] * len(names), annotation={"target": targets}
    )
    half = len(names) // 2
    return Split(table, np.array(["train"] * half + ["test"] * (len(names) - half)))


def test_compounds_are_found_in_a_graph_of_genes_by_their_targets():
    targets = [f"GENE{i}" for i in range(40)]
    split = drugs(targets)
    wide = Relations.make(
        RESOURCE, "network neighbour", [f"GENE{i}" for i in range(199)], [f"GENE{i + 1}" for i in range(199)]
    )
    found = run(split, wide, built_from="all genes")
    assert found.status is Status.PASS
    assert found.evidence[0]["perturbations among them"] == "40 of 40"
    narrow = Relations.make(RESOURCE, "network neighbour", targets[:-1], targets[1:])
    found = run(split, narrow, built_from="all genes")
    assert (found.status, found.value) == (Status.WARN, 0.0)
    assert found.affected.touched.all()


def test_compounds_without_known_targets_are_not_found_in_a_graph_of_genes():
    found = run(
        drugs([""] * 40), Relations.make(RESOURCE, "network neighbour", ["GENE1"], ["GENE2"]), built_from="all genes"
    )
    assert found.status is Status.UNKNOWN
    assert "none named as one of 40 perturbations or its known targets" in found.sentence


def test_a_graph_of_training_may_hold_nothing_else(split):
    trained = sorted({p for i in split.train.tolist() for p in split.conditions.parts[i]})
    made = Relations.make(Resource(GRAPH, "", "", None, "", 0), "network neighbour", trained[:-1], trained[1:])
    assert run(split, made, built_from="training").status is Status.PASS
    assert run(split, made, built_from="all genes").status is Status.WARN
