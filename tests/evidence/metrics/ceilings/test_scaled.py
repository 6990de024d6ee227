"""Scaled scores: a replicate has 1, the baseline 0, a perfect model the whole of what is attainable."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.metrics import find_ceilings, score_answers
from vcassay.evidence.metrics.ceilings.replicate import AT_FULL_DEPTH
from vcassay.evidence.metrics.ceilings.scaled import scaled

SHOWN = ("pearson_delta", "cosine_delta", "nmse", "magnitude_log2", "top1")


def rows_of(world, answer, second, **more):
    rng = np.random.default_rng(8)
    answers = {"base": 0.2 * rng.normal(size=world.effect.shape), "second": second, **more}
    scores = score_answers(world.panel, {n: answer(n, v) for n, v in answers.items()}, 0, 200, metrics=SHOWN)
    found = scaled(scores, {n: [b for b in ("base",) if b != n or n == "base"] for n in answers}, find_ceilings(scores))
    return {(r.model, r.metric): r for r in found}


def test_a_replicate_has_one_and_the_baseline_nothing(noisy, answer):
    ones: dict[str, list[float]] = {}
    for seed in range(8):
        world = noisy(seed, each=60, sizes=(0.5, 1.0, 2.0))
        second = world.effect + np.random.default_rng([seed, 5]).normal(size=world.effect.shape)
        found = rows_of(world, answer, second, perfect=world.effect)
        for metric in ("pearson_delta", "cosine_delta", "nmse"):
            row = found["second", metric]
            assert (row.refused, row.baseline, row.replicate_kind) == ("", "base", AT_FULL_DEPTH)
            assert row.low < row.scaled < row.high
            ones.setdefault(metric, []).append(row.scaled)
            ones.setdefault(f"perfect {metric}", []).append(found["perfect", metric].attainable)
            assert found["perfect", metric].scaled > 1.1  # without noise of its own: not clipped
            assert found["base", metric].scaled == pytest.approx(0.0, abs=1e-12)
    for name, values in ones.items():
        assert np.mean(values) == pytest.approx(1.0, abs=0.05), name


def test_an_optimum_inside_the_range_is_approached_from_both_sides(noisy, answer):
    world = noisy(0, each=60)
    found = rows_of(world, answer, 2.0 * world.effect, half=0.5 * world.effect, perfect=world.effect)
    above, below = found["second", "magnitude_log2"], found["half", "magnitude_log2"]
    for row in (above, below, found["perfect", "magnitude_log2"]):
        assert row.attainable == pytest.approx(1.0 - abs(row.score) / abs(row.baseline_score), abs=1e-12)
    assert above.score > 0.9
    assert below.score < -0.9


def test_scores_are_not_scaled_within_noise_or_without_a_replicate(noisy, answer):
    world = noisy(1, each=30, sizes=(0.1,))
    found = rows_of(world, answer, world.effect)
    row = found["second", "pearson_delta"]
    assert row.scaled is None
    assert "reaches 0" in row.refused or "not measurable" in row.refused
    assert row.attainable_refused
    lone = noisy(2, each=60)
    alone = rows_of(lone, answer, lone.effect)["second", "magnitude_log2"]
    assert alone.refused == "what a replicate scores is not measurable"
    assert alone.replicate is None


def test_without_a_baseline_nothing_is_scaled(noisy, answer):
    world = noisy(3)
    scores = score_answers(world.panel, {"m": answer("m", world.effect)}, 0, 50, metrics=["nmse"])
    (row,) = scaled(scores, {"m": []}, find_ceilings(scores))
    assert (row.scaled, row.baseline) == (None, "")
    assert "no legal baseline" in row.refused
