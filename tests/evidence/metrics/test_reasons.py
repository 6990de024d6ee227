"""What has no value says why, and no interval leaves the range of its metric."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.core import Conditions, ScoreStatus
from vcassay.evidence.metrics import METRICS, find_ceilings, score_answers
from vcassay.evidence.metrics.calibration.replicates import _reasons
from vcassay.evidence.metrics.ceilings.replicate import replicate_scores
from vcassay.evidence.metrics.metric import within
from vcassay.evidence.metrics.score import Scores
from vcassay.evidence.metrics.shares_wording import shares_sentence, skill_sentence
from vcassay.evidence.metrics.use.ranked import Wish
from vcassay.evidence.metrics.use.utility import utility_figures
from vcassay.record.evidence import TemplateModelRecord, TemplatePartRecord


def test_a_replicate_of_nothing_says_why_it_has_no_error(noisy, answer):
    world = noisy(0, sizes=(1e-9,))
    scores = score_answers(world.panel, {"a": answer("a", world.effect)}, 0, 100)
    row = next(s for s in replicate_scores(scores) if s.metric == "nmse" and s.stratum == "all")
    assert (row.value, row.status) == (None, ScoreStatus.UNDEFINED)
    assert "not above noise" in row.reason


def test_errors_are_no_share_of_what_has_no_effect(noisy, answer):
    null = np.arange(40) < 10
    world = noisy(1, strata={"all": null | True, "detectable": ~null, "null": null}, detectable=~null)
    scores = score_answers(world.panel, {"a": answer("a", world.effect)}, 0, 100)
    found = {(s.metric, s.stratum): s for s in scores.aggregates if s.context is None}
    assert found["nmse", "all"].value is not None
    for name in ("nmse", "magnitude_log2"):
        assert found[name, "null"].value is None
        assert "not above noise" in found[name, "null"].reason
    assert found["pearson_delta", "null"].value is not None


def test_a_stratum_that_halves_chose_has_no_ceiling_that_counts_effects_as_none(noisy, answer):
    null = np.arange(40) < 10
    strata = {"all": null | True, "detectable": ~null, "null": null, "r_mid": np.arange(40) < 20, "r_high": ~null}
    world = noisy(2, strata=strata, detectable=~null)
    ceilings = find_ceilings(score_answers(world.panel, {"a": answer("a", world.effect)}, 0, 100))
    assert np.isnan(ceilings["pearson_delta", "r_mid"].value)
    assert ceilings["pearson_delta", "r_mid"].reason.startswith("10 of 20 conditions have no detectable effect")
    for stratum in ("all", "detectable", "r_high"):
        assert ceilings["pearson_delta", stratum].value > 0.5


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("auroc_de", (0.95, 0.9, 1.02), (0.9, 1.0)),
        ("auroc_de", (0.05, -0.02, 0.2), (0.0, 0.2)),
        ("pearson_delta", (-0.9, -1.1, 1.1), (-1.0, 1.0)),
        ("nmse", (-0.1, -0.3, 0.1), (-0.3, 0.1)),
        ("energy_skill", (1.05, 0.9, 1.2), (0.9, 1.2)),
    ],
)
def test_intervals_stay_within_the_range(name, given, kept):
    assert within(METRICS[name].meta, *given) == kept


def test_an_error_may_prefer_what_is_nearer_to_the_truth():
    """A replicate that is mostly noise is worse than no change: an error that says so is right."""
    worse, none = Estimate(0.1, 0.0, 0.3, 0.1), Estimate(np.nan, np.nan, np.nan, np.nan)
    assert len(_reasons((), worse, worse, {})) == 2
    assert _reasons((), worse, worse, {"mean": False, "no change": False}) == ()
    assert len(_reasons((), worse, worse, {"mean": True, "no change": True})) == 2
    assert _reasons((), none, none, {}) == ()


def figures(panel, effect, weights, n):
    conditions = Conditions.make(["c"] * n, [(f"p{i}",) for i in range(n)])
    given = {"baselines": [], "titles": {}, "sources": {}, "seed": 0, "draws": 300, "wish": Wish("sig", weights, "")}
    scores = Scores(panel, predicted={"a": effect})
    return {r.name: r for r in utility_figures(scores, {}, conditions, **given)}


def test_few_to_choose_from_are_ranked_though_draws_may_miss_the_best(noisy):
    """Of 24 perturbations the best 3 are in 95 of 100 draws: no reason for the hit rate to have no value."""
    world = noisy(3, each=24, genes=30, sizes=(4.0,))
    rows = figures(world.panel, world.effect, np.r_[np.ones(10), np.zeros(20)], 24)
    assert rows["signature_hits"].value > 0.6
    assert rows["signature_hits"].low <= rows["signature_hits"].value <= rows["signature_hits"].high


def test_a_condition_without_halves_is_left_out_of_rankings(noisy):
    world = noisy(4, each=24, genes=30, sizes=(4.0,))
    for name in ("half_a", "half_b", "cross"):
        world.panel.inputs[name][0] = np.nan
    rows = figures(world.panel, world.effect, np.r_[np.ones(10), np.zeros(20)], 24)
    for name in ("signature_hits", "signature_regret"):
        assert rows[name].value is not None
        assert rows[name].n == 23
    assert rows["signature_hits"].ceiling is not None


def test_negative_shares_are_told_in_words():
    parts = [TemplatePartRecord(part="common", title="common to all perturbations", share=1.8, low=1.5, high=2.3)]
    rest = TemplatePartRecord(part="interaction", title="interaction", share=-0.8, low=-1.4, high=-0.4)
    told = shares_sentence([*parts, rest], "test", "")
    assert "too large or wrong" in told
    assert "180 %" in told
    plain = shares_sentence([*parts, rest.model_copy(update={"share": 0.1, "low": -0.1, "high": 0.3})], "test", "")
    assert "is left" in plain


def test_without_an_interval_no_skill_is_placed():
    row = TemplateModelRecord(model="m", part="interaction", own=0.9, score=0.9, low=None, high=None)
    assert "too few conditions for an interval" in skill_sentence([row])
    assert "some of its skill" in skill_sentence([row.model_copy(update={"low": 0.2, "high": 0.95})])
