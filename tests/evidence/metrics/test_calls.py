"""Metrics of called genes: optimum, chance, what the truth leaves undefined, and what does not fool them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.agreement import Ratio
from vcassay.evidence.metrics import METRICS, score_answers
from vcassay.evidence.metrics.calibration.moved import moved_genes
from vcassay.evidence.metrics.filled import evaluate

OVERLAPS = [f"{kind}_at_{k}" for kind in ("overlap", "precision") for k in (50, 100, 200)] + ["overlap_at_called"]
CURVES = ["auroc_de", "auprc_de", "auroc_matched", "auroc_up", "auroc_down", "auroc_per_gene"]
DIRECTIONS = ["direction_match", "direction_over_majority", "direction_balanced", "reach", "spearman_called"]
SETS = ["jaccard_called", "fidelity", "mcc_called", "informedness", "markedness", "call_precision", "call_recall"]
COUNTS = ["call_ratio", "call_count_spearman"]
NAMES = [*OVERLAPS, *CURVES, *DIRECTIONS, "nmae_called", *SETS, *COUNTS]


@pytest.fixture(scope="module")
def panel(by_hand):
    """Two contexts of thirty conditions, their effects of different size over 400 genes, the first two without any."""
    rng = np.random.default_rng(0)
    truth = (
        rng.normal(size=(60, 400)) * rng.uniform(0.5, 2.0, size=(60, 1)) * np.where(rng.random((60, 400)) < 0.2, 3, 1)
    )
    truth[:2] = 1e-3 * rng.normal(size=(2, 400))
    control = rng.exponential(size=(60, 400))
    context = np.repeat(["a", "b"], 30)
    line = np.full(truth.shape, 3.0)
    made = by_hand(truth, truth, truth, context, control=control)
    calls = {"threshold": line, "statistic": truth, "called": np.abs(truth) >= line}
    return replace(made, inputs={**made.inputs, **calls})


def rows(panel, name, pred):
    found = evaluate(METRICS[name], panel, pred)
    if isinstance(found, Ratio):
        ok = np.isfinite(found.numerator)
        return np.where(ok, found.numerator[ok].sum() / found.denominator[ok].sum(), np.nan)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_copy_has_the_optimum_and_the_truth_alone_decides_what_is_undefined(panel, name):
    meta = METRICS[name].meta
    copy = rows(panel, name, panel.inputs["truth"])
    assert np.isfinite(copy[2:]).sum() > 40
    np.testing.assert_allclose(copy[np.isfinite(copy)], meta["optimum"], atol=1e-12)
    other = rows(panel, name, np.random.default_rng(1).normal(scale=3.0, size=(len(copy), 400)))
    np.testing.assert_array_equal(np.isfinite(other), np.isfinite(copy))


AT_CHANCE = [n for n in NAMES if METRICS[n].meta["chance"] is not None]


@pytest.mark.parametrize("name", AT_CHANCE)
def test_no_change_is_at_the_chance_level(panel, answer, name):
    zero = np.zeros_like(panel.inputs["truth"])
    scores = score_answers(panel, {"a": answer("a", zero)}, 0, 20, metrics=[name])
    assert scores.estimate("a", name, "all").value == pytest.approx(METRICS[name].meta["chance"], abs=1e-12)


@pytest.mark.parametrize("name", [*OVERLAPS, *CURVES, "direction_match", "direction_balanced", "spearman_called"])
def test_random_predictions_are_at_the_chance_level_on_average(panel, name):
    rng = np.random.default_rng(2)
    values = [np.nanmean(rows(panel, name, rng.normal(size=(60, 400)))) for _ in range(20)]
    assert np.mean(values) == pytest.approx(METRICS[name].meta["chance"], abs=0.02)


@pytest.mark.parametrize("name", [*SETS, "nmae_called"])
def test_conditions_without_calls_are_left_out(panel, name):
    assert np.isnan(rows(panel, name, panel.inputs["truth"])[:2]).all()
    assert np.isnan(rows(panel, name, np.full((60, 400), 9.0))[:2]).all()


def test_flooding_does_not_pay(panel):
    rng = np.random.default_rng(3)
    flood = 100.0 * np.sign(rng.normal(size=(60, 400)))
    for name in ("jaccard_called", "mcc_called", "informedness", "markedness", "call_precision"):
        np.testing.assert_allclose(rows(panel, name, flood)[2:], 0.0, atol=1e-12)
    assert np.abs(rows(panel, "fidelity", flood)[2:]).max() < 0.1
    assert (rows(panel, "call_recall", flood)[2:] == 1.0).all()
    assert rows(panel, "call_ratio", flood).min() > 0.5


def test_one_sign_for_all_genes_is_seen_through(by_hand):
    rng = np.random.default_rng(4)
    truth = np.abs(rng.normal(size=(12, 300))) * np.where(rng.random((12, 300)) < 0.8, -1.0, 1.0)
    panel = by_hand(truth, truth, truth, ["a"] * 12)
    down = np.full(truth.shape, -1.0)
    assert np.mean(rows(panel, "direction_match", down)) > 0.75
    np.testing.assert_allclose(rows(panel, "direction_balanced", down), 0.5)
    np.testing.assert_allclose(rows(panel, "direction_over_majority", down), 0.0, atol=1e-12)
    assert (rows(panel, "direction_over_majority", np.zeros_like(truth)) < -0.5).all()


def test_one_prediction_for_all_conditions_knows_no_gene_s_conditions(panel):
    mean = np.tile(panel.inputs["truth"].mean(axis=0), (60, 1))
    assert rows(panel, "auroc_per_gene", mean)[5] == pytest.approx(0.5, abs=1e-12)
    assert rows(panel, "call_count_spearman", mean)[5] == pytest.approx(0.0, abs=1e-12)


def test_leaving_conditions_out_does_not_lift_the_others(panel, answer):
    mean = np.tile(panel.inputs["truth"].mean(axis=0), (60, 1))
    mean[::2] = np.nan
    scores = score_answers(panel, {"a": answer("a", mean)}, 0, 20, metrics=["auroc_per_gene"])
    assert scores.estimate("a", "auroc_per_gene", "all").value == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_order_of_genes_and_what_is_not_tested_do_not_matter(panel, name):
    rng = np.random.default_rng(5)
    pred = np.round(rng.normal(size=(60, 400)) + 0.5 * panel.inputs["truth"], 1)
    drop = rng.random(400) < 0.1
    line = np.where(drop, np.nan, panel.inputs["threshold"])
    inputs = panel.inputs | {"threshold": line, "called": panel.inputs["called"] & ~drop}
    tested = replace(panel, inputs=inputs)
    move = rng.permutation(400)
    here = rows(tested, name, pred)
    there = rows(moved_genes(tested, move), name, np.ascontiguousarray(pred[:, move]))
    np.testing.assert_allclose(there, here, rtol=1e-10, atol=1e-12)
    loud = rows(tested, name, np.where(drop, 50.0, pred))
    np.testing.assert_allclose(loud, here, rtol=1e-12)


def test_measured_screens_have_calls(measured):
    made = measured(0)
    called, line = made.panel.inputs["called"], made.panel.inputs["threshold"]
    assert called[made.panel.inputs["detectable"]].sum(axis=1).mean() > 5
    assert np.isfinite(line).any(axis=1).all()
    copy = rows(made.panel, "jaccard_called", made.panel.inputs["truth"])
    some = (called & np.isfinite(line) & made.panel.inputs["mask"]).any(axis=1)
    np.testing.assert_array_equal(copy, np.where(some, 1.0, np.nan))


def test_noise_does_not_tell_the_number_of_calls(by_hand):
    """A condition's own bar is lower the more genes are called in it: one bar for all keeps noise at chance."""
    rng, found = np.random.default_rng(0), []
    for _ in range(20):
        size = rng.uniform(0.1, 2.0, 30)
        truth = size[:, None] * rng.normal(size=(30, 80))
        panel = by_hand(truth, truth, truth, ["c"] * 30)
        panel.inputs["threshold"] = np.tile((1.5 / (0.5 + size))[:, None], (1, 80))
        value = evaluate(METRICS["call_count_spearman"], panel, rng.normal(size=truth.shape))
        found.append(value.numerator.sum() / value.denominator.sum())
        own = evaluate(METRICS["call_count_spearman"], panel, truth)
        assert own.numerator.sum() / own.denominator.sum() == pytest.approx(1.0)
    assert abs(np.mean(found)) < 0.1
