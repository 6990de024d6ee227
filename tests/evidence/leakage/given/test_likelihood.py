"""L22: losses of perturbed test cells against those of cells of their quality."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, ttest_ind

from vcassay.claim import Role, Split
from vcassay.core import Status
from vcassay.evidence.leakage.given.likelihood import Cells, stratified_auc, unit_contrast, unit_values
from vcassay.prediction import Losses, Materials, declare
from vcassay.screen import CONTROL
from vcassay.testing.leaks.likelihood import WIDE, losses


@pytest.fixture(scope="module")
def wide(make_study):
    return make_study(0, **WIDE)


def run(study, found, controls="none", **more):
    return study.run("L22", disclosure=declare(controls=controls), materials=Materials(losses=found), **more)


def drawn(study, seed=0, *, memorised=False):
    return losses(study, np.random.default_rng(seed), memorised=memorised)


def test_auc_of_one_stratum_is_that_of_mann_and_whitney():
    rng = np.random.default_rng(0)
    a, b = rng.integers(5, size=30).astype(float), rng.integers(6, size=20).astype(float)
    one = np.zeros(30, int), np.zeros(20, int)
    assert stratified_auc(a, b, *one) == pytest.approx(1 - mannwhitneyu(a, b).statistic / 600)


def test_strata_are_compared_within_themselves():
    a, b = np.array([0.0, 10.0]), np.array([1.0, 11.0])
    assert stratified_auc(a, b, np.array([0, 1]), np.array([0, 1])) == 1.0
    assert stratified_auc(a, b, np.array([0, 0]), np.array([0, 0])) == 0.75
    assert np.isnan(stratified_auc(a, b, np.array([0, 0]), np.array([1, 1])))


def test_contrast_is_students_t():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=4), rng.normal(size=6)
    expected = ttest_ind(a, b, alternative="greater")
    found = unit_contrast(a, b)
    assert found.p_value == pytest.approx(expected.pvalue)
    low, high = ttest_ind(a, b).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert np.isfinite(unit_contrast(a[:1], b).p_value)
    assert np.isnan(unit_contrast(a, b[:2]).p_value)
    assert unit_contrast(np.ones(3), np.zeros(3)).p_value == 0.0


def test_memorised_cells_warn_with_their_effect(wide):
    found = run(wide, drawn(wide, memorised=True))
    assert found.status is Status.WARN
    assert "difference +0.1" in found.sentence
    assert [row["role"] for row in found.evidence[:3]] == ["test"] * 3


def test_order_of_cells_and_shifts_of_losses_do_not_matter(wide):
    found = drawn(wide)
    order = np.random.default_rng(1).permutation(len(found.cells))
    other = Losses(found.cells[order], found.values[order] * 2 + 7)
    assert run(wide, found).value == pytest.approx(run(wide, other).value, abs=1e-12)


def test_calm_is_a_pass_only_where_memory_would_show(wide):
    assert run(wide, drawn(wide)).status is Status.PASS
    for controls in ("training", None):
        found = run(wide, drawn(wide), controls)
        assert found.status is Status.UNKNOWN
        assert "excluded from training" in found.question


def test_excluded_contexts_are_the_better_reference(wide):
    split = wide.split
    trained = sorted(set(split.conditions.context[split.train].tolist()))
    out = np.isin(split.conditions.context, trained[:3]) & (split.roles == Role.TRAIN)
    other = Split(split.conditions, np.where(out, Role.EXCLUDED.value, split.roles).astype("<U8"))
    found = run(wide, drawn(wide), "training", split=other)
    assert found.status is Status.PASS
    assert "3 excluded contexts" in found.sentence


def test_unseen_perturbations_are_compared_with_perturbations(wide):
    conditions = wide.split.conditions
    names = sorted(set(conditions.perturbation.tolist()))
    roles = np.where(np.isin(conditions.perturbation, names[:2]), Role.TEST.value, Role.TRAIN.value)
    split = Split(conditions, roles.astype("<U8"))
    found = run(wide, drawn(wide), split=split)
    assert found.status in (Status.PASS, Status.WARN)
    assert f"2 test perturbations against {len(names) - 2} training perturbations" in found.sentence


def test_what_cannot_be_compared_is_said(wide):
    assert wide.run("L22").status is Status.NA
    strangers = Losses(np.array(["x", "y"]), np.zeros(2))
    found = run(wide, strangers)
    assert found.status is Status.UNKNOWN
    assert "0 of 2 cells" in found.sentence
    few = drawn(wide)
    assert run(wide, Losses(few.cells[:40], few.values[:40])).status is Status.UNKNOWN


@pytest.mark.slow
def test_false_alarms_are_as_rare_as_promised(make_study):
    alarms = [
        run(study, drawn(study, seed)).status is Status.WARN
        for study, seed in product([make_study(s, **WIDE) for s in range(4)], range(75))
    ]
    assert sum(alarms) <= 9  # 99.8 % of samples of 300 at 1 %


def test_depth_tells_nothing_within_its_bins():
    """Losses that fall with depth alone, and perturbed cells that are deeper than controls."""
    depth = np.concatenate([np.arange(60.0), np.arange(30.0, 90.0)])
    loss = -np.searchsorted(np.quantile(depth, np.arange(1, 5) / 5), depth).astype(float)
    control = np.arange(120) < 60
    cells = Cells(np.arange(120), loss, depth, np.where(control, CONTROL, 0), np.zeros(120, dtype=np.int64))
    values, size = unit_values(cells, np.where(control, -1, 0), 1)
    assert (values.tolist(), size.tolist()) == ([0.5], [60])
