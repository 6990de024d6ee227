from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from vcassay.arrays.stratified_rank_sum import lower_within


def run(values, chosen, group=None, family=None, draws=499, seed=0):
    n = len(values)
    group = np.zeros(n, dtype=np.int64) if group is None else group
    family = np.arange(n) if family is None else family
    return lower_within(
        np.asarray(values, float), np.asarray(chosen), group, family, draws, np.random.default_rng(seed)
    )


@pytest.mark.parametrize("seed", range(5))
def test_is_mann_and_whitneys_in_one_group(seed):
    rng = np.random.default_rng(seed)
    values, chosen = rng.normal(size=40).round(1), rng.random(40) < 0.4
    found = run(values, chosen, draws=3999)
    u = mannwhitneyu(values[chosen], values[~chosen], alternative="less")
    assert found.below == pytest.approx(1 - u.statistic / (chosen.sum() * (~chosen).sum()))
    assert found.p_value == pytest.approx(u.pvalue, abs=0.03)


def test_groups_that_differ_as_a_whole_do_not_count():
    values = np.r_[np.arange(10.0), 100 + np.arange(10.0)]
    chosen = np.r_[np.arange(10) % 2 == 0, np.zeros(10, dtype=bool)]
    chosen[15] = True
    found = run(values, chosen, group=np.repeat([0, 1], 10))
    assert found.p_value > 0.05


def test_a_family_in_many_groups_counts_once():
    rng = np.random.default_rng(0)
    families, groups = 20, 30
    values = np.repeat(rng.normal(size=families), groups) + rng.normal(0, 0.01, families * groups)
    family, group = np.repeat(np.arange(families), groups), np.tile(np.arange(groups), families)
    low = int(np.argsort(values.reshape(families, groups).mean(axis=1))[0])
    found = run(values, family == low, group=group, family=family, draws=1999)
    assert found.below == 1.0
    assert found.p_value == pytest.approx(1 / families, abs=0.02)


def test_is_undefined_where_nothing_can_be_compared():
    assert np.isnan(run([1.0, 2.0], [True, True]).p_value)
    assert np.isnan(run([np.nan, 2.0], [True, False]).below)
    found = run([1.0, 2.0, 3.0, 4.0], [True, False, True, False], group=np.array([0, 0, 1, 2]))
    assert (found.chosen, found.others, found.below) == (1, 1, 1.0)


@pytest.mark.slow
def test_is_right_in_level_with_unequal_families():
    rng = np.random.default_rng(0)
    p = []
    for _ in range(400):
        family = np.sort(rng.integers(0, 25, size=120))
        group = rng.integers(0, 4, size=120)
        values = rng.normal(size=25)[family] + rng.normal(size=120)
        p.append(run(values, np.isin(family, rng.permutation(25)[:5]), group=group, family=family, draws=199).p_value)
    assert np.mean(np.array(p) < 0.05) < 0.09
