"""What every registered metric must do on effects known without noise."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.agreement import Ratio
from vcassay.evidence.metrics import METRICS, find_ceilings, score_answers
from vcassay.evidence.metrics.filled import evaluate, fill
from vcassay.simulate import SimulationPlan, simulate_screen

NAMES = [entry.name for entry in METRICS if entry.meta["readout"] != "scalar" and "cells" not in entry.arguments]
UNDEFINED_HERE = {
    "basis_explained",  # the truth is not of low rank
    "pearson_delta_top200",  # fewer genes are scored
    "null_calls",
    "pearson_delta_called",  # without noise nothing is called
    "wmse",
    "wr2",
    "population_retrieval",  # without noise genes have no weights
}
CORRELATIONS = [name for name in NAMES if METRICS[name].meta["family"] == "correlation"]


@pytest.fixture(scope="module")
def simulation():
    plan = SimulationPlan(
        n_genes=250, n_contexts=3, n_siblings=0, n_crispri=14, n_drugs=3, cells_per_condition=1, controls_per_batch=1
    )
    return simulate_screen(plan, seed=4)


@pytest.fixture(scope="module")
def panel(simulation, by_hand):
    """True effects of the simulation, halves without noise; targets left out; true nulls in a stratum."""
    truth = simulation.truth
    table, null = truth.conditions, truth.is_null
    target = np.isin(truth.genes, [part for parts in table.parts for part in parts])
    working = np.flatnonzero(~null)
    order = working[np.argsort(truth.magnitude[working])]
    strata = {"all": np.ones(len(table), dtype=bool), "detectable": ~null, "null": null}
    for name, part in zip(("weak", "medium", "strong"), np.array_split(order, 3), strict=True):
        strata[name] = np.isin(np.arange(len(table)), part)
    return by_hand(
        truth.delta,
        truth.delta,
        truth.delta,
        table.context,
        mask=np.tile(~target, (len(table), 1)),
        dose_time=np.unique([f"{c}|{d}" for c, d in zip(table.context, table.dose, strict=True)], return_inverse=True)[
            1
        ],
        detectable=~null,
        typical=np.full(len(table), np.median(truth.magnitude[~null] ** 2)),
        control=np.repeat(truth.control, np.bincount(np.unique(table.context, return_inverse=True)[1]), axis=0),
        family=np.unique(table.perturbation, return_inverse=True)[1],
        perturbation=np.unique([str(t) for t in table.treatments], return_inverse=True)[1],
        strata=strata,
    )


@pytest.fixture(scope="module")
def rows(panel):
    """Values of a metric for a prediction, as they are before anything is filled in."""

    def values(name: str, pred: np.ndarray) -> np.ndarray:
        found = evaluate(METRICS[name], panel, pred)
        if isinstance(found, Ratio):
            with np.errstate(divide="ignore", invalid="ignore"):
                return found.numerator / found.denominator
        return found

    return values


def aggregate_of(panel, answer, values):
    scores = score_answers(panel, {"a": answer("a", values)}, 0, 50)
    return {(s.metric, s.stratum): s for s in scores.aggregates}


@pytest.mark.parametrize("name", NAMES)
def test_perfect_copy_scores_the_optimum(panel, answer, name):
    entry = METRICS[name]
    stratum = "null" if entry.meta["family"] == "null" else "detectable"
    row = aggregate_of(panel, answer, panel.inputs["truth"])[name, stratum]
    if row.value is None:
        assert name in UNDEFINED_HERE
        assert row.reason
    else:
        assert row.value == pytest.approx(entry.meta["optimum"], abs=1e-9)


@pytest.mark.parametrize("name", ["cosine_delta", "pearson_delta"])
def test_no_change_has_no_correlation_and_counts_at_chance(panel, rows, answer, name):
    nothing = np.zeros_like(panel.inputs["truth"])
    assert np.isnan(rows(name, nothing)).all()
    row = aggregate_of(panel, answer, nothing)[name, "detectable"]
    assert (row.value, row.n_at_chance, row.n) == (0.0, row.n, int(panel.strata["detectable"].sum()))


def test_no_change_elsewhere(panel, rows, answer):
    nothing = np.zeros_like(panel.inputs["truth"])
    found = aggregate_of(panel, answer, nothing)
    # a zero effect is at distance 1 from all: half of the panel, whatever the truth
    own = ~panel.strata["null"]
    np.testing.assert_allclose(rows("pds_cosine", nothing)[own], 0.5, atol=1e-12)
    assert found["nmse", "detectable"].value == pytest.approx(1.0, abs=1e-12)
    assert found["nmse_raw", "detectable"].value == pytest.approx(1.0, abs=1e-12)
    assert found["null_effect", "null"].value == 0.0
    magnitude = found["magnitude_log2", "detectable"]
    assert magnitude.value is None
    assert "prediction is zero" in magnitude.reason
    # why not: whole profiles correlate although nothing was predicted
    assert found["pearson_raw", "detectable"].value > 0.9


def test_constant_mean_is_at_chance_in_retrieval(panel, answer, rows):
    """With a common mask and the panel as candidates the mean PDS is .5 exactly: ranks are symmetric."""
    mean = np.tile(panel.inputs["truth"].mean(axis=0), (len(panel.context), 1))
    value = rows("pds_cosine", mean)
    field = 2 * panel.inputs["dose_time"] + panel.inputs["detectable"]
    for code in np.unique(field):
        here = value[field == code]
        assert np.isnan(here).all() if len(here) < 2 else here.mean() == pytest.approx(0.5, abs=1e-12)
    for stratum in ("all", "detectable"):
        assert aggregate_of(panel, answer, mean)["pds_cosine", stratum].value == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_mean_itself_has_no_perturbed_reference_correlation(panel, rows, answer, dtype):
    """Also when the mean was written in single precision: rounding residue is no prediction."""
    mean = panel.inputs["reference"].astype(dtype).astype(np.float64)
    assert np.isnan(rows("pearson_delta_perturbed", mean)).all()
    row = aggregate_of(panel, answer, mean)["pearson_delta_perturbed", "detectable"]
    assert (row.value, row.n_at_chance) == (0.0, row.n)


def test_a_prediction_near_the_mean_is_still_a_prediction(panel, rows):
    near = panel.inputs["reference"] + 1e-4 * (panel.inputs["truth"] - panel.inputs["reference"])
    own = ~panel.strata["null"]
    np.testing.assert_allclose(rows("pearson_delta_perturbed", near)[own], 1.0, atol=1e-6)


def test_shuffled_labels_score_chance(by_hand, answer):
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(160, 120)) + rng.normal(size=120)
    panel = by_hand(truth, truth, truth, np.repeat([0, 1], 80))
    pds, perturbed = [], []
    for _ in range(5):
        found = aggregate_of(panel, answer, truth[np.random.default_rng(len(pds)).permutation(160)])
        pds.append(found["pds_cosine", "all"].value)
        perturbed.append(found["pearson_delta_perturbed", "all"].value)
        # the programme that all share keeps the correlation against control up: pathology P3
        assert found["pearson_delta", "all"].value > 0.3
    assert np.mean(pds) == pytest.approx(0.5, abs=0.03)
    assert np.mean(perturbed) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("factor", [0.25, 4.0])
def test_scale_is_seen_by_magnitude_and_error_alone(panel, rows, answer, factor):
    truth = panel.inputs["truth"]
    rng = np.random.default_rng(0)
    pred = truth + 0.5 * truth.std() * rng.normal(size=truth.shape)
    for name in ("pearson_delta", "cosine_delta", "pearson_delta_targets", "pds_cosine"):
        np.testing.assert_allclose(rows(name, factor * pred), rows(name, pred), atol=1e-12)
    exact = aggregate_of(panel, answer, factor * truth)
    assert exact["magnitude_log2", "detectable"].value == pytest.approx(np.log2(factor), abs=1e-12)
    assert exact["nmse", "detectable"].value == pytest.approx((1 - factor) ** 2, abs=1e-12)
    assert exact["nmse_raw", "detectable"].value == pytest.approx((1 - factor) ** 2, abs=1e-12)


def test_isotropic_noise_raises_the_error_as_predicted(panel, answer):
    """d = t + e has the error |e|^2 / |t|^2, in sums that weigh contexts alike."""
    truth, own = panel.inputs["truth"], panel.strata["detectable"]
    noise = 0.3 * truth[own].std() * np.random.default_rng(1).normal(size=truth.shape)
    found = aggregate_of(panel, answer, truth + noise)["nmse", "detectable"].value

    def energy(x):
        squares = np.where(panel.inputs["mask"], x**2, 0.0).sum(axis=1)
        return np.mean([squares[own & (panel.context == c)].mean() for c in np.unique(panel.context)])

    assert 0.05 < found < 0.5
    assert found == pytest.approx(energy(noise) / energy(truth), rel=1e-10)


def test_target_only_predictor_is_at_baseline(simulation, panel, answer):
    """The knock-down of the target itself is a free hit that only the metric with targets kept rewards."""
    sparse = simulation.truth.component("target")
    guides = panel.strata["detectable"] & (sparse != 0).any(axis=1)
    assert guides.sum() > 20
    found = aggregate_of(panel.take(guides), answer, sparse[guides])
    assert found["pearson_delta", "all"].value == 0.0
    assert found["cosine_delta", "all"].value == 0.0
    assert found["pds_cosine", "all"].value == pytest.approx(0.5, abs=1e-12)
    assert found["nmse", "all"].value == pytest.approx(1.0, abs=1e-12)
    assert found["pearson_delta_targets", "all"].value > 0.15


def test_null_effect_counts_only_conditions_without_one(panel, rows):
    pred = np.ones_like(panel.inputs["truth"])
    value = rows("null_effect", pred)
    null = panel.strata["null"]
    assert np.isnan(value[~null]).all()
    np.testing.assert_allclose(value[null], 1.0 / panel.inputs["typical"][null], rtol=1e-12)


def test_retrieval_uses_genes_that_are_scored_for_all_candidates(by_hand, answer):
    """Own-target masks differ by row; the distances of one row must be over one set of genes."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(6, 40))
    mask = np.ones(truth.shape, dtype=bool)
    mask[np.arange(6), np.arange(6)] = False
    truth[np.arange(6), np.arange(6)] = 100.0
    pred = rng.normal(size=truth.shape)
    pred[np.arange(6), np.arange(6)] = 100.0  # its own target alone
    panel = by_hand(truth, truth, truth, np.zeros(6), mask=mask)
    common = fill(METRICS["pds_cosine"], panel, pred).values
    without = by_hand(truth[:, 6:], truth[:, 6:], truth[:, 6:], np.zeros(6))
    np.testing.assert_array_equal(common, fill(METRICS["pds_cosine"], without, pred[:, 6:]).values)


