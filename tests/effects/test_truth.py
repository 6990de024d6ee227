"""Screens with planted effects: what is measured must be the truth, with an honest error."""

from __future__ import annotations

import numpy as np
import pytest

from tests.effects.builders import biology, count_cells
from tests.effects.conftest import SCALES
from vcassay.arrays.agreement import cross_product_error, pearson
from vcassay.arrays.ceiling import perfect_ceiling
from vcassay.effects import measure
from vcassay.effects.measure import ALL
from vcassay.simulate import SimulationPlan, simulate_screen
from vcassay.simulate.observed import observed_effects


def stack(drawn, name):
    return np.array([getattr(e, name) for e in drawn.effects])


def test_effects_are_unbiased(drawn):
    error = stack(drawn, "delta") - drawn.truth
    z = error.mean(axis=0) / (error.std(axis=0, ddof=1) / np.sqrt(len(error)))
    assert abs(z.mean()) < 4 / np.sqrt(z.shape[1])
    assert 0.9 < z.std() < 1.2
    assert np.abs(z).max() < 6


def test_training_effects_are_unbiased_too(drawn):
    error = stack(drawn, "delta_train") - drawn.truth
    z = error.mean(axis=0) / (error.std(axis=0, ddof=1) / np.sqrt(len(error)))
    assert 0.9 < z.std() < 1.2


@pytest.mark.parametrize("scale", np.unique(SCALES))
def test_the_standard_error_is_calibrated(drawn, scale):
    rows = scale == SCALES
    error = (stack(drawn, "delta") - drawn.truth)[:, rows]
    variance = np.mean(stack(drawn, "se")[:, rows] ** 2, axis=0)
    assert 0.85 < np.std(error / np.sqrt(variance)) < 1.15


@pytest.mark.parametrize("scale", np.unique(SCALES))
def test_the_debiased_size_is_unbiased(drawn, scale):
    rows = scale == SCALES
    size = stack(drawn, "size")[:, rows].mean(axis=1)
    truth = float(np.mean(drawn.truth[rows] ** 2))
    assert abs(size.mean() - truth) < 3.5 * size.std(ddof=1) / np.sqrt(len(size))


def test_the_plain_size_is_not(drawn):
    weak = SCALES <= 0.03
    plain = np.mean(stack(drawn, "delta")[:, weak] ** 2)
    assert plain > 2 * np.mean(drawn.truth[weak] ** 2)


def test_a_perfect_model_has_no_corrected_error(drawn):
    ratios = []
    for effects in drawn.effects:
        ratio = cross_product_error(drawn.truth, effects.half_mean, effects.cross, effects.mask)
        ratios.append(ratio.numerator.sum() / ratio.denominator.sum())
    assert abs(np.mean(ratios)) < 0.02


def test_detection_rises_with_size(drawn):
    found = stack(drawn, "detectable")
    share = np.array([found[:, scale == SCALES].mean() for scale in np.unique(SCALES)])
    assert np.all(np.diff(share) >= 0)
    assert share[0] < 0.1
    assert share[1] > 0.3
    np.testing.assert_array_equal(share[-2:], 1.0)


def test_false_discoveries_stay_below_the_rate_asked_for(drawn):
    found = stack(drawn, "detectable")
    assert found[:, SCALES == 0].sum() / found.sum() < 0.08


def test_strata_rise_with_size(drawn):
    for effects in drawn.effects:
        sizes = [effects.size[effects.stratum == name] for name in ("weak", "medium", "strong")]
        assert all(len(s) for s in sizes)
        assert sizes[0].max() <= sizes[1].min()
        assert sizes[1].max() <= sizes[2].min()


def test_reliability_rises_with_size(drawn):
    found = stack(drawn, "reliability")
    means = np.array([found[:, scale == SCALES].mean() for scale in np.unique(SCALES)])
    assert np.all(np.diff(means) > 0)
    assert means[-1] > 0.9


@pytest.mark.parametrize("scale", [0.03, 0.06, 0.12, 0.3])
def test_the_ceiling_is_what_a_perfect_model_reaches(drawn, scale):
    rows = scale == SCALES
    reached = np.mean([pearson(drawn.truth, e.delta, e.mask)[rows] for e in drawn.effects])
    ceiling = perfect_ceiling(stack(drawn, "reliability")[:, rows].ravel())
    assert abs(reached - ceiling) < 0.04


