"""Paired comparison and skill."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.multiple import holm
from vcassay.evidence.metrics import (
    METRICS,
    best_baseline,
    compare,
    domain_share,
    find_ceilings,
    primary_metrics,
    score_answers,
    skills,
)
from vcassay.evidence.metrics.inference.compare import MIN_SPAN_SE, difference

DRAWS = 400


def blend(effect, skill, rng):
    """The effect with an error that leaves the correlation ``skill``, shrunk to the right size."""
    size = np.sqrt((effect**2).mean(axis=1, keepdims=True))
    return skill**2 * effect + skill * np.sqrt(1 - skill**2) * size * rng.normal(size=effect.shape)


@pytest.fixture(scope="module", params=[1, 6, 12], ids=["1 context", "6 contexts", "12 contexts"])
def world(request, noisy):
    return noisy(3, contexts=request.param, each=60 // request.param, sizes=(1.0, 2.0))


@pytest.fixture(scope="module")
def scores(world, answer):
    rng = np.random.default_rng(0)
    made = {
        "good": blend(world.effect, 0.9, rng),
        "fair": blend(world.effect, 0.6, rng),
        "base": blend(world.effect, 0.5, rng),
        "weak": blend(world.effect, 0.2, rng),
        "nothing": np.zeros_like(world.effect),
    }
    made["copy"] = made["base"].copy()
    return score_answers(world.panel, {k: answer(k, v) for k, v in made.items()}, 0, DRAWS)


def rows_of(rows, model, baseline):
    return {r.metric: r for r in rows if (r.model, r.baseline) == (model, baseline)}


def test_identical_answers_differ_by_nothing(scores):
    for metric, row in rows_of(compare(scores, ["copy"], ["base"], {}), "copy", "base").items():
        assert (row.difference, row.low, row.high, row.se) == (0.0, 0.0, 0.0, 0.0), metric
        assert not row.better
        assert not row.worse
        assert row.p_value == 1.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_what_rounding_makes_is_no_difference(noisy, answer, sign):
    """Rounded to twelve decimals, an answer of the same direction may correlate better by 1e-14 in every condition."""
    world = noisy(3, each=40, sizes=(1.0, 2.0))
    base = blend(world.effect, 0.5, np.random.default_rng(0))
    nudged = base + sign * 1e-13 * (world.effect - base)
    answers = {"m": answer("m", nudged), "b": answer("b", base)}
    scores = score_answers(world.panel, answers, 0, DRAWS, ["pearson_delta"])
    value = scores.draws["m", "pearson_delta", "all"][0] - scores.draws["b", "pearson_delta", "all"][0]
    assert 0 < sign * value < 1e-11
    row = rows_of(compare(scores, ["m"], ["b"], {}), "m", "b")["pearson_delta"]
    assert not row.better
    assert not row.worse


def test_better_and_worse_are_told_apart(scores):
    rows = compare(scores, ["good", "weak"], ["base", "nothing"], {})
    assert len(rows) == 2 * 2 * len(primary_metrics(scores.panel))
    for metric in ("nmse", "pearson_delta"):
        good, weak = (rows_of(rows, m, "base")[metric] for m in ("good", "weak"))
        assert good.better
        assert not good.worse
        assert weak.worse
        assert not weak.better
        assert good.low > 0 > weak.high
        assert good.p_value < 0.025
        assert weak.p_value > 0.5
    for metric in primary_metrics(scores.panel):
        assert rows_of(rows, "good", "nothing")[metric].better


def test_difference_is_oriented_and_paired(scores):
    for metric in primary_metrics(scores.panel):
        sign = 1 if METRICS[metric].meta["higher_is_better"] else -1
        ab, _ = difference(scores, "good", "base", metric, "all")
        ba, _ = difference(scores, "base", "good", metric, "all")
        values = [scores.estimate(m, metric, "all").value for m in ("good", "base")]
        assert ab.value == pytest.approx(sign * (values[0] - values[1]), abs=1e-12)
        assert ab.value == pytest.approx(-ba.value, abs=1e-12)
        assert ab.se == pytest.approx(ba.se, rel=1e-9)
    paired, _ = difference(scores, "good", "fair", "pearson_delta", "all")
    singly = [scores.estimate(m, "pearson_delta", "all").se for m in ("good", "fair")]
    assert paired.se < np.hypot(*singly)


def test_a_baseline_is_not_compared_with_itself(scores):
    rows = compare(scores, ["copy", "good"], ["base", "weak"], {"copy": "base", "good": "good.h5ad"})
    pairs = {(r.model, r.baseline) for r in rows}
    assert pairs == {("copy", "weak"), ("good", "base"), ("good", "weak")}


def test_holm_counts_models_and_not_baselines(scores):
    """One more baseline or metric does not change a p-value; one more model may."""
    key = "pearson_delta"
    one = rows_of(compare(scores, ["fair"], ["base"], {}), "fair", "base")[key].p_value
    more_baselines = rows_of(compare(scores, ["fair"], ["base", "weak", "nothing"], {}), "fair", "base")[key].p_value
    assert more_baselines == one
    with_models = compare(scores, ["fair", "good", "weak"], ["base"], {})
    raw = [difference(scores, m, "base", key, "detectable")[1] for m in ("fair", "good", "weak")]
    expected = holm(np.array(raw))
    found = [rows_of(with_models, m, "base")[key].p_value for m in ("fair", "good", "weak")]
    np.testing.assert_allclose(found, expected)
    assert raw[0] == one


def test_better_needs_the_adjusted_p_value(noisy, answer):
    """A difference that is clear for one model is not for the weakest of many."""
    world = noisy(5, each=40, sizes=(1.0,))
    rng = np.random.default_rng(2)
    base = blend(world.effect, 0.5, rng)
    p, judged = {}, primary_metrics(world.panel)
    for skill in np.linspace(0.5, 0.6, 21):
        r = np.random.default_rng(9)
        scores = score_answers(
            world.panel, {"m": answer("m", blend(world.effect, skill, r)), "b": answer("b", base)}, 0, DRAWS, judged
        )
        row = rows_of(compare(scores, ["m"], ["b"], {}), "m", "b")["pearson_delta"]
        p[skill] = (row.p_value, row.better, row.low)
    border = next(s for s, (value, better, _) in p.items() if better and value > 0.005)
    r = np.random.default_rng(9)
    answers = {"m": answer("m", blend(world.effect, border, r)), "b": answer("b", base)}
    answers |= {f"n{i}": answer(f"n{i}", base.copy()) for i in range(9)}
    scores = score_answers(world.panel, answers, 0, DRAWS, judged)
    rows = compare(scores, [n for n in answers if n != "b"], ["b"], {})
    row = rows_of(rows, "m", "b")["pearson_delta"]
    assert row.low > 0
    assert not row.better


def test_few_families_in_few_contexts_have_no_interval(noisy, answer):
    world = noisy(0, each=5, sizes=(2.0,))
    answers = {"m": answer("m", world.effect), "b": answer("b", np.zeros_like(world.effect))}
    scores = score_answers(world.panel, answers, 0, DRAWS)
    for row in compare(scores, ["m"], ["b"], {}):
        assert row.low is None
        assert not row.better
        assert not row.worse
    for row in skills(scores, ["m"], ["b"], find_ceilings(scores)):
        assert row.skill is None
        assert "too few" in row.refused or "no ceiling" in row.refused


def test_skill_is_the_share_of_what_is_attainable(scores):
    ceilings = find_ceilings(scores)
    rows = {r.metric: r for r in skills(scores, ["good"], ["weak", "base", "nothing"], ceilings)}
    for metric in ("nmse", "pearson_delta"):
        r = rows[metric]
        assert r.baseline == "base"
        u, b, c = r.score, r.baseline_score, r.ceiling
        assert r.skill == pytest.approx((u - b) / (c - b), rel=1e-9)
        assert r.low < r.skill < r.high
        assert r.resolvable == pytest.approx((r.high - r.low) / 2, rel=1e-9)
        assert r.span == pytest.approx(abs(c - b), rel=1e-9)
        assert r.span > MIN_SPAN_SE.value * r.span_se > 0


def test_a_perfect_model_has_all_the_skill_and_the_baseline_none(noisy, answer):
    found = {"perfect": [], "base": []}
    for seed in range(8):
        world = noisy(seed, each=80)
        base = blend(world.effect, 0.5, np.random.default_rng(seed))
        scores = score_answers(
            world.panel,
            {"perfect": answer("perfect", world.effect), "base": answer("base", base), "b": answer("b", base)},
            0,
            DRAWS,
            primary_metrics(world.panel),
        )
        for row in skills(scores, ["perfect", "base"], ["b"], find_ceilings(scores)):
            if row.metric in ("nmse", "pearson_delta"):
                found[row.model].append(row.skill)
    assert np.mean(found["perfect"]) == pytest.approx(1.0, abs=0.03)
    np.testing.assert_allclose(found["base"], 0.0, atol=1e-12)


def test_skill_is_refused_within_two_standard_errors(noisy, answer):
    """A baseline as good as a perfect model leaves nothing to measure."""
    world = noisy(1, each=60)
    scores = score_answers(
        world.panel, {"m": answer("m", world.effect), "b": answer("b", world.effect.copy())}, 0, DRAWS
    )
    rows = {r.metric: r for r in skills(scores, ["m"], ["b"], find_ceilings(scores))}
    for metric in ("nmse", "pearson_delta"):
        assert "within 2 standard errors" in rows[metric].refused
        assert rows[metric].skill is None
        assert rows[metric].score is not None
        assert abs(rows[metric].span) <= MIN_SPAN_SE.value * rows[metric].span_se


def test_span_on_few_contexts_counts_the_spread_between_them(noisy, answer):
    """Contexts that differ in how well the baseline does make the span uncertain, whatever their families say."""
    world = noisy(1, contexts=5, each=30, sizes=(1.5,))
    skill = np.repeat([0.05, 0.3, 0.5, 0.8, 0.95], 30)[:, None]
    rng = np.random.default_rng(0)
    base = skill**2 * world.effect + skill * np.sqrt(1 - skill**2) * 1.5 * rng.normal(size=world.effect.shape)
    scores = score_answers(world.panel, {"m": answer("m", world.effect), "b": answer("b", base)}, 0, DRAWS)
    row = {r.metric: r for r in skills(scores, ["m"], ["b"], find_ceilings(scores))}["nmse"]
    by_context = scores.draws["b", "nmse", "detectable"][2]
    assert row.span_se >= by_context.std(ddof=1) / np.sqrt(5) > 0.1


def test_reasons_for_no_skill_are_told(noisy, answer, by_hand):
    world = noisy(1)
    p = world.panel
    values = {"m": answer("m", world.effect), "b": answer("b", np.zeros_like(world.effect))}
    scores = score_answers(p, values, 0, 50)
    assert all("no legal baseline" in r.refused for r in skills(scores, ["m"], [], find_ceilings(scores)))
    none = np.full_like(p.half_a, np.nan)
    scores = score_answers(by_hand(p.inputs["truth"], none, none, p.context), values, 0, 50)
    assert all(r.refused.startswith("no ceiling") for r in skills(scores, ["m"], ["b"], find_ceilings(scores)))
    why = "none of the 40 test conditions has a detectable effect"
    scores = score_answers(noisy(1, no_signal=why).panel, values, 0, 50)
    assert all(r.refused == why for r in skills(scores, ["m"], ["b"], find_ceilings(scores)))


def test_best_baseline(scores):
    for metric in primary_metrics(scores.panel):
        assert best_baseline(scores, ["nothing", "weak", "base"], metric, "all") == "base"
        assert best_baseline(scores, ["copy", "base"], metric, "all") == "copy"  # a tie goes to the earlier rung
        assert best_baseline(scores, ["base", "copy"], metric, "all") == "base"
    assert best_baseline(scores, [], "nmse", "all") is None


def test_domain_share(scores):
    tiers = {"nothing": "T0", "weak": "T1", "base": "T2", "fair": "T3"}
    names = list(tiers)
    value = {n: scores.estimate(n, "pearson_delta", "detectable").value for n in [*names, "good"]}
    expected = (value["fair"] - value["weak"]) / (value["good"] - value["weak"])
    assert domain_share(scores, "good", tiers, names) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(domain_share(scores, "nothing", tiers, names))  # it gains nothing
    assert np.isnan(domain_share(scores, "good", tiers, ["nothing", "weak"]))  # no T3
    assert np.isnan(domain_share(scores, "nobody", tiers, names))
