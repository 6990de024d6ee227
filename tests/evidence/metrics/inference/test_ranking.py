"""Ranks of models and baselines on panels whose order is known."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.ranking import rank_probabilities
from vcassay.evidence.metrics import METRICS, rank_answers, score_answers
from vcassay.evidence.metrics.inference.compare import difference
from vcassay.evidence.metrics.inference.orient import orient

METRICS_USED = ("nmse", "pearson_delta", "pds_cosine", "mae", "magnitude_log2", "effective_rank_log2")
DRAWS = 300


def blend(effect, skill, rng):
    size = np.sqrt((effect**2).mean(axis=1, keepdims=True))
    return skill**2 * effect + skill * np.sqrt(1 - skill**2) * size * rng.normal(size=effect.shape)


@pytest.fixture(scope="module", params=[1, 6, 12], ids=["1 context", "6 contexts", "12 contexts"])
def scores(request, noisy, answer):
    world = noisy(3, contexts=request.param, each=60 // request.param, sizes=(1.0, 2.0))
    rng = np.random.default_rng(0)
    made = {name: blend(world.effect, skill, rng) for name, skill in (("good", 0.9), ("fair", 0.6), ("base", 0.5))}
    made["copy"] = made["base"].copy()
    return score_answers(world.panel, {k: answer(k, v) for k, v in made.items()}, 0, DRAWS, METRICS_USED)


def by_metric(scores, models=("good", "fair"), baselines=("base",)):
    return {r.metric: r for r in rank_answers(scores, models, baselines, 0)}


def test_the_clearly_best_is_first(scores):
    for metric in ("nmse", "pearson_delta"):
        ranking = by_metric(scores)[metric]
        assert [r.name for r in ranking.ranks] == ["good", "fair", "base"]
        best = ranking.ranks[0]
        assert (best.rank, best.low, best.high, best.first) == (1.0, 1, 1, 1.0)
        assert best.distribution == (1.0, 0.0, 0.0)
        assert ranking.pairs[0].better == 1.0
        assert [r.role for r in ranking.ranks] == ["submission", "submission", "baseline"]


def test_probabilities_of_rank_one_sum_to_one(scores):
    for ranking in by_metric(scores, ("good", "fair", "copy"), ("base",)).values():
        if ranking.reason:
            continue
        assert sum(r.first for r in ranking.ranks) == pytest.approx(1.0)
        for r in ranking.ranks:
            assert r.low <= r.rank <= r.high or r.first is not None
            if METRICS[ranking.metric].meta["primary"]:
                assert sum(r.distribution) == pytest.approx(1.0)


def test_a_copy_shares_its_ranks(scores):
    for ranking in by_metric(scores, ("good", "copy"), ("base",)).values():
        if ranking.reason:
            continue
        a, b = ({r.name: r for r in ranking.ranks}[n] for n in ("copy", "base"))
        assert (a.rank, a.low, a.high, a.first, a.distribution) == (b.rank, b.low, b.high, b.first, b.distribution)


def test_pairs_agree_with_the_paired_test(scores):
    """One model is rarely above another where the paired p-value is large, and mostly where it is small."""
    models = ("good", "fair", "base")
    for metric in ("nmse", "pearson_delta"):
        for pair in by_metric(scores, models, ())[metric].pairs:
            _, p = difference(scores, pair.model, pair.other, metric, scores.panel.decision)
            assert 1.0 - pair.better == pytest.approx(p, abs=0.05)


def test_agreement_is_with_the_primary_metrics(scores):
    ranking = by_metric(scores)
    primary = {m for m in METRICS_USED if METRICS[m].meta["primary"]}
    for row in ranking.values():
        assert set(row.agreement) == primary
    assert ranking["nmse"].agreement["nmse"] == 1.0
    assert ranking["nmse"].agreement["pearson_delta"] == 1.0
    assert ranking["pearson_delta"].agreement["nmse"] == ranking["nmse"].agreement["pearson_delta"]


def test_without_an_interval_there_are_ranks_and_no_probabilities(noisy, answer):
    world = noisy(0, each=5, sizes=(2.0,))
    rng = np.random.default_rng(0)
    answers = {n: answer(n, blend(world.effect, s, rng)) for n, s in (("m", 0.9), ("b", 0.1))}
    scores = score_answers(world.panel, answers, 0, 50, ["pearson_delta"])
    (ranking,) = rank_answers(scores, ["m"], ["b"])
    assert "too few" in ranking.reason
    assert [(r.name, r.rank, r.first) for r in ranking.ranks] == [("m", 1.0, None), ("b", 2.0, None)]
    assert ranking.pairs == ()


def test_nothing_scored_is_no_ranking(noisy, answer):
    world = noisy(0, each=10)
    scores = score_answers(world.panel, {"m": answer("m", world.effect)}, 0, 50, ["pearson_delta"])
    assert rank_answers(scores, [], []) == ()
    (alone,) = rank_answers(scores, ["m"], ["not run"])
    assert [(r.name, r.first) for r in alone.ranks] == [("m", 1.0)]


def test_too_large_and_too_small_effects_are_equally_far_from_the_optimum():
    draws, parts = np.array([0.4, -0.6]), np.array([0.3, 0.7])
    value, turned, by_context = orient("magnitude_log2", 0.5, draws, parts)
    assert value == -0.5
    np.testing.assert_allclose(turned, [-0.4, -0.6])
    np.testing.assert_allclose(by_context, [-0.3, -0.7])
    other = orient("magnitude_log2", -0.5, -draws, -parts)
    np.testing.assert_allclose(other[1], turned)
    np.testing.assert_allclose(other[2], by_context)
    assert orient("nmse", -0.1, draws, parts)[0] == 0.1
    assert orient("pearson_delta", 0.5, draws, parts)[0] == 0.5


def test_one_of_two_equal_models_is_first_half_of_the_time(noisy, answer):
    """Over screens, the mean probability of two models of equal skill is a half, and rarely certain."""
    chances = []
    for seed in range(30):
        world = noisy(seed, each=40, sizes=(1.0,), genes=60)
        rng = np.random.default_rng(seed)
        answers = {n: answer(n, blend(world.effect, 0.6, rng)) for n in ("a", "b")}
        scores = score_answers(world.panel, answers, 0, 200, ["pearson_delta"])
        (ranking,) = rank_answers(scores, ["a", "b"], [])
        chances.append({r.name: r.first for r in ranking.ranks}["a"])
    assert np.mean(chances) == pytest.approx(0.5, abs=0.15)
    assert np.mean((np.array(chances) < 0.025) | (np.array(chances) > 0.975)) <= 0.2
    assert rank_probabilities(np.zeros((3, 2)))[0, 0] == 0.5
