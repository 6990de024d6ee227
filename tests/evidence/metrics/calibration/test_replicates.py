"""Calibration: closed forms, disjoint blocks, and which metrics are demoted on simulated screens."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.shards import N_SHARDS
from vcassay.evidence.metrics import METRICS
from vcassay.evidence.metrics.calibration.calibrated import calibrate_metrics, calibration_record, demotions
from vcassay.evidence.metrics.calibration.replicates import Blocks, calibrate, interpolate, make_blocks
from vcassay.evidence.metrics.calibration.rules import Broken

EVERY = tuple(range(N_SHARDS))


@pytest.fixture(scope="module")
def blocks(noisy):
    """A truth and a replicate of it, with noise of their own."""
    world = noisy(3, contexts=2, each=40, genes=150)
    rng = np.random.default_rng(0)
    replicate = world.effect + rng.normal(size=world.effect.shape)
    reference = np.tile(world.effect.mean(axis=0), (len(world.effect), 1))
    world.panel.inputs["reference"] = reference
    return Blocks(world.panel, replicate, replicate)


def of(found, name):
    return next(c for c in found if c.metric == name)


def test_values_are_those_of_the_metric(blocks):
    found = of(calibrate(blocks, {}, 0), "mse")
    truth, mean = blocks.panel.inputs["truth"], blocks.panel.inputs["reference"]
    assert found.replicate == pytest.approx(((blocks.replicate - truth) ** 2).mean(), rel=1e-9)
    assert found.mean == pytest.approx(((mean - truth) ** 2).mean(), rel=1e-9)
    assert found.no_change == pytest.approx((truth**2).mean(), rel=1e-9)
    assert found.drf.value == pytest.approx((found.replicate - found.mean) / (0.0 - found.mean), rel=1e-9)
    better = ((blocks.replicate - truth) ** 2).mean(axis=1) < ((mean - truth) ** 2).mean(axis=1)
    assert found.bds.value == pytest.approx(better.mean(), abs=1e-12)
    assert found.bds.low <= found.bds.value <= found.bds.high


def test_a_metric_that_prefers_the_mean_is_demoted(blocks, monkeypatch):
    swapped = Blocks(blocks.panel, blocks.panel.inputs["reference"] * -1.0, blocks.panel.inputs["reference"] * -1.0)
    found = of(calibrate(swapped, {}, 0), "mse")
    assert found.bds.high < 0.5
    assert any("prefers the mean" in reason for reason in found.reasons)
    assert demotions([found]) == {"mse": found.reasons}


def test_a_broken_rule_demotes(blocks):
    found = calibrate(blocks, {"pearson_delta": (Broken("scale", "it sees scale"),)}, 0)
    assert of(found, "pearson_delta").reasons == ("it sees scale",)
    assert "mse" not in demotions(found)
    record = calibration_record(of(found, "pearson_delta"))
    assert record.broken == ("scale: it sees scale",)
    assert record.reasons == ("it sees scale",)


def test_a_metric_that_the_truth_does_not_define_has_no_values(blocks):
    found = of(calibrate(blocks, {}, 0), "pearson_delta_top200")
    assert found.n == 0
    assert np.isnan([found.interpolated, found.drf.value, found.bds.value]).all()
    assert found.reasons == ()


def test_interpolation_keeps_what_is_significant(by_hand):
    truth = np.random.default_rng(0).normal(size=(2, 4))
    panel = by_hand(truth, truth, truth + 0.1, [0, 0], reference=np.full((2, 4), 0.5))
    replicate = np.array([[10.0, 0.0, 0.0, -10.0], [0.0] * 4])
    found = interpolate(replicate, np.ones((2, 4)), panel)
    np.testing.assert_allclose(found[0, [0, 3]], [10.0, -10.0], atol=1e-9)
    np.testing.assert_allclose(found[:, 1:3], 0.5, atol=1e-9)
    np.testing.assert_allclose(found[1], 0.5, atol=1e-9)


def test_blocks_share_neither_rows_nor_controls(measured):
    """On a screen without effects a replicate does not correlate with the truth, though it has half of its batch."""
    agreements = []
    for seed in range(6):
        world = measured(seed, null_share=1.0)
        blocks = make_blocks(world.panel, world.effects, world.claim.split.test, EVERY)
        a, b = blocks.replicate, blocks.panel.inputs["truth"]
        inside = world.panel.inputs["mask"]
        agreements += [np.corrcoef(x[m], y[m])[0, 1] for x, y, m in zip(a, b, inside, strict=True)]
        halves = zip(blocks.panel.half_a, blocks.panel.half_b, inside, strict=True)
        agreements += [np.corrcoef(x[m], y[m])[0, 1] for x, y, m in halves]
    assert abs(np.mean(agreements)) < 0.03


def test_primary_metrics_hold_on_good_screens(measured):
    for seed, cells in ((0, 8), (1, 30), (2, 60)):
        world = measured(seed, cells_per_condition=cells)
        found, why = calibrate_metrics(world.panel, world.effects, world.claim, seed)
        assert why == ""
        assert {c.metric for c in found} >= {"nmse", "pearson_delta", "pds_cosine", "pearson_raw"}
        lost = demotions(found)
        assert not set(lost) & {e.name for e in METRICS if e.meta["primary"]}, lost


def test_without_signal_nothing_is_calibrated(measured):
    world = measured(4, null_share=1.0)
    found, why = calibrate_metrics(world.panel, world.effects, world.claim, 4)
    assert found == [] or world.panel.no_signal == ""
    assert bool(why) == bool(world.panel.no_signal)


@pytest.mark.slow
def test_primary_metrics_are_seldom_demoted_over_seeds(measured):
    lost = 0
    for seed in range(20):
        world = measured(seed, cells_per_condition=(8, 20, 60)[seed % 3])
        found, _ = calibrate_metrics(world.panel, world.effects, world.claim, seed)
        lost += len(set(demotions(found)) & {"nmse", "pearson_delta", "pds_cosine"})
    assert lost <= 1
