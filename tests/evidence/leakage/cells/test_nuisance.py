from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.rank_correlation import RankCorrelation
from vcassay.core import Status
from vcassay.evidence.leakage.cells.nuisance import reads_tallies
from vcassay.prediction import Disclosure, declare
from vcassay.simulate.leaks import cell_counts_follow_effect

NAMES = ("number of rows", "depth", "place in the file")


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
        ("median_umi_per_cell", 1),
        ("depth", 1),
        ("pct_counts_mt", 1),
        ("row_index", 1),
        ("target_index", 0),
        ("order", 0),
        ("in-depth annotation", 0),
        ("cell_counts_embedding", 0),
    ],
)
def test_names_of_inputs(name, means_number):
    assert bool(reads_tallies((name,))) == bool(means_number)


def test_clean_and_silent_screens_fire_at_the_level_of_the_test(clean, silent):
    """At p < .01 over all nuisances, two of 20 would be a chance of 2 %."""
    found = [study.run("L20") for study in (*clean, *silent)]
    assert sum(f.status is Status.FAIL for f in found) <= 1
    assert {f.status for f in found} <= {Status.PASS, Status.FAIL}
    rho = {name: [r["rho"] for f in found for r in f.evidence if r.get("nuisance") == name] for name in NAMES}
    assert all(len(values) == 20 for values in rho.values())
    assert all(abs(np.mean(values)) < 0.15 for values in rho.values())


@pytest.mark.parametrize("seed", range(3))
def test_cells_lost_with_the_effect_are_found(make_study, assemble_study, seed):
    base = make_study(seed, cells_spread=0.0)
    assert {"not compared": "number of rows", "why": "differs in 0 perturbations"} in base.run("L20").evidence
    planted = cell_counts_follow_effect(base.simulation, np.random.default_rng(seed))
    study = assemble_study(planted, seed, base.split)
    found = study.run("L20")
    assert (found.status, found.blocks) == (Status.FAIL, False)
    assert found.value < -0.5
    rows = [row["number of rows"] for row in found.evidence if "condition" in row]
    assert rows[0] < rows[-1]
    assert found.evidence[0]["nuisance"] == "number of rows"
    declared = {"smiles": Status.PASS, "pct_mito": Status.PASS, "n_cells": Status.FAIL}
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


@pytest.mark.parametrize(("p", "status"), [(0.004, Status.PASS), (0.002, Status.FAIL)])
def test_the_level_is_shared_by_the_nuisances(clean, monkeypatch, p, status):
    """Three can be compared: Holm takes each p-value three times."""
    name = "vcassay.evidence.leakage.cells.nuisance.within_group_spearman"
    monkeypatch.setattr(name, lambda *_, **__: RankCorrelation(0.5, p, 20))
    study = replace(clean[0], split=replace(clean[0].split))  # what is worked out of the others stays as it is
    found = study.run("L20")
    assert sum("nuisance" in row for row in found.evidence) == 3
    assert found.status is status
