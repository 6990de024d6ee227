"""Properties that hold of every metric: unscored genes, inputs left alone, single precision, scale."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from vcassay.arrays.agreement import Ratio
from vcassay.core.registry import call
from vcassay.evidence.metrics import METRICS
from vcassay.evidence.metrics.calibration.planted import planted_panel
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.panel import Panel

NAMES = [e.name for e in METRICS if e.meta["readout"] != "scalar" and "cells" not in e.arguments]
SEES_TARGETS = {"pearson_delta_targets"}
OF_EFFECTS = ("truth", "half_a", "half_b", "half_mean", "cross", "statistic", "reference", "template", "control", "se")

SCALE_FREE = {
    *(e.name for e in METRICS if e.meta["family"] == "correlation" and e.meta["reference"] == "control"),
    *("auprc_de", "auroc_de", "auroc_down", "auroc_matched", "auroc_per_gene", "auroc_up"),
    *("direction_balanced", "direction_match", "direction_over_majority", "reach", "spearman_called"),
    *(f"overlap_at_{k}" for k in (50, 100, 200, "called")),
    *(f"precision_at_{k}" for k in (50, 100, 200)),
    *("magnitude_spearman", "null_auroc", "pathway_pearson", "pearson_interaction"),
    *("matching_accuracy", "pds_cosine", "pds_cosine_kin", "pds_cosine_reverse", "pds_l2_matched"),
    *("reciprocal_rank", "top1", "top5pct", "pearson_across_contexts", "pearson_context_specific"),
    *("effective_rank_log2", "basis_explained"),
}
"""Metrics that a positive factor does not change, the same for all conditions."""


@cache
def panel() -> Panel:
    made = planted_panel(0)
    rng = np.random.default_rng(1)
    true = made.inputs["truth"]
    a, b = (true + 0.15 * rng.normal(size=true.shape) for _ in range(2))
    truth = (a + b) / 2.0
    called = (np.abs(truth) >= made.inputs["threshold"]) & made.inputs["mask"]
    changed = {"truth": truth, "half_a": a, "half_b": b, "half_mean": truth, "cross": a * b, "called": called}
    return replace(made, inputs={**made.inputs, **changed})


@cache
def prediction() -> np.ndarray:
    truth = np.asarray(panel().inputs["truth"])
    return 0.6 * truth + 0.5 * np.random.default_rng(2).normal(size=truth.shape)


def parts(name: str, pred: np.ndarray, of: Panel | None = None) -> np.ndarray:
    """(k, t) values, or numerators and denominators."""
    values = call(METRICS[name], Inputs(panel() if of is None else of, pred))
    return np.stack(values) if isinstance(values, Ratio) else np.asarray(values)[None]


@pytest.mark.parametrize("name", NAMES)
def test_genes_that_are_not_scored_change_nothing(name: str) -> None:
    """Neither those of the prediction nor those of the truth, save where a metric asks for the targets."""
    hidden = ~np.asarray(panel().inputs["mask"])
    rng = np.random.default_rng(3)
    pred = np.where(hidden, 50.0 * rng.normal(size=hidden.shape), prediction())
    loud = {n: np.where(hidden, 50.0 + rng.random(hidden.shape), panel().inputs[n]) for n in OF_EFFECTS}
    of = replace(panel(), inputs={**panel().inputs, **loud})
    same = np.allclose(parts(name, pred, of), parts(name, prediction()), rtol=1e-9, atol=1e-12, equal_nan=True)
    assert same == (name not in SEES_TARGETS)


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_left_as_they_are(name: str) -> None:
    pred = prediction().copy()
    before: dict[str, Any] = {n: np.array(v) for n, v in panel().inputs.items() if v is not None}
    parts(name, pred)
    np.testing.assert_array_equal(pred, prediction())
    for n, value in before.items():
        np.testing.assert_array_equal(panel().inputs[n], value, err_msg=n)


@pytest.mark.parametrize("name", NAMES)
def test_rounding_to_single_precision_hardly_matters(name: str) -> None:
    single = prediction().astype(np.float32)
    np.testing.assert_allclose(parts(name, single.astype(np.float64)), parts(name, prediction()), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_scale_is_seen_where_it_is_said_to_be(name: str) -> None:
    shrunk = parts(name, 0.25 * prediction())
    same = np.allclose(shrunk, parts(name, prediction()), rtol=1e-9, atol=1e-9, equal_nan=True)
    if name in SCALE_FREE:
        assert same
    elif np.isfinite(shrunk).any():
        assert not same


@pytest.mark.parametrize("name", NAMES)
def test_values_are_what_the_registry_says(name: str) -> None:
    """A value a condition, no better than the optimum by more than the truth's noise; panel statistics repeat."""
    entry, found = METRICS[name], parts(name, prediction())
    assert found.shape[1] == len(panel().context)
    if entry.meta["level"] == "panel":
        assert all(np.ptp(found[0][panel().context == c]) == 0 for c in np.unique(panel().context))
    bounded = entry.meta["family"] in ("correlation", "retrieval", "calls") and len(found) == 1
    if bounded and entry.meta["higher_is_better"]:
        assert np.nanmax(found, initial=-np.inf) <= entry.meta["optimum"] + 1e-12
