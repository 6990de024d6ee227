"""Kernels and folds: how alike conditions are, and how inner validation is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.evidence.baselines.folds import MAX_CONTEXT_FOLDS, MAX_FOLDS, inner_folds
from vcassay.evidence.baselines.learners.kernels import context_kernel, perturbation_kernel
from vcassay.knowledge import Features

G = 6


def zeros(*keys):
    return {k: np.zeros(G) for k in keys}


def kernel_of(task):
    return perturbation_kernel(task, task.train, task.train)


def test_without_features_only_shared_parts_make_alike(make):
    task = make(zeros(("A", "g1"), ("A", "g2"), ("B", "g1"), ("A", "g1+g2"), ("A", "g2+g3")), [("A", "g9")])
    kernel, blocks = kernel_of(task)
    names = task.train.perturbation.tolist()
    expected = [[len(set(a.split("+")) & set(b.split("+"))) for b in names] for a in names]
    np.testing.assert_array_equal(kernel, expected)
    assert blocks == ("identity",)


def test_features_are_standardised_and_blocks_weigh_alike(make):
    ids = tuple(f"g{i}" for i in range(6))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 2))
    keys = [("A", p) for p in ids]
    one = make(zeros(*keys), [("A", "g9")], features=(Features("f", ids, x),))
    scaled = make(zeros(*keys), [("A", "g9")], features=(Features("f", ids, 100 * x + 7),))
    a, b = kernel_of(one)[0], kernel_of(scaled)[0]
    np.testing.assert_allclose(a, b, atol=1e-12)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    inner = z @ z.T / np.mean((z**2).sum(axis=1))
    np.testing.assert_allclose(a, (np.eye(6) + inner) / 2, atol=1e-12)
    assert np.trace(inner) / 6 == pytest.approx(1.0)


def test_a_perturbation_without_features_is_like_nothing_in_them(make):
    ids = ("g0", "g1", "g2")
    features = (Features("f", ids, np.array([[1.0, 2.0], [2.0, -1.0], [0.5, 4.0]])),)
    task = make(zeros(*[("A", p) for p in (*ids, "x")]), [("A", "y")], features=features)
    kernel, blocks = kernel_of(task)
    assert blocks == ("identity", "f")
    np.testing.assert_array_equal(kernel[3, :3], 0.0)
    cross, _ = perturbation_kernel(task, task.wanted, task.train)
    np.testing.assert_array_equal(cross, np.zeros((1, 4)))


def test_constant_or_lonely_features_are_no_block(make):
    keys = [("A", "g0"), ("A", "g1")]
    flat = Features("flat", ("g0", "g1"), np.ones((2, 3)))
    lonely = Features("lonely", ("g0",), np.ones((1, 3)))
    assert kernel_of(make(zeros(*keys), keys, features=(flat, lonely)))[1] == ("identity",)


def test_combinations_have_the_features_of_their_parts_added_up(make):
    ids = ("g0", "g1", "g2")
    x = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 5.0]])
    task = make(
        zeros(("A", "g0"), ("A", "g1"), ("A", "g2"), ("A", "g0+g1")), [("A", "g9")], features=(Features("f", ids, x),)
    )
    assert task.train.perturbation.tolist() == ["g0", "g0+g1", "g1", "g2"]
    rows = np.array([x[0], x[0] + x[1], x[1], x[2]])
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    expected = z @ z.T / np.mean((z**2).sum(axis=1))
    shared = np.array([[1, 1, 0, 0], [1, 2, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]])
    np.testing.assert_allclose(kernel_of(task)[0], (shared + expected) / 2, atol=1e-12)


def test_annotated_targets_make_compounds_alike(make):
    target = {"d1": "EGFR; ERBB2", "d2": "EGFR", "d3": "MTOR", "d4": "ERBB2|EGFR", "d5": ""}
    keys = [("A", d) for d in target]
    task = make(zeros(*keys), [("A", "d9")], annotation={"target": target})
    kernel, blocks = kernel_of(task)
    assert blocks == ("identity", "targets")
    assert kernel[0, 3] == pytest.approx(kernel[0, 0] - 0.5)  # the same targets, another compound
    assert kernel[0, 1] > kernel[0, 2]
    np.testing.assert_array_equal(kernel[4, :4], 0.0)  # nothing is annotated


def test_terms_of_test_compounds_alone_are_not_in_the_kernel(make):
    target = {"d1": "EGFR", "d2": "MTOR", "new": "SECRET", "mixed": "EGFR;SECRET"}
    task = make(zeros(("A", "d1"), ("A", "d2")), [("A", "new"), ("A", "mixed")], annotation={"target": target})
    cross = dict(
        zip(task.wanted.perturbation.tolist(), perturbation_kernel(task, task.wanted, task.train)[0], strict=True)
    )
    np.testing.assert_array_equal(cross["new"], 0.0)
    assert cross["mixed"][0] > cross["mixed"][1]


def test_co_expression_is_a_block_where_targets_are_measured(make):
    embedding = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 1.0], [0.5, -1.0], [-1.0, 0.2]])
    genes = [f"g{i}" for i in range(6)]
    keys = [("A", p) for p in ("g0", "g1", "g2", "g3", "drug")]
    kernel, blocks = kernel_of(make(zeros(*keys), [("A", "g4")], genes=genes, embedding=embedding))
    assert blocks == ("identity", "control co-expression")
    order = ["drug", "g0", "g1", "g2", "g3"]
    at = {name: i for i, name in enumerate(order)}
    assert kernel[at["g0"], at["g1"]] > 0 > kernel[at["g0"], at["g2"]]
    np.testing.assert_array_equal(kernel[0, 1:], 0.0)


def test_doses_a_decade_apart_are_less_alike(make):
    task = make(zeros(("A", "d", 0.1), ("A", "d", 1.0), ("A", "d", 10.0)), [("A", "d", 3.0)])
    np.testing.assert_allclose(kernel_of(task)[0][0], np.exp([0.0, -0.5, -2.0]))
    undosed = make(zeros(("A", "d"), ("B", "d")), [("A", "d")])
    np.testing.assert_array_equal(kernel_of(undosed)[0], 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_kernels_are_symmetric_and_positive(make, seed):
    """Otherwise the ridge has no solution that means anything."""
    rng = np.random.default_rng(seed)
    genes = [f"g{i}" for i in range(G)]
    doses = (0.1, 1.0, 10.0)
    keys = [(c, p, d) for c in "ABC" for p in ("g0", "g1", "g0+g1", "g2", "x") for d in doses]
    task = make(
        zeros(*keys),
        [("A", "g3")],
        genes=genes,
        controls={c: rng.normal(size=G) for c in "AB"},
        embedding=rng.normal(size=(G, 3)),
        features=(Features("f", ("g0", "g1", "g2"), rng.normal(size=(3, 4))),),
        annotation={"target": {"g0": "a;b", "x": "b"}},
    )
    p, c = kernel_of(task)[0], context_kernel(task, task.train, task.train)
    for kernel in (p, c, p + c + p * c):
        np.testing.assert_allclose(kernel, kernel.T, atol=1e-12)
        assert np.linalg.eigvalsh(kernel).min() > -1e-9


def test_contexts_with_like_controls_are_alike(make):
    controls = {"A": np.zeros(G), "B": np.full(G, 0.1), "C": np.full(G, 3.0)}
    task = make(zeros(("A", "g"), ("B", "g"), ("C", "g"), ("D", "g")), [("A", "h")], controls=controls)
    kernel = context_kernel(task, task.train, task.train)
    np.testing.assert_array_equal(np.diagonal(kernel), 1.0)
    assert kernel[0, 1] > 0.9 > 0.5 > kernel[0, 2] > 0
    np.testing.assert_array_equal(kernel[3, :3], 0.0)  # no control profile: like itself alone
    far = (controls["C"] - controls["A"]) @ (controls["C"] - controls["A"])
    middle = (controls["C"] - controls["B"]) @ (controls["C"] - controls["B"])
    assert kernel[0, 2] == pytest.approx(np.exp(-far / np.median([far, middle, G * 0.01])))


CONTEXTS, GUIDES, DOSES = "ABCDEF", ("g0", "g1", "g2", "g3", "g0+g1", "g2+g3", "g1+g2"), (0.1, 1.0)


def folds_of(table, regime, seed=0):
    conditions = table([(c, p, d) for c in CONTEXTS for p in GUIDES for d in DOSES])
    return conditions, inner_folds(conditions, regime, seed)


@pytest.mark.parametrize("regime", list(Regime))
def test_folds_part_the_training_conditions(table, regime):
    conditions, folds = folds_of(table, regime)
    assert len(folds) == (len(CONTEXTS) if regime in (Regime.CEX, Regime.AEX) else MAX_FOLDS)
    np.testing.assert_array_equal(np.sort(np.concatenate(folds)), np.arange(len(conditions)))
    assert min(len(f) for f in folds) > 0


def crosses(conditions, folds, key):
    """How many values of a key lie in more than one fold."""
    where: dict[object, set[int]] = {}
    for i, fold in enumerate(folds):
        for row in fold:
            where.setdefault(key(conditions.keys[row]), set()).add(i)
    return sum(len(f) > 1 for f in where.values())


@pytest.mark.parametrize(
    ("regimes", "kept"),
    [
        ((Regime.CEX, Regime.AEX), lambda k: k[0]),
        ((Regime.GEX, Regime.DEX, Regime.COMBINATION), lambda k: k[1]),
        ((Regime.FEW_SHOT,), lambda k: (k[0], k[1])),
    ],
)
def test_folds_keep_together_what_the_outer_split_does(table, regimes, kept):
    for regime in regimes:
        conditions, folds = folds_of(table, regime)
        assert crosses(conditions, folds, kept) == 0
        assert crosses(conditions, folds, lambda k: k[3]) == 1  # something else does cross


def test_doses_and_random_cells_leave_single_conditions_out(table):
    for regime in (Regime.DOSE, Regime.RANDOM_CELLS):
        conditions, folds = folds_of(table, regime)
        assert crosses(conditions, folds, lambda k: (k[0], k[1])) > 0


def test_there_are_no_more_folds_than_stated(table):
    many = table([(f"c{i:02d}", f"p{j}") for i in range(25) for j in range(8)])
    assert len(inner_folds(many, Regime.CEX, 0)) == MAX_CONTEXT_FOLDS
    assert len(inner_folds(many, Regime.GEX, 0)) == MAX_FOLDS


def test_folds_follow_the_seed(table):
    one, two = folds_of(table, Regime.GEX, 1)[1], folds_of(table, Regime.GEX, 2)[1]
    again = folds_of(table, Regime.GEX, 1)[1]
    assert [f.tolist() for f in one] == [f.tolist() for f in again]
    assert [f.tolist() for f in one] != [f.tolist() for f in two]


def test_there_are_none_where_nothing_can_be_left_out(table):
    assert inner_folds(table([("A", "g0"), ("A", "g1")]), Regime.CEX, 0) == []
    assert inner_folds(table([("A", "g0"), ("B", "g0")]), Regime.GEX, 0) == []
    assert inner_folds(table([("A", "g0")]), Regime.RANDOM_CELLS, 0) == []


def test_columns_of_components_keep_their_variance(make):
    """As in the table of the other learners: the last components of an annotation are noise, and stay small."""
    ids = tuple(f"g{i}" for i in range(6))
    x = np.random.default_rng(1).normal(size=(6, 3)) * [5.0, 1.0, 0.01]
    keys = [("A", p) for p in ids]
    kernel, _ = kernel_of(make(zeros(*keys), keys, features=(Features("f", ids, x, kind="annotation"),)))
    z = x - x.mean(axis=0)
    inner = z @ z.T / np.mean((z**2).sum(axis=1))
    np.testing.assert_allclose(kernel, (np.eye(6) + inner) / 2, atol=1e-12)
