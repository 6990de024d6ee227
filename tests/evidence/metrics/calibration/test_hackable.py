"""Metrics that are earned without knowing anything are told from those that are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.effects.scored import scored_genes
from vcassay.evidence.metrics import METRICS, make_panel, primary_metrics
from vcassay.evidence.metrics.calibration.hackable import exchange, hackable, prepare_sabotages, slope
from vcassay.simulate.answers import honest, noisy, perfect
from vcassay.testing.leaks.metrics import PLANTED
from vcassay.testing.leaks.study import simulated


def panel_of(study):
    effects = study.effects
    full, _ = scored_genes(effects.moments, effects.conditions, effects.genes, train=study.split.train, targets=True)
    return make_panel(effects, study.claim, full)


@pytest.fixture(scope="module")
def study():
    return simulated(0)


@pytest.fixture(scope="module")
def panel(study):
    return panel_of(study)


@pytest.fixture(scope="module")
def known(panel):
    return prepare_sabotages(panel, 0)


def values(study, make=honest, **more):
    return study.answer(make(study.simulation, study.wanted, np.random.default_rng(0), **more)).values


def test_primary_metrics_are_earned_by_no_trick_whatever_the_model(study, panel, known):
    models = {"good": values(study), "weak": values(study, skill=0.3), "noisy": values(study, noisy)}
    models["perfect"] = study.answer(perfect(study.simulation, study.wanted)).values
    for name, own in models.items():
        found = hackable(known, name, own)
        assert (found.status, found.model, found.value) == (Status.PASS, name, 0.0)
        first = [row["metric"] for row in found.evidence if row["primary"]]
        assert sorted(first) == sorted(primary_metrics(panel))
        assert all(row["hack"] == "" for row in found.evidence if row["primary"])


def test_what_a_metric_makes_of_the_sabotage_is_in_the_table(study, known):
    found = hackable(known, "model", values(study))
    row = next(r for r in found.evidence if r["metric"] == "nmse")
    assert row["no change"] == pytest.approx(1.0)
    assert row["training mean x 5"] > row["training mean"] > row["model"]
    assert next(r for r in found.evidence if r["metric"] == "call_recall")["hack"]
    assert "call_recall" in found.sentence


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_primary_metric_that_is_earned_fails(study, panel, name):
    entry = PLANTED[name]
    found = hackable(prepare_sabotages(panel, 0, [entry]), "model", values(study), [entry])
    assert (found.status, found.value, found.blocks) == (Status.FAIL, 1.0, False)
    assert "instead of" in found.sentence


def test_scaling_towards_the_measured_size_is_no_trick(study, panel):
    """Five times a shrunken model is a better one, and its error says so."""
    own = 0.2 * values(study)
    entry = METRICS["nmse"]
    found = hackable(prepare_sabotages(panel, 0, [entry]), "model", own, [entry])
    assert found.status is Status.PASS
    row = found.evidence[0]
    assert row["model x 5"] < row["model"]


def test_slope_is_that_of_least_squares():
    rng = np.random.default_rng(0)
    p, mask = rng.normal(size=(5, 7)), rng.random((5, 7)) < 0.7
    t = 2.5 * p + 0.1 * rng.normal(size=p.shape)
    assert slope(t, p, mask) == pytest.approx(np.linalg.lstsq(p[mask][:, None], t[mask], rcond=None)[0].item())
    assert np.isnan(slope(t, np.zeros_like(p), mask))


def test_labels_are_exchanged_within_context_and_dose(panel):
    other = exchange(panel, 0)
    assert sorted(other.tolist()) == list(range(len(other)))
    for name in ("context", "dose_time"):
        assert np.array_equal(panel.inputs[name][other], panel.inputs[name])
    sizes = np.unique(np.stack([panel.inputs["context"], panel.inputs["dose_time"]]), axis=1, return_counts=True)[1]
    assert (other == np.arange(len(other))).sum() == (sizes == 1).sum()


def test_missing_predictions_and_silent_screens(study, known):
    own = values(study)
    own[::3] = np.nan
    assert hackable(known, "model", own).status is Status.PASS
    quiet = simulated(0, null_share=1.0)
    why = prepare_sabotages(panel_of(quiet), 0)
    assert isinstance(why, str)
    found = hackable(why, "model", own)
    assert found.status is Status.NA
    few = replace(known, rows=known.rows[:0])
    assert isinstance(few.rows, np.ndarray)
