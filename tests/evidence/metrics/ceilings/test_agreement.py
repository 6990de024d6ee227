"""Replicates of less depth, continued to full depth, against real replicates at full depth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.effects.builders import biology, count_cells

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.effects import measure
from vcassay.effects.measure import ALL
from vcassay.evidence.metrics import METRICS, find_ceilings, score_answers
from vcassay.evidence.metrics.ceilings.agreement import CONDITIONS, choose, is_measured, measure_agreement, panel_at
from vcassay.evidence.metrics.ceilings.ceiling import FULL, REPLICATE, context_ceilings
from vcassay.evidence.metrics.ceilings.replicate import replicate_scores
from vcassay.evidence.metrics.filled import evaluate

N = 60


def screens(seed, scale):
    """The same truth, measured twice."""
    unit, base = biology(seed, N, 120)
    size = scale * np.random.default_rng(seed).lognormal(0, 0.5, (N, 1))
    return [
        measure(count_cells(seed + 1000 * i, size * unit, base, cells=(24,), controls=(240,)).screen) for i in (1, 2)
    ]


def panel_of(by_hand, effects, contexts=1):
    panel = by_hand(effects.delta, effects.half_a, effects.half_b, np.arange(N) % contexts)
    inputs = {**panel.inputs, "mask": effects.mask, "reliability": effects.reliability}
    return replace(panel, inputs=inputs)


def ceilings_of(panel, effects, answer):
    scores = score_answers(panel, {"m": answer("m", effects.delta)}, 0, 200)
    agreement = measure_agreement(panel, effects.moments, np.arange(N), ALL, seed=0)
    return scores, agreement, find_ceilings(scores, agreement)


def test_a_replicate_at_full_depth_is_met(by_hand, answer):
    """Retrieval: bias below .02, where half depth misses by .05 and more."""
    gap, half = [], []
    for seed in range(4):
        first, again = screens(seed, 0.05)
        panel = panel_of(by_hand, first)
        scores, _, found = ceilings_of(panel, first, answer)
        c = found["pds_cosine", "all"]
        assert c.kind == FULL
        assert c.low < c.value < c.high
        real = np.nanmean(evaluate(METRICS["pds_cosine"], panel, again.delta))
        gap.append(c.value - real)
        half.append(find_ceilings(scores)["pds_cosine", "all"].value - real)
    assert abs(np.mean(gap)) < 0.02 + 2 * np.std(gap) / np.sqrt(len(gap))
    assert np.mean(half) < -0.04
    assert abs(np.mean(gap)) < abs(np.mean(half)) / 2


def test_without_agreement_above_chance_it_stays_at_half_depth(by_hand, answer):
    first, _ = screens(3, 0.0)
    panel = panel_of(by_hand, first)
    scores, _, found = ceilings_of(panel, first, answer)
    c = found["pds_cosine", "all"]
    assert c.kind == REPLICATE
    assert "above chance" in c.note
    assert abs(c.value - 0.5) < 0.1
    named = {s.metric: s for s in replicate_scores(scores, found)}
    assert named["pds_cosine"].value == c.value


def test_each_context_has_its_ceiling(by_hand, answer):
    first, _ = screens(1, 0.15)
    panel = panel_of(by_hand, first, contexts=2)
    scores, agreement, whole = ceilings_of(panel, first, answer)
    rows = {(c.metric, c.context): c for c in context_ceilings(scores, agreement)}
    for metric, tolerance in (("pds_cosine", 0.03), ("pearson_delta", 0.01), ("nmse", 1e-12)):
        both = [rows[metric, c].value for c in (0, 1)]
        assert np.mean(both) == pytest.approx(whole[metric, "detectable"].value, abs=tolerance)
        assert all(rows[metric, c].low <= rows[metric, c].value <= rows[metric, c].high for c in (0, 1))


def test_only_what_replicates_can_tell_is_compared(by_hand):
    panel = by_hand(*np.ones((3, 4, 5)), np.arange(4) % 2)
    measured = {e.name for e in METRICS if is_measured(e, panel)}
    assert "pds_cosine" in measured
    assert not measured & {"pearson_delta", "nmse", "magnitude_log2", "null_effect", "pearson_raw"}


def test_conditions_are_chosen_in_proportion(by_hand):
    t = 4 * CONDITIONS
    context = np.repeat([0, 1], [t // 4, t - t // 4])
    strata = {"all": np.ones(t, bool), "null": np.arange(t) % 2 == 0, "weak": np.arange(t) % 2 == 1}
    panel = by_hand(*np.random.default_rng(0).standard_normal((3, t, 3)), context, strata=strata)
    keep = choose(panel, 0)
    assert abs(keep.sum() - CONDITIONS) <= 4
    assert abs(keep[context == 0].sum() - CONDITIONS / 4) <= 2
    assert abs(keep[strata["null"]].sum() - CONDITIONS / 2) <= 2
    np.testing.assert_array_equal(keep, choose(panel, 0))


def test_calls_are_made_anew_at_less_depth(by_hand):
    """Full depth gives back the calls of the normal test; a quarter of it has twice the error and fewer calls."""
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((6, 400)) * np.where(np.arange(400) < 40, 5.0, 1.0)
    panel = by_hand(truth, truth, truth, np.zeros(6))
    p = 2 * stats.norm.sf(np.abs(truth))
    called = np.stack([benjamini_hochberg(row) <= 0.05 for row in p])
    panel = replace(panel, inputs={**panel.inputs, "statistic": truth, "called": called, "threshold": truth})
    whole, quarter = (panel_at(panel, truth, depth).inputs for depth in (1.0, 0.25))
    np.testing.assert_array_equal(whole["called"], called)
    np.testing.assert_array_equal(np.abs(truth) >= whole["threshold"] - 1e-12, called)
    np.testing.assert_allclose(quarter["statistic"], truth / 2)
    assert (quarter["called"].sum(axis=1) < called.sum(axis=1)).all()
