from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.simulate import SimulationPlan
from vcassay.simulate.cells import barcodes, cell_numbers, draw_counts, lay_out


@pytest.mark.parametrize("dispersion", [0.1, 0.6])
def test_counts_are_negative_binomial(plan: SimulationPlan, dispersion: float):
    n = 40_000
    settings = replace(plan, depth=100.0, depth_spread=0.0, dispersion=dispersion)
    share = np.asarray([[0.02, 0.18, 0.3, 0.5]])
    counts = draw_counts(share, np.zeros(n, dtype=np.int64), settings, np.random.default_rng(0)).toarray()
    mean = settings.depth * share[0]
    variance = mean + dispersion * mean**2
    assert np.all(np.abs(counts.mean(axis=0) - mean) < 5 * np.sqrt(variance / n))
    np.testing.assert_allclose(counts.var(axis=0), variance, rtol=0.08)
    zeros = (1 + dispersion * mean) ** (-1 / dispersion)
    np.testing.assert_allclose(np.mean(counts == 0, axis=0), zeros, atol=0.01)
    assert np.max(np.abs(np.corrcoef(counts.T) - np.eye(4))) < 0.03


def test_depth_varies_around_its_mean(plan):
    settings = replace(plan, depth=5000.0, depth_spread=0.3, dispersion=1e-3)
    share = np.full((1, 50), 0.02)
    counts = draw_counts(share, np.zeros(20_000, dtype=np.int64), settings, np.random.default_rng(0))
    totals = np.asarray(counts.sum(axis=1)).ravel()
    assert totals.mean() == pytest.approx(5000, rel=0.02)
    assert np.log(totals).std() == pytest.approx(0.3, rel=0.05)


def test_counts_are_canonical_csr(plan):
    counts = draw_counts(
        np.full((3, 40), 1 / 40), np.arange(3).repeat(1000), replace(plan, depth=50.0), np.random.default_rng(0)
    )
    assert counts.dtype == np.float32
    assert counts.has_canonical_format
    assert counts.data.min() >= 1
    assert counts.shape == (3000, 40)


def test_cells_are_spread_evenly_over_batches(plan):
    numbers = cell_numbers(replace(plan, n_batches=3, cells_spread=0.5), 500, np.random.default_rng(0))
    assert numbers.sum(axis=1).min() >= 1
    assert np.all(numbers.max(axis=1) - numbers.min(axis=1) <= 1)
    # The odd cells fall on no batch in particular.
    assert np.ptp(numbers.sum(axis=0)) < 0.02 * numbers.sum()


def test_layout_has_every_cell_once_in_no_order_of_conditions():
    perturbed, control = np.asarray([[30, 29], [5, 6]]), np.asarray([[7, 8]])
    table = lay_out(perturbed, control, np.random.default_rng(0))
    for b in range(2):
        np.testing.assert_array_equal(
            np.bincount(table.condition[(table.batch == b) & (table.condition >= 0)]), perturbed[:, b]
        )
        assert np.sum((table.batch == b) & (table.control == 0)) == control[0, b]
    assert np.any(np.diff(table.condition[table.batch == 0]) < 0)
    assert np.all((table.condition < 0) == (table.control >= 0))


def test_barcodes_are_unique_and_new():
    rng = np.random.default_rng(0)
    old = barcodes(5000, rng)
    new = barcodes(5000, np.random.default_rng(0), old)
    assert len(np.unique(np.concatenate([old, new]))) == 10_000
    assert {len(b) for b in old.tolist()} == {16}
