"""Correlations without the noise of the truth: the planted one, whatever the noise."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.metrics import find_ceilings, score_answers
from vcassay.evidence.metrics.ceilings.attenuated import MIN_RELIABILITY, corrected


def with_correlation(effect, r, seed):
    """A model that correlates with the true effects at r."""
    rng = np.random.default_rng(seed)
    other = rng.standard_normal(effect.shape) * np.sqrt((effect**2).mean(axis=1, keepdims=True))
    return r * effect + np.sqrt(1 - r * r) * other


@pytest.mark.parametrize("size", [0.5, 1.0, 2.0])
def test_the_planted_correlation_is_recovered(noisy, answer, size):
    """Observed .31, .50 and .63 for .707: corrected .71 each time, within its interval as often as it should."""
    found, within = [], []
    for seed in range(10):
        world = noisy(seed, each=45, genes=300, sizes=(size,))
        model = with_correlation(world.effect, np.sqrt(0.5), seed)
        scores = score_answers(world.panel, {"m": answer("m", model)}, 0, 300, ["pearson_delta"])
        c = corrected(scores, find_ceilings(scores))["m", "pearson_delta", "detectable"]
        observed = scores.estimate("m", "pearson_delta", "detectable").value
        assert observed < c.value
        found.append(c.value)
        within.append(c.low <= np.sqrt(0.5) <= c.high)
    assert np.mean(found) == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert np.mean(within) >= 0.7


def test_a_perfect_model_reaches_one_and_a_copy_of_the_noise_more(noisy, answer):
    world = noisy(0, each=60, genes=300)
    panel = world.panel
    answers = {n: answer(n, v) for n, v in (("perfect", world.effect), ("copy", panel.inputs["truth"]))}
    scores = score_answers(panel, answers, 0, 300, ["pearson_delta"])
    rows = corrected(scores, find_ceilings(scores))
    assert rows["perfect", "pearson_delta", "detectable"].value == pytest.approx(1.0, abs=0.02)
    assert rows["copy", "pearson_delta", "detectable"].value > 1.3


def test_thin_reliability_is_not_corrected(noisy, answer):
    world = noisy(0, each=60, genes=400, sizes=(0.25,))
    scores = score_answers(world.panel, {"m": answer("m", world.effect)}, 0, 300, ["pearson_delta"])
    ceilings = find_ceilings(scores)
    assert 0 < ceilings["pearson_delta", "detectable"].value ** 2 < MIN_RELIABILITY.value
    row = corrected(scores, ceilings)["m", "pearson_delta", "detectable"]
    assert np.isnan(row.value)
    assert "is below 0.1" in row.reason


def test_only_correlations_are_corrected(noisy, answer):
    world = noisy(0, each=30, genes=50)
    scores = score_answers(world.panel, {"m": answer("m", world.effect)}, 0, 100)
    metrics = {metric for _, metric, _ in corrected(scores, find_ceilings(scores))}
    assert "pearson_delta" in metrics
    assert not metrics & {"nmse", "pds_cosine", "pearson_raw", "magnitude_log2"}
