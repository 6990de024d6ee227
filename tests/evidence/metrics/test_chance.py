"""Every metric's chance level is what predictions without information score on average."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from vcassay.evidence.metrics import METRICS
from vcassay.evidence.metrics.calibration.outcome import outcome
from vcassay.evidence.metrics.calibration.planted import planted_panel
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.panel import Panel

PANELS = 30
NOISE = 0.15

NO_CHANGE = {
    "call_recall",
    "nmae_called",
    "nmse",
    "nmse_raw",
    "nmse_uncorrected",
    "pathway_missed",
    "pathway_nmse",
    "pathway_shared",
    "reach",
}
"""Their chance level is that of no change: a random prediction is worse, or (of calls) pays for it elsewhere."""
OF_ARGUMENT = {
    "nmse_interaction": "template",
    "nmse_perturbed": "reference",
    "phenotype_error": "bias",
    "phenotype_error_raw": "bias",
}
"""Errors relative to another prediction, which is the one that knows nothing."""
AROUND_THE_MEAN = {"pearson_delta_perturbed"}
"""At chance is the mean training effect with anything added to it."""
AT_MOST = {"wr2"}
"""The mean training effect is at or just below the chance level: its spread over genes is taken about another mean."""
TYPICAL = {"null_effect"}
"""Its chance level is a prediction as large as a typical effect."""
OTHERWISE = {**dict.fromkeys(NO_CHANGE, ""), **OF_ARGUMENT, **dict.fromkeys(AROUND_THE_MEAN | AT_MOST | TYPICAL, "")}

NAMES = [e.name for e in METRICS if e.meta["chance"] is not None and "cells" not in e.arguments]
RANDOM = [n for n in NAMES if n not in OTHERWISE]


@cache
def noisy(seed: int, *, scalar: bool) -> Panel:
    """Planted effects measured twice with noise; the mean training effect is not the mean of the scored ones."""
    made = planted_panel(seed, scalar=scalar)
    rng = np.random.default_rng([seed, 5])
    true = made.inputs["truth"]
    a, b = (true + NOISE * rng.normal(size=true.shape) for _ in range(2))
    truth = (a + b) / 2.0
    called = (np.abs(truth) >= made.inputs["threshold"]) & made.inputs["mask"]
    changed = {"truth": truth, "half_a": a, "half_b": b, "half_mean": truth, "cross": a * b, "called": called}
    return replace(made, inputs={**made.inputs, **changed, "reference": 0.5 * made.inputs["reference"]})


@cache
def panel_of(name: str, seed: int) -> Panel:
    entry = METRICS[name]
    if entry.meta["readout"] == "scalar":
        return noisy(seed, scalar=True)
    made = noisy(seed, scalar=False)
    return made if entry.meta["family"] == "null" else made.take(made.strata["detectable"])


@cache
def random_inputs(seed: int, family: str, *, scalar: bool) -> Inputs:
    """One random answer for all metrics of a family that are scored on the same conditions."""
    panel = noisy(seed, scalar=scalar)
    if not scalar and family != "null":
        panel = panel.take(panel.strata["detectable"])
    pred = np.random.default_rng([seed, 9]).normal(size=panel.inputs["truth"].shape)
    return Inputs(panel, pred)


def mean_and_error(found: list[float]) -> tuple[float, float]:
    values = np.asarray(found)
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


@pytest.mark.parametrize("name", RANDOM)
def test_a_random_prediction_is_at_chance(name: str) -> None:
    entry = METRICS[name]
    scalar = entry.meta["readout"] == "scalar"
    family = "null" if entry.meta["family"] == "null" else ""
    found = [outcome(entry, random_inputs(seed, family, scalar=scalar)).value for seed in range(PANELS)]
    if np.isnan(found).all():
        assert name in {"phenotype_pearson_residual_perturbation"}  # three contexts are too few for it
        return
    value, error = mean_and_error(found)
    assert abs(value - entry.meta["chance"]) <= 4.0 * error + 1e-12
    assert error < 0.03


@pytest.mark.parametrize("name", sorted(NO_CHANGE))
def test_no_change_is_at_chance(name: str) -> None:
    panel = panel_of(name, 0)
    found = outcome(METRICS[name], Inputs(panel, np.zeros(panel.inputs["truth"].shape)))
    assert found.value == pytest.approx(METRICS[name].meta["chance"], abs=1e-12)


@pytest.mark.parametrize("name", [n for n in RANDOM if METRICS[n].meta["family"] != "null"])
def test_no_change_is_nowhere_off_chance(name: str) -> None:
    """It is undefined, which counts at chance, or has the chance level exactly."""
    panel = panel_of(name, 0)
    found = outcome(METRICS[name], Inputs(panel, np.zeros(panel.inputs["truth"].shape)))
    assert np.isnan(found.value) or found.value == pytest.approx(METRICS[name].meta["chance"], abs=1e-9)


@pytest.mark.parametrize("name", sorted(OF_ARGUMENT))
def test_what_errors_are_relative_to_is_at_chance(name: str) -> None:
    panel = panel_of(name, 0)
    pred = np.broadcast_to(np.asarray(panel.inputs[OF_ARGUMENT[name]]).reshape(len(panel.context), -1), panel.se.shape)
    found = outcome(METRICS[name], Inputs(panel, np.ascontiguousarray(pred)))
    assert found.value == pytest.approx(METRICS[name].meta["chance"], abs=1e-9)


@pytest.mark.parametrize("name", sorted(AROUND_THE_MEAN))
def test_noise_around_the_mean_effect_is_at_chance(name: str) -> None:
    found = []
    for seed in range(PANELS):
        panel = panel_of(name, seed)
        noise = np.random.default_rng([seed, 3]).normal(size=panel.se.shape)
        found.append(outcome(METRICS[name], Inputs(panel, panel.inputs["reference"] + noise)).value)
    value, error = mean_and_error(found)
    assert abs(value - METRICS[name].meta["chance"]) <= 4.0 * error


@pytest.mark.parametrize("name", sorted(AT_MOST))
def test_the_mean_effect_is_at_most_at_chance(name: str) -> None:
    panel = panel_of(name, 0)
    value = outcome(METRICS[name], Inputs(panel, np.asarray(panel.inputs["reference"]))).value
    assert METRICS[name].meta["chance"] - 0.1 < value <= METRICS[name].meta["chance"]


def test_a_typical_effect_where_there_is_none_is_at_chance() -> None:
    panel = panel_of("null_effect", 0)
    pred = np.sqrt(panel.inputs["typical"])[:, None] * np.ones(panel.se.shape)
    assert outcome(METRICS["null_effect"], Inputs(panel, pred)).value == pytest.approx(1.0, abs=1e-12)


def test_random_signs_reach_about_one_gene_deep() -> None:
    """Why the chance level of reach is that of no change, and the more is named in its description."""
    found = [outcome(METRICS["reach"], random_inputs(seed, "", scalar=False)) for seed in range(PANELS)]
    genes = np.mean([panel_of("reach", seed).inputs["called"].sum(axis=1).mean() for seed in range(PANELS)])
    assert 0.5 < np.mean([f.value for f in found]) * genes < 1.6
