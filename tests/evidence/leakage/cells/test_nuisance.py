from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from vcassay.core import Status
from vcassay.evidence.leakage.cells.nuisance import reads_numbers, tells, within_group_spearman
from vcassay.prediction import Disclosure, declare
from vcassay.simulate.leaks import cell_counts_follow_effect


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
    assert not tells(correlate(x, y, group, np.arange(100)))


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
    assert tells(found)
    assert found.rho < -0.5


def test_too_few_families_or_constant_numbers_are_undefined():
    x = np.arange(16.0)
    assert np.isnan(correlate(x, x, np.zeros(16, dtype=int), np.arange(16) % 8).rho)
    found = correlate(np.ones(40), np.arange(40.0), np.zeros(40, dtype=int), np.arange(40))
    assert (np.isnan(found.rho), found.families) == (True, 0)


@pytest.mark.parametrize(
    ("name", "means_number"),
    [
        ("n_cells", 1),
        ("nUMI", 1),
        ("cell_count", 1),
        ("number of cells", 1),
        ("total_counts", 1),
        ("n_replicates", 1),
        ("smiles", 0),
        ("cells", 0),
        ("control_expression", 0),
        ("target_gene", 0),
        ("n_genes", 0),
    ],
)
def test_names_of_inputs(name, means_number):
    assert bool(reads_numbers((name,))) == bool(means_number)


def test_clean_and_silent_screens_fire_at_the_level_of_the_test(clean, silent):
    """At p < .01, two of 20 would be a chance of 2 %."""
    found = [study.run("L20") for study in (*clean, *silent)]
    assert sum(f.status is Status.FAIL for f in found) <= 1
    assert {f.status for f in found} <= {Status.PASS, Status.FAIL}
    assert abs(np.mean([f.value for f in found])) < 0.15


@pytest.mark.parametrize("seed", range(3))
def test_cells_lost_with_the_effect_are_found(make_study, assemble_study, seed):
    base = make_study(seed, cells_spread=0.0)
    assert "equally many rows" in base.run("L20").sentence
    planted = cell_counts_follow_effect(base.simulation, np.random.default_rng(seed))
    study = assemble_study(planted, seed, base.split)
    found = study.run("L20")
    assert (found.status, found.blocks) == (Status.FAIL, False)
    assert found.value < -0.5
    assert found.evidence[0]["rows"] < found.evidence[-1]["rows"]
    declared = {"smiles": Status.PASS, "n_cells": Status.FAIL}
    for name, status in declared.items():
        judged = study.run("L20m", disclosure=declare(inputs=(name,)))
        assert (judged.status, judged.blocks) == (status, True)
    unknown = study.run("L20m", disclosure=Disclosure())
    assert (unknown.status, bool(unknown.question)) == (Status.UNKNOWN, True)


def test_reading_numbers_that_tell_nothing_is_no_leak(clean):
    assert clean[0].run("L20m", disclosure=declare(inputs=("n_cells",))).status is Status.PASS
    assert clean[0].run("L20m", disclosure=Disclosure()).status is Status.PASS


def test_what_cannot_be_measured_is_not_applicable(make_study, clean):
    few = make_study(0, n_crispri=6, n_drugs=0)
    assert few.run("L20").status is Status.NA
    effects = clean[0].effects
    one_row = replace(effects, n_rows=np.ones_like(effects.n_rows))
    assert clean[0].run("L20", effects=one_row).status is Status.NA
    no_halves = replace(effects, size=np.full(len(effects.size), np.nan))
    assert clean[0].run("L20m", effects=no_halves).status is Status.NA