def test_retrieval_candidates_share_context_dose_and_time(by_hand):
    truth = np.eye(4)
    panel = by_hand(truth, truth, truth, np.zeros(4), dose_time=np.array([0, 0, 1, 2]))
    value = evaluate(METRICS["pds_cosine"], panel, truth[[1, 0, 2, 3]])
    np.testing.assert_array_equal(value[:2], [0.0, 0.0])  # each nearest to the other of its panel
    assert np.isnan(value[2:]).all()  # alone in theirs: undefined by the truth


def test_noise_free_truth_has_a_ceiling_at_the_optimum(panel, answer):
    scores = score_answers(panel, {"a": answer("a", panel.inputs["truth"])}, 0, 50)
    ceilings = find_ceilings(scores)
    for name in sorted({*CORRELATIONS, "nmse", "nmse_perturbed", "pds_cosine"} - UNDEFINED_HERE):
        assert ceilings[name, "detectable"].value == pytest.approx(METRICS[name].meta["optimum"], abs=1e-9)


def test_every_metric_says_what_it_is():
    for entry in METRICS:
        assert entry.summary
        assert entry.source
        assert entry.meta["fooled_by"], f"{entry.name} names no way to fool it"
        assert entry.meta["undefined"], f"{entry.name} does not say when it has no value"
    primary = [(entry.meta["readout"], entry.meta["family"]) for entry in METRICS if entry.meta["primary"]]
    assert sorted(f for readout, f in primary if readout == "vector") == ["correlation", "error", "retrieval"]
    # of the two errors of a scalar readout, one carries the verdict of a panel
    assert sorted(f for readout, f in primary if readout == "scalar") == ["correlation", "error", "error", "ranking"]
