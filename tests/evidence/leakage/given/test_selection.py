from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays.variable_genes import jaccard, top
from vcassay.core import Status
from vcassay.evidence.leakage.given.gene_lists import (
    CONTROLS,
    OTHER_CONTROLS,
    TEST,
    TRAIN,
    Match,
    cell_groups,
    cell_moments,
    sign_test,
)
from vcassay.prediction import Materials, declare
from vcassay.screen import CONTROL
from vcassay.testing.leaks.selection import WIDE, chosen


@pytest.fixture(scope="module")
def study(make_study):
    return make_study(0, **WIDE)


def ask(study, listed=None, **entries):
    names = None if listed is None else tuple(study.simulation.screen.genes[listed].tolist())
    entries = {"scaling": "training"} | entries
    return study.run("L17m", disclosure=declare(**entries), materials=Materials(genes=names))


def test_every_cell_is_in_the_group_of_its_role(study):
    screen = study.simulation.screen
    group = cell_groups(screen, study.split)
    tested = set(study.split.conditions.context[study.split.test].tolist())
    context = np.asarray(screen.adata.obs["context"]).astype(str)
    control = screen.table.condition == CONTROL
    expected = np.where(control, CONTROLS, TRAIN)
    new = np.isin(context, sorted(tested))
    expected = np.where(new, np.where(control, OTHER_CONTROLS, TEST), expected)
    assert np.array_equal(group, expected)


def test_moments_are_those_of_the_cells(study):
    screen = study.simulation.screen
    group = cell_groups(screen, study.split)
    found = cell_moments(screen, group)
    x = screen.adata.X.toarray().astype(float)[group == TEST]
    scaled = x / x.sum(axis=1, keepdims=True) * 1e4
    assert found.cells[TEST] == len(x)
    for sums, values in ((found.counts, x), (found.scaled, scaled), (found.logged, np.log1p(scaled))):
        assert sums[TEST, 0] == pytest.approx(values.sum(axis=0), rel=1e-9)
        assert sums[TEST, 1] == pytest.approx((values**2).sum(axis=0), rel=1e-9)
    assert found.scores((TEST,))["variance of log values"] == pytest.approx(np.log1p(scaled).var(axis=0, ddof=1))


def test_a_list_of_all_cells_fails_and_names_genes_that_training_would_not_give(study):
    found = ask(study, chosen(study, "all", 0))
    assert found.status is Status.FAIL
    assert found.value > 0.05
    gene = found.evidence[0]["gene"]
    at = int(np.flatnonzero(study.simulation.screen.genes == gene)[0])
    moments = cell_moments(study.simulation.screen, cell_groups(study.simulation.screen, study.split))
    recipe = "dispersion (Seurat)"
    assert top(moments.scores((0, 1, 2, 3, 4))[recipe], 80)[at]
    assert "all cells" in found.sentence


def test_a_list_of_training_cells_passes_whichever_controls_went_with_them(study):
    screen = study.simulation.screen
    moments = cell_moments(screen, cell_groups(screen, study.split))
    for groups in ((TRAIN,), (TRAIN, CONTROLS), (TRAIN, CONTROLS, OTHER_CONTROLS), (CONTROLS, OTHER_CONTROLS)):
        for recipe, score in moments.scores(groups).items():
            found = ask(study, top(score, 60), genes="training")
            assert found.status is Status.PASS, (groups, recipe, found.sentence)


def test_a_list_that_no_recipe_makes_is_unknown(study):
    rng = np.random.default_rng(0)
    found = ask(study, np.isin(np.arange(300), rng.permutation(300)[:80]))
    assert found.status is Status.UNKNOWN
    assert found.question
    assert "by chance" in found.sentence


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ({"genes": "test"}, Status.FAIL),
        ({"genes": "all"}, Status.WARN),
        ({"genes": "training"}, Status.PASS),
        ({"genes": "published"}, Status.PASS),
        ({"genes": "none"}, Status.PASS),
        ({}, Status.UNKNOWN),
        ({"genes": "training", "scaling": "all"}, Status.WARN),
        ({"genes": "training", "scaling": "test"}, Status.FAIL),
        ({"genes": "training", "scaling": None}, Status.UNKNOWN),
    ],
)
def test_what_is_declared_decides_without_a_list(study, entries, status):
    assert ask(study, **entries).status is status


