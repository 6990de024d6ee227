"""Ceilings: a perfect model lands on them, none where there is no signal, and what a replicate scores."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.metrics import METRICS, find_ceilings, score_answers
from vcassay.evidence.metrics.ceilings.ceiling import PERFECT, REPLICATE
from vcassay.evidence.metrics.ceilings.replicate import NAME, replicate_scores

DRAWS = 300


def scored(panel, answer, metrics=None, **values):
    return score_answers(panel, {name: answer(name, v) for name, v in values.items()}, 0, DRAWS, metrics)


@pytest.mark.parametrize("metric", ["pearson_delta", "cosine_delta", "pearson_delta_perturbed"])
def test_a_perfect_model_lands_on_the_ceiling(noisy, answer, metric):
    """Over screens with effects of three sizes: no bias, and within the interval as often as it should."""
    gap, within = [], []
    for seed in range(30):
        world = noisy(seed, each=45, genes=60)
        scores = scored(world.panel, answer, [metric], perfect=world.effect)
        c = find_ceilings(scores)[metric, "detectable"]
        e = scores.estimate("perfect", metric, "detectable")
        assert c.kind == PERFECT
        gap.append(e.value - c.value)
        within.append(c.low <= e.value <= c.high)
    assert abs(np.mean(gap)) < 0.012
    assert np.mean(within) > 0.9


def test_strong_and_weak_effects_are_not_pooled_before_the_root(noisy, answer):
    """The root of the pooled correlation is out of reach of any model when sizes differ."""
    world = noisy(0, each=300, sizes=(0.3, 1.0, 3.0))
    scores = scored(world.panel, answer, ["pearson_delta"], perfect=world.effect)
    ceiling = find_ceilings(scores)["pearson_delta", "detectable"].value
    half = world.panel.reliability.mean()
    pooled = np.sqrt(2 * half / (1 + half))
    perfect = scores.estimate("perfect", "pearson_delta", "detectable").value
    assert ceiling == pytest.approx(perfect, abs=0.01)
    assert pooled > perfect + 0.04
    theory = np.mean([np.sqrt(s**2 / (s**2 + 1)) for s in (0.3, 1.0, 3.0)])
    assert ceiling == pytest.approx(theory, abs=0.02)


def test_undetected_conditions_count_zero_in_the_ceiling_of_all(noisy, answer, by_hand):
    world = noisy(0, each=200, sizes=(0.0, 2.0))
    p = world.panel
    working = np.arange(200) % 2 == 1
    strata = {"all": np.ones(200, bool), "detectable": working, "null": ~working, "strong": working}
    panel = by_hand(p.inputs["truth"], p.half_a, p.half_b, p.context, strata=strata, detectable=working)
    ceilings = find_ceilings(scored(panel, answer, perfect=world.effect))
    strong = ceilings["pearson_delta", "strong"].value
    assert ceilings["pearson_delta", "all"].value == pytest.approx(strong / 2, rel=1e-12)
    assert ceilings["pearson_delta", "detectable"].value == pytest.approx(strong, rel=1e-12)
    for metric in ("pearson_delta", "nmse", "pds_cosine"):
        assert "pseudo-perturbations" in ceilings[metric, "null"].reason
    assert ceilings["null_effect", "null"].reason == ""


def test_there_is_none_on_a_null_screen(noisy, answer):
    """But for the 2.5 % that an interval allows."""
    found = dict.fromkeys(("pearson_delta", "cosine_delta", "nmse", "magnitude_log2"), 0)
    for seed in range(20):
        world = noisy(seed, each=40, sizes=(0.0,))
        ceilings = find_ceilings(scored(world.panel, answer, found, m=world.noise))
        for metric in found:
            c = ceilings[metric, "detectable"]
            found[metric] += not c.reason
            if c.reason:
                assert np.isnan(c.value)
                assert "no measurable signal" in c.reason
    assert max(found.values()) <= 2


def test_there_is_none_where_nothing_is_detectable(noisy, answer):
    why = "none of the 40 test conditions has a detectable effect"
    world = noisy(0, each=40, no_signal=why)
    ceilings = find_ceilings(scored(world.panel, answer, m=world.effect))
    for metric in ("pearson_delta", "nmse", "pds_cosine", "magnitude_log2"):
        assert ceilings[metric, "all"].reason == why
        assert np.isnan(ceilings[metric, "all"].value)


def test_raw_metrics_have_none(noisy, answer):
    world = noisy(0)
    ceilings = find_ceilings(scored(world.panel, answer, m=world.effect))
    for metric in ("pearson_raw", "nmse_raw"):
        assert "raw" in ceilings[metric, "all"].reason


def test_halves_are_needed_of_every_condition(noisy, answer, by_hand):
    p = noisy(0).panel
    half = p.half_a.copy()
    half[3] = np.nan
    panel = by_hand(p.inputs["truth"], half, p.half_b, p.context)
    ceilings = find_ceilings(scored(panel, answer, m=p.inputs["truth"]))
    assert "39 of 40" in ceilings["pearson_delta", "all"].reason
    none = np.full_like(half, np.nan)
    without = find_ceilings(scored(by_hand(p.inputs["truth"], none, none, p.context), answer, m=p.inputs["truth"]))
    assert without["nmse", "all"].reason == "no condition has split halves"


def test_genes_that_are_not_scored_may_be_missing(noisy, answer, by_hand):
    """A feature missing in a continuous readout is masked, and takes no ceiling away."""
    world = noisy(0)
    p = world.panel
    mask = np.ones(p.half_a.shape, dtype=bool)
    mask[:, 7] = False
    gone = [m.copy() for m in (p.inputs["truth"], p.half_a, p.half_b)]
    for m in gone:
        m[:, 7] = np.nan
    ceilings = find_ceilings(scored(by_hand(*gone, p.context, mask=mask), answer, m=world.effect))
    for metric in ("pearson_delta", "nmse", "pds_cosine"):
        assert ceilings[metric, "all"].reason == "", metric


def test_retrieval_ceiling_is_a_replicate_and_named_so(noisy, answer):
    world = noisy(0, genes=30, sizes=(0.6,))
    scores = scored(world.panel, answer, perfect=world.effect)
    c = find_ceilings(scores)["pds_cosine", "all"]
    assert c.kind == REPLICATE
    p = world.panel
    wanted = score_answers(
        p.take(np.ones(len(p.context), bool)), {"half": answer("half", p.half_a)}, 0, 10
    )  # against the whole truth, which holds the half: too good
    assert c.value < wanted.estimate("half", "pds_cosine", "all").value
    assert c.value < scores.estimate("perfect", "pds_cosine", "all").value  # half the depth


def test_replicate_scores_at_full_depth(noisy, answer):
    """A second measurement as deep as the first: correlation R, not its root; error its noise over the effect."""
    found = {"pearson_delta": [], "nmse": []}
    actual = {"pearson_delta": [], "nmse": []}
    for seed in range(12):
        world = noisy(seed, each=60, sizes=(0.5, 1.0, 2.0))
        second = world.effect + np.random.default_rng([seed, 5]).normal(size=world.effect.shape)
        scores = scored(world.panel, answer, found, second=second)
        for s in replicate_scores(scores):
            assert s.model == NAME
            if s.stratum == "detectable" and s.metric in found:
                found[s.metric].append(s.value)
                actual[s.metric].append(scores.estimate("second", s.metric, "detectable").value)
                assert s.interval is not None
                assert s.interval.low < s.value < s.interval.high
    for name, tolerance in (("pearson_delta", 0.02), ("nmse", 0.05)):
        assert len(found[name]) == 12
        assert np.mean(found[name]) == pytest.approx(np.mean(actual[name]), abs=tolerance)


def test_optimum_is_the_ceiling_of_errors(noisy, answer):
    ceilings = find_ceilings(scored(noisy(0).panel, answer, m=noisy(0).effect))
    for name in ("nmse", "magnitude_log2"):
        c = ceilings[name, "all"]
        assert (c.value, c.low, c.high, c.kind) == (METRICS[name].meta["optimum"],) * 3 + (PERFECT,)
        assert len(c.draws) == DRAWS
