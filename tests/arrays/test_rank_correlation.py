"""Rank correlation within groups, tested over families."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from vcassay.arrays.rank_correlation import within_group_spearman


def correlate(x, y, group, family, seed=0):
    return within_group_spearman(x, y, group, family, np.random.default_rng(seed))


def test_one_group_gives_the_plain_spearman_correlation():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 12, size=40).astype(float)
    y = x + rng.normal(scale=4, size=40)
    y[3] = np.nan
    found = correlate(x, y, np.zeros(40, dtype=int), np.arange(40))
    assert found.rho == pytest.approx(spearmanr(x, y, nan_policy="omit").statistic, abs=1e-12)
    assert found.families == 39


def test_groups_that_differ_as_a_whole_do_not_correlate():
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(4), 25)
    x, y = rng.normal(size=100) + 10 * group, rng.normal(size=100) + 10 * group
    assert spearmanr(x, y).statistic > 0.8
    assert abs(correlate(x, y, group, np.arange(100)).rho) < 0.2


def test_p_values_are_uniform_although_families_repeat_in_every_group():
    """Guides differ in number and effect, alike in all contexts: 15 facts, not 90."""
    small = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        family = np.tile(np.arange(15), 6)
        x, y = (np.tile(rng.normal(size=15), 6) + 0.2 * rng.normal(size=90) for _ in range(2))
        small += correlate(x, y, np.repeat(np.arange(6), 15), family, seed).p_value < 0.05
    assert 1 <= small <= 22


def test_a_relation_in_every_family_is_found():
    rng = np.random.default_rng(2)
    x = rng.normal(size=120)
    y = -x + rng.normal(size=120)
    found = correlate(x, y, np.repeat(np.arange(6), 20), np.tile(np.arange(20), 6))
    assert found.rho < -0.5
    assert found.p_value < 0.001


def test_too_few_families_or_constant_numbers_are_undefined():
    x = np.arange(16.0)
    assert np.isnan(correlate(x, x, np.zeros(16, dtype=int), np.arange(16) % 8).rho)
    found = correlate(np.ones(40), np.arange(40.0), np.zeros(40, dtype=int), np.arange(40))
    assert (np.isnan(found.rho), found.families) == (True, 0)


def test_fewer_families_may_be_asked_for():
    x = np.arange(16.0)
    group, family = np.zeros(16, dtype=int), np.arange(16) % 8
    found = within_group_spearman(x, x, group, family, np.random.default_rng(0), min_families=8)
    assert (found.rho, found.families) == (pytest.approx(1.0), 8)
    assert found.p_value == pytest.approx(2 / 2**8, abs=0.004)
