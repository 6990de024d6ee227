"""Every rule of conformance catches the metric that breaks it, and the table is empty for good ones."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.agreement import pearson
from vcassay.core.registry import Entry
from vcassay.evidence.metrics import METRICS
from vcassay.evidence.metrics.calibration.conformance import find_outcomes
from vcassay.evidence.metrics.calibration.outcome import clustered_error
from vcassay.evidence.metrics.calibration.planted import planted_panel
from vcassay.evidence.metrics.calibration.rules import RULES, broken_rules


def planted(function, arguments, **meta):
    """A metric that is not registered, with the facts of Pearson delta but for some."""
    return Entry("planted", "", "", function, arguments, {**METRICS["pearson_delta"].meta, **meta})


def broken(entry, seed=0):
    panel = planted_panel(seed).take(planted_panel(seed).strata["detectable"])
    outcomes = find_outcomes([entry], panel, np.random.default_rng(seed))["planted"]
    return {b.rule: b.sentence for b in broken_rules(entry, outcomes, noise_free=True)}


def test_a_good_metric_breaks_nothing():
    entry = METRICS["pearson_delta"]
    assert broken(planted(entry.obj, entry.arguments)) == {}


def shifted(truth, pred, mask):
    return pearson(truth, pred, mask) - 0.1


def never_undefined(truth, pred, mask):
    return np.nan_to_num(pearson(truth, pred, mask), nan=0.5)


def sees_scale(truth, pred, mask):
    return -np.sqrt(np.where(mask, (truth - pred) ** 2, 0.0).mean(axis=1))


def likes_noise(truth, pred, mask):
    return np.log(1e-6 + np.where(mask, (pred - truth) ** 2, 0.0).mean(axis=1))


def keeps_targets(truth, pred, full_mask):
    return pearson(truth, pred, full_mask)


def counts_hits(pred, called, threshold):
    return ((np.abs(pred) >= threshold) & called).sum(axis=1) / np.maximum(called.sum(axis=1), 1)


def against_the_control(truth, pred, mask):
    return np.nan_to_num(pearson(truth, pred, mask))


@pytest.mark.parametrize(
    ("rule", "entry"),
    [
        ("perfect copy", planted(shifted, ("truth", "pred", "mask"))),
        ("no change", planted(never_undefined, ("truth", "pred", "mask"))),
        ("one answer for all", planted(against_the_control, ("truth", "pred", "mask"), family="retrieval")),
        ("shuffled labels", planted(against_the_control, ("truth", "pred", "mask"), family="retrieval")),
        ("scale", planted(sees_scale, ("truth", "pred", "mask"), optimum=0.0)),
        ("noise", planted(likes_noise, ("truth", "pred", "mask"), optimum=np.log(1e-6), chance=None)),
        ("target genes", planted(keeps_targets, ("truth", "pred", "full_mask"))),
        ("flooding", planted(counts_hits, ("pred", "called", "threshold"), family="calls")),
        ("context copy", planted(against_the_control, ("truth", "pred", "mask"), reference="template")),
        ("gaming", planted(counts_hits, ("pred", "called", "threshold"), family="calls")),
    ],
)
def test_a_rule_catches_what_breaks_it(rule, entry):
    found = broken(entry)
    assert rule in found
    assert found[rule]


def test_measured_noise_is_caught_where_there_is_noise():
    """A metric that rewards the mean whatever the truth is scores on noise alone."""
    panel = planted_panel(1)
    rng = np.random.default_rng(1)
    noise = 0.1 * rng.normal(size=panel.half_a.shape)
    panel.inputs["half_a"], panel.inputs["half_b"] = panel.half_a + noise, panel.half_b - noise
    entry = planted(lambda pred, mask: np.full(len(pred), 0.9), ("pred", "mask"))
    outcomes = find_outcomes([entry], panel, rng)["planted"]
    assert "measured noise" in {b.rule for b in broken_rules(entry, outcomes, noise_free=False)}
    entry = METRICS["pearson_delta"]
    outcomes = find_outcomes([entry], panel, rng)["pearson_delta"]
    assert broken_rules(entry, outcomes, noise_free=False) == ()


def test_every_rule_has_been_planted():
    tried = {mark.args[1][i][0] for mark in test_a_rule_catches_what_breaks_it.pytestmark for i in range(10)}
    assert tried | {"measured noise"} == set(RULES)


def test_families_count_together():
    rng = np.random.default_rng(2)
    draws = [np.repeat(rng.normal(size=30), 4) for _ in range(400)]
    family = np.repeat(np.arange(30), 4)
    spread = np.std([d.mean() for d in draws])
    assert np.mean([clustered_error(d, family) for d in draws]) == pytest.approx(spread, rel=0.1)
    assert np.mean([clustered_error(d, np.arange(120)) for d in draws]) < 0.6 * spread
    assert np.isnan(clustered_error(draws[0], np.zeros(120, dtype=int)))
