from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import anndata as ad
import numpy as np
import pytest

from vcassay.screen import CONTROL
from vcassay.simulate import Simulation, simulate_screen


def fingerprint(simulation: Simulation) -> str:
    adata = simulation.screen.adata
    digest = hashlib.sha256()
    for values in (adata.X.data, adata.X.indices, adata.X.indptr, simulation.truth.delta, simulation.features.matrix):
        digest.update(np.ascontiguousarray(values).tobytes())
    digest.update(adata.obs.to_csv().encode())
    digest.update(repr((simulation.knowledge, simulation.relations, simulation.truth.programme_names)).encode())
    return digest.hexdigest()


def test_the_seed_decides(plan, simulation):
    small = replace(plan, n_contexts=3, n_siblings=1)
    first = fingerprint(simulate_screen(small, seed=5))
    assert fingerprint(simulate_screen(small, seed=5)) == first
    assert fingerprint(simulate_screen(small, seed=6)) != first


def test_the_order_of_sets_does_not_matter():
    program = (
        "from tests.simulate.test_simulation import fingerprint\n"
        "from vcassay.simulate import SimulationPlan, simulate_screen\n"
        "plan = SimulationPlan(n_genes=60, n_crispri=6, n_combinations=2, n_salts=1, cells_per_condition=4)\n"
        "print(fingerprint(simulate_screen(plan, seed=1)))\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    prints = [run.communicate()[0] for run in runs]
    assert len(prints[0].strip()) == 64
    assert prints[0] == prints[1]


def test_a_change_of_cells_leaves_the_biology(plan, simulation):
    more = simulate_screen(replace(plan, controls_per_batch=21, depth=500.0), seed=simulation.seed)
    np.testing.assert_array_equal(more.truth.delta, simulation.truth.delta)


def test_screen_and_truth_speak_of_the_same_conditions(simulation):
    screen, truth = simulation.screen, simulation.truth
    assert screen.conditions.keys == truth.conditions.keys
    for name in ("target", "moa", "smiles"):
        np.testing.assert_array_equal(screen.conditions.annotation[name], truth.conditions.annotation[name])
    np.testing.assert_array_equal(screen.conditions.modality, truth.conditions.modality)
    np.testing.assert_array_equal(screen.genes, truth.genes)
    assert screen.notes == ()


def test_conditions_are_the_whole_grid(plan, simulation):
    drugs = plan.n_drugs + plan.n_salts
    treatments = plan.n_crispri + drugs * len(plan.doses) + plan.n_combinations
    assert len(simulation.truth.conditions) == treatments * plan.n_contexts


def test_every_context_has_controls_in_every_batch(plan, simulation):
    table = simulation.screen.table
    at = table.condition == CONTROL
    numbers = np.zeros((len(table.pools), len(table.batches)), dtype=int)
    np.add.at(numbers, (table.pool[at], table.batch[at]), 1)
    assert np.all(numbers == plan.controls_per_batch)


def test_counts_are_sparse_whole_and_named_once(simulation):
    adata = simulation.screen.adata
    assert adata.X.format == "csr"
    assert adata.X.dtype == np.float32
    assert adata.obs_names.is_unique
    np.testing.assert_array_equal(adata.X.data, np.rint(adata.X.data))


def test_times_are_measured_each_with_their_controls(plan):
    timed = simulate_screen(replace(plan, times=(6.0, 24.0), n_combinations=1), seed=1)
    table, truth = timed.screen.table, timed.truth
    assert len(table.pools) == 2 * plan.n_contexts
    keys = truth.conditions.keys
    row = {key: i for i, key in enumerate(keys)}
    early = [i for i, key in enumerate(keys) if key[3] == 6.0]
    late = [row[(*keys[i][:3], 24.0)] for i in early]
    working = ~truth.is_null[early]
    assert np.all(truth.response[early] < truth.response[late])
    assert np.mean(truth.magnitude[late][working] > truth.magnitude[early][working]) > 0.95


@pytest.mark.parametrize("settings", [{"n_drugs": 0, "n_salts": 0}, {"n_crispri": 0, "n_combinations": 0}])
def test_one_modality_alone(plan, settings):
    found = simulate_screen(replace(plan, **settings), seed=1)
    assert len(np.unique(found.truth.conditions.modality)) == 1
    assert (found.screen.design.dose is None) == (settings.get("n_drugs") == 0)


def test_it_can_be_written_and_read(simulation, tmp_path):
    simulation.screen.adata.write_h5ad(tmp_path / "screen.h5ad")
    again = ad.read_h5ad(tmp_path / "screen.h5ad")
    assert (again.X != simulation.screen.adata.X).nnz == 0
    assert again.obs["context"].tolist() == simulation.screen.adata.obs["context"].tolist()