def test_a_list_contradicts_what_is_declared_and_a_published_one_is_asked_about(study):
    genes = chosen(study, "test", 0)
    assert ask(study, genes, genes="training").status is Status.FAIL
    assert ask(study, genes, genes="none").status is Status.FAIL
    assert ask(study, genes, genes="published").status is Status.WARN
    quoted = ask(study, genes={"data": "all", "why": "as others do"})
    assert quoted.status is Status.WARN
    assert '"as others do"' in quoted.sentence


def test_a_screen_that_holds_little_else_cannot_be_compared(study):
    found = ask(study, np.arange(300) < 280)
    assert found.status is Status.UNKNOWN
    assert "holds little else" in found.sentence
    few = ask(study, np.arange(300) < 5)
    assert few.status is Status.UNKNOWN
    absent = study.run(
        "L17m", disclosure=declare(scaling="training"), materials=Materials(genes=("nobody's gene", "G0001"))
    )
    assert "of its 2 genes" in absent.sentence


def test_marked_genes_of_the_file_warn(study):
    screen = study.simulation.screen
    assert study.run("L17").status is Status.NA
    for origin, status in (("all", Status.WARN), ("training", Status.PASS)):
        adata = screen.adata.copy()
        adata.var["highly_variable"] = chosen(study, origin, 1)
        found = study.run("L17", screen=replace(screen, adata=adata))
        assert found.status is status
        assert "'highly_variable'" in found.sentence


def test_dense_values_and_the_order_of_genes_change_nothing(study):
    screen = study.simulation.screen
    genes = chosen(study, "all", 0)
    expected = ask(study, genes)
    dense = screen.adata.copy()
    dense.X = np.asarray(sp.csr_matrix(dense.X).toarray())
    again = study.run(
        "L17m",
        screen=replace(screen, adata=dense),
        disclosure=declare(scaling="training"),
        materials=Materials(genes=tuple(screen.genes[genes][::-1].tolist())),
    )
    assert again.value == pytest.approx(expected.value, abs=1e-12)
    assert again.sentence == expected.sentence


def test_sign_test_counts_the_genes_on_which_the_lists_differ():
    supplied = np.array([True] * 8 + [False] * 4)
    leaked = np.array([True] * 8 + [False] * 4)
    sound = np.array([False] * 8 + [False] * 4)
    assert sign_test(supplied, leaked, sound) == pytest.approx(0.5**8)
    assert sign_test(supplied, leaked, leaked) == 1.0


@pytest.mark.slow
def test_lists_of_training_cells_raise_no_alarm_over_seeds_and_on_null_screens(make_study):
    alarms = 0
    for share in (0.25, 1.0):
        for seed in range(15):
            study = make_study(seed, **WIDE, null_share=share)
            alarms += ask(study, chosen(study, "training", seed)).status in (Status.FAIL, Status.WARN)
    assert alarms == 0


def test_a_few_genes_beyond_the_gain_are_no_evidence(study, monkeypatch):
    genes = np.arange(len(study.simulation.screen.genes))
    listed = genes < 30

    def moved(k):  # k genes of the list exchanged for others
        return (genes >= k) & (genes < 30 + k)

    def match(origin, made):
        return Match("recipe", origin, origin, jaccard(listed, made), made)

    made = (match("training", moved(4)), match("all", moved(1)))
    monkeypatch.setattr("vcassay.evidence.leakage.given.selection.compare_lists", lambda *_: made)
    found = ask(study, listed, genes="training")
    assert found.value > 0.05
    assert found.status is Status.PASS


def test_under_an_assumed_training_set_a_list_tells_nothing(study):
    assumed = replace(study, split=replace(study.split, assumed="the rest is assumed to be training"))
    found = ask(assumed, chosen(study, "all", 0))
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    assert "the rest is assumed to be training" in found.sentence
