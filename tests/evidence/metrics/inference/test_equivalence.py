"""Equivalence, the smallest detectable difference, and the check by signs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.evidence.metrics import compare, score_answers
from vcassay.evidence.metrics.inference.compare import difference
from vcassay.evidence.metrics.inference.equivalence import EQUIVALENCE_MARGIN, is_equivalent

KEPT = ["nmse", "pearson_delta", "pds_cosine"]


def blend(effect, skill, rng):
    size = np.sqrt((effect**2).mean(axis=1, keepdims=True))
    return skill**2 * effect + skill * np.sqrt(1 - skill**2) * size * rng.normal(size=effect.shape)


def rows_of(noisy, answer, seed, skill, *, each=60, margin=EQUIVALENCE_MARGIN.value, draws=300):
    """Comparisons of a model with a baseline of skill 0.6."""
    world = noisy(seed, each=each, sizes=(1.5,))
    rng = np.random.default_rng([seed, 1])
    answers = {"m": answer("m", blend(world.effect, skill, rng)), "b": answer("b", blend(world.effect, 0.6, rng))}
    scores = score_answers(world.panel, answers, 0, draws, KEPT)
    return scores, {r.metric: r for r in compare(scores, ["m"], ["b"], {}, margin)}


def test_interval_within_the_margin():
    def inside(low, high):
        return is_equivalent(Estimate(0.0, low, high, 0.01), 0.02)

    assert inside(-0.019, 0.019)
    assert not inside(-0.02, 0.01)
    assert not inside(-0.01, 0.02)
    assert not inside(np.nan, np.nan)


def test_equal_models_on_many_conditions_are_equivalent_and_on_few_undecided(noisy, answer):
    _, many = rows_of(noisy, answer, 0, 0.6, each=700)
    row = many["pearson_delta"]
    assert row.equivalent
    assert -row.margin < row.equivalence_low < row.equivalence_high < row.margin
    assert row.low < row.equivalence_low
    _, few = rows_of(noisy, answer, 0, 0.6, each=30)
    assert not any(few["pearson_delta"].__getattribute__(k) for k in ("equivalent", "better", "worse"))


@pytest.mark.parametrize("margin", [0.005, 0.02, 0.1, 1.0])
def test_equivalence_and_difference_are_never_both_claimed(noisy, answer, margin):
    found = set()
    for seed, skill in enumerate((0.3, 0.57, 0.6, 0.63, 0.95)):
        for row in rows_of(noisy, answer, seed, skill, margin=margin, draws=200)[1].values():
            assert row.margin == margin
            assert row.equivalent + row.better + row.worse <= 1
            found.add((row.equivalent, row.better, row.worse))
    assert (False, True, False) in found
    if margin >= 0.1:
        assert (True, False, False) in found


def test_a_wider_margin_keeps_what_was_equivalent(noisy, answer):
    scores, _ = rows_of(noisy, answer, 4, 0.6)
    claims = [[r.equivalent for r in compare(scores, ["m"], ["b"], {}, m)] for m in (0.001, 0.01, 0.05, 0.2, 2.0)]
    for narrow, wide in pairwise(claims):
        assert all(w or not n for n, w in zip(narrow, wide, strict=True))


@pytest.mark.slow
def test_models_at_the_margin_are_called_equivalent_in_one_of_twenty(noisy, answer):
    """Size of the two one-sided tests: equal models seen through a margin that a true gap of its size reaches."""
    gap, low_enough = 0.08, []
    for seed in range(300):
        scores, _ = rows_of(noisy, answer, seed, 0.68, each=50, draws=300)
        e, _ = difference(scores, "m", "b", "pearson_delta", scores.panel.decision, 0.90)
        low_enough.append((e.value, e.high))
    values, highs = np.array(low_enough).T
    gap = values.mean()
    assert (highs < gap).mean() == pytest.approx(0.05, abs=0.03)


def test_detectable_difference_is_2_8_standard_errors(noisy, answer):
    _, rows = rows_of(noisy, answer, 1, 0.7)
    for row in rows.values():
        assert row.detectable_difference == pytest.approx(2.8016 * row.se, rel=1e-4)


def test_signs_agree_with_a_clear_difference_and_ratios_have_none(noisy, answer):
    _, rows = rows_of(noisy, answer, 1, 0.95)
    row = rows["pearson_delta"]
    assert row.better
    assert row.wins > 0.9
    assert row.sign_p < 1e-4
    assert row.signed_rank_p < 1e-4
    assert row.no_sign_test == ""
    ratio = rows["nmse"]
    assert ratio.better
    assert (ratio.wins, ratio.sign_p, ratio.signed_rank_p) == (None, None, None)
    assert "ratio of sums" in ratio.no_sign_test


def test_signs_are_oriented(noisy, answer):
    scores, rows = rows_of(noisy, answer, 2, 0.8)
    back = {r.metric: r for r in compare(scores, ["b"], ["m"], {})}
    assert back["pearson_delta"].wins == pytest.approx(1.0 - rows["pearson_delta"].wins)
    assert back["pearson_delta"].sign_p > 0.9