def test_a_second_measurement_agrees_as_the_replicate_ceiling_says(drawn):
    rows = SCALES == 0.06
    a, b = drawn.effects[:10], drawn.effects[10:]
    agreed = np.mean([pearson(x.delta, y.delta, x.mask)[rows] for x, y in zip(a, b, strict=True)])
    expected = perfect_ceiling(stack(drawn, "reliability")[:, rows].ravel()) ** 2
    assert abs(agreed - expected) < 0.05


@pytest.fixture(scope="module")
def simulation():
    """For comparison with `vcassay.simulate.observed`, which sums cells without shards, links or groups."""
    plan = SimulationPlan(
        n_genes=60,
        n_pathways=4,
        n_contexts=2,
        n_siblings=0,
        n_crispri=10,
        n_drugs=2,
        n_batches=3,
        cells_per_condition=15,
        cells_spread=0.5,
        controls_per_batch=20,
        depth_spread=1.0,
        batch_sd=0.5,
        times=(6.0, 24.0),
    )
    return simulate_screen(plan, seed=11)


@pytest.fixture(scope="module")
def effects(simulation):
    return measure(simulation.screen, seed=2)


def test_it_agrees_with_plain_sums_of_all_cells(simulation, effects):
    np.testing.assert_allclose(effects.moments.effects(ALL, ALL), observed_effects(simulation.screen), atol=1e-10)


@pytest.mark.parametrize(("name", "shards"), [("delta", (0, 2, 4, 6)), ("delta_train", (1, 3, 5, 7))])
def test_it_agrees_with_plain_sums_over_either_kind_of_controls(simulation, effects, name, shards):
    use = (simulation.screen.table.condition >= 0) | np.isin(effects.moments.slots.shard, shards)
    np.testing.assert_allclose(getattr(effects, name), observed_effects(simulation.screen, use), atol=1e-10)


def test_it_agrees_with_plain_sums_of_one_half(simulation, effects):
    is_perturbed = simulation.screen.table.condition >= 0
    shard = effects.moments.slots.shard
    use = np.where(is_perturbed, np.isin(shard, (0, 1, 2, 3)), np.isin(shard, (0, 2)))
    plain = observed_effects(simulation.screen, use)
    np.testing.assert_allclose(effects.half_a, plain, atol=1e-10)


def test_it_meets_the_simulated_truth(simulation, effects):
    working = ~simulation.truth.is_null
    error = (effects.delta - simulation.truth.delta)[working]
    assert 0.8 < np.mean(error**2) / np.mean(effects.se[working] ** 2) < 1.25


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_batch_matching_removes_a_batch_effect(share):
    """Conditions lie unevenly over two batches that differ much; pooled controls would show that as an effect."""
    effect, base = biology(8, 12, 40, n_batches=2, batch_sd=1.0)
    cells = (round(40 * share), round(40 * (1 - share)))
    planted = count_cells(1, 0 * effect, base, cells=cells, controls=(60, 60), depth=(1500.0,))
    effects = measure(planted.screen)
    noise = np.mean(effects.se**2)
    np.testing.assert_array_equal(effects.matched, 1.0)
    assert np.mean(effects.delta**2) < 1.4 * noise

    pooled = effects.moments.profile(ALL) - effects.moments.pool_profiles(ALL)
    if share == 0.9:
        assert np.mean(pooled**2) > 10 * noise


def test_falling_back_to_pooled_controls_is_recorded():
    effect, base = biology(8, 6, 30, n_batches=2, batch_sd=1.0)
    planted = count_cells(1, 0 * effect, base, cells=(30, 10), controls=(60, 5), depth=(1500.0,))
    effects = measure(planted.screen)
    np.testing.assert_allclose(effects.matched, 0.75)
    np.testing.assert_array_equal(effects.n_control, 65)
    np.testing.assert_array_equal(effects.obs()["batch_matched"], effects.matched)
    assert np.mean(effects.delta**2) > 2 * np.mean(effects.se**2)  # the price: the batch looks like an effect
