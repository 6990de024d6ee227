"""Several seeds of a model are scored as one model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.evidence.metrics import compare, join_seeds, rank_answers, score_answers, with_seeds

KEPT = ["nmse", "pearson_delta", "magnitude_log2"]
DRAWS = 400


def blend(effect, skill, rng):
    size = np.sqrt((effect**2).mean(axis=1, keepdims=True))
    return skill**2 * effect + skill * np.sqrt(1 - skill**2) * size * rng.normal(size=effect.shape)


@pytest.fixture(scope="module", params=[1, 6], ids=["1 context", "6 contexts"])
def world(request, noisy):
    return noisy(2, contexts=request.param, each=60 // request.param, sizes=(1.5,))


def answers_of(world, answer, skills):
    rng = np.random.default_rng(0)
    first, *others = [answer("net", blend(world.effect, s, rng)) for s in skills]
    base = answer("base", blend(world.effect, 0.4, rng))
    return {"net": replace(first, seeds=tuple(others)), "base": base}


def test_every_seed_is_scored_and_only_the_model_stays(world, answer):
    answers = answers_of(world, answer, (0.5, 0.7, 0.9))
    scored, family = with_seeds(answers)
    assert family == {"net": ("net", "net, seed 2", "net, seed 3")}
    apart = score_answers(world.panel, scored, 0, DRAWS, KEPT)
    scores, records = join_seeds(apart, family, 0)
    for table in (scores.draws, scores.filled):
        assert {key[0] for key in table} == {"net", "base"}
    assert {s.model for s in scores.aggregates} == {"net", "base"}
    assert set(scores.predicted) == {"net", "base"}
    for metric in KEPT:
        each = [apart.draws[n, metric, "all"][0] for n in family["net"]]
        assert scores.draws["net", metric, "all"][0] == pytest.approx(np.mean(each))
        own = next(s for s in scores.aggregates if (s.model, s.metric, s.stratum) == ("net", metric, "all"))
        assert own.value == pytest.approx(np.mean(each))
        assert own.low < own.value < own.high
        row = next(r for r in records if (r.metric, r.stratum) == (metric, "all"))
        assert (row.n_seeds, row.sd) == (3, pytest.approx(np.std(each, ddof=1)))
        assert (row.low, row.high) == (min(each), max(each))
    assert scores.draws["base", "nmse", "all"] is apart.draws["base", "nmse", "all"]


def test_the_spread_between_seeds_widens_the_interval(world, answer):
    answers = answers_of(world, answer, (0.4, 0.6, 0.8))
    scored, family = with_seeds(answers)
    apart = score_answers(world.panel, scored, 0, DRAWS, KEPT)
    scores, _ = join_seeds(apart, family, 0)
    alone = max(apart.estimate(n, "pearson_delta", "all").se for n in family["net"])
    assert scores.estimate("net", "pearson_delta", "all").se > 1.5 * alone
    calm = compare(apart, ["net, seed 2"], ["base"], {})
    spread = {r.metric: r for r in compare(scores, ["net"], ["base"], {})}
    for row in calm:
        assert spread[row.metric].se > row.se


def test_equal_seeds_are_the_model_itself(world, answer):
    answers = answers_of(world, answer, (0.6,))
    twice = {**answers, "net": replace(answers["net"], seeds=(answers["net"], answers["net"]))}
    scored, family = with_seeds(twice)
    scores, records = join_seeds(score_answers(world.panel, scored, 0, DRAWS, KEPT), family, 0)
    plain = score_answers(world.panel, answers, 0, DRAWS, KEPT)
    for metric in KEPT:
        got, want = scores.draws["net", metric, "all"], plain.draws["net", metric, "all"]
        assert got[0] == pytest.approx(want[0])
        np.testing.assert_array_equal(got[1], want[1])
    assert all(r.sd == pytest.approx(0.0, abs=1e-12) for r in records)


def test_models_of_one_seed_are_left_alone(world, answer):
    answers = answers_of(world, answer, (0.6,))
    scored, family = with_seeds(answers)
    assert (scored, family) == (answers, {})
    plain = score_answers(world.panel, answers, 0, DRAWS, KEPT)
    scores, records = join_seeds(plain, family, 0)
    assert records == ()
    assert scores.aggregates == plain.aggregates
    assert scores.draws.keys() == plain.draws.keys()


def test_a_seed_without_a_score_leaves_the_model_without(world, answer):
    answers = answers_of(world, answer, (0.6, 0.7))
    nothing = replace(answers["net"].seeds[0], values=np.zeros_like(world.effect))
    scored, family = with_seeds({**answers, "net": replace(answers["net"], seeds=(nothing,))})
    scores, records = join_seeds(score_answers(world.panel, scored, 0, DRAWS, KEPT), family, 0)
    assert ("net", "magnitude_log2", "all") not in scores.draws
    own = next(s for s in scores.aggregates if (s.model, s.metric, s.stratum) == ("net", "magnitude_log2", "all"))
    assert own.value is None
    assert own.interval is None
    assert own.reason.startswith("net, seed 2: ")
    assert not any(r.metric == "magnitude_log2" for r in records)
    assert ("net", "pearson_delta", "all") in scores.draws


def test_seeds_make_a_rank_less_sure(world, answer):
    """A model that is first with one seed and last with the other is first half of the time."""
    answers = {**answers_of(world, answer, (0.95, 0.05))}
    scored, family = with_seeds(answers)
    scores, _ = join_seeds(score_answers(world.panel, scored, 0, DRAWS, ["pearson_delta"]), family, 0)
    (ranking,) = rank_answers(scores, ["net"], ["base"])
    assert {r.name: r.first for r in ranking.ranks}["net"] == pytest.approx(0.5, abs=0.05)


def test_the_draw_of_seeds_is_the_same_every_time(world, answer):
    scored, family = with_seeds(answers_of(world, answer, (0.5, 0.8)))
    apart = score_answers(world.panel, scored, 0, DRAWS, KEPT)
    a, b, other = (join_seeds(apart, family, seed)[0].draws["net", "nmse", "all"][1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, other)
