"""The interpolated duplicate: between the mean, where nothing is sure, and the other half, where all is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import false_discovery_control, norm

from vcassay.arrays.agreement import pearson
from vcassay.evidence.metrics import primary_metrics, score_answers
from vcassay.evidence.metrics.ceilings.duplicate import NAME, duplicate_scores, interpolated, why_not


def test_the_recipe_gene_by_gene():
    """alpha = 1 - adjusted p, adjusted within a condition (scipy's Benjamini-Hochberg)."""
    rng = np.random.default_rng(0)
    duplicate, mean, z = rng.normal(size=(5, 30)), rng.normal(size=(5, 30)), 2.0 * rng.normal(size=(5, 30))
    z[2, 7] = np.nan
    found = interpolated(duplicate, mean, z)
    for i in range(5):
        ok = np.isfinite(z[i])
        alpha = np.zeros(30)
        alpha[ok] = 1.0 - false_discovery_control(2.0 * norm.sf(np.abs(z[i, ok])))
        np.testing.assert_allclose(found[i], alpha * duplicate[i] + (1 - alpha) * mean[i], atol=1e-12)
    assert found[2, 7] == mean[2, 7]


def test_the_ends():
    duplicate, mean = np.full((1, 4), 3.0), np.full((1, 4), -1.0)
    np.testing.assert_allclose(interpolated(duplicate, mean, np.full((1, 4), 40.0)), duplicate)
    np.testing.assert_allclose(interpolated(duplicate, mean, np.zeros((1, 4))), mean)
    lost = np.full((1, 4), np.nan)
    np.testing.assert_allclose(interpolated(lost, mean, lost), mean)


@pytest.fixture(scope="module")
def scores(noisy, answer):
    world = noisy(0, each=120, genes=80, sizes=(1.0, 3.0))
    return score_answers(world.panel, {"zero": answer("zero", np.zeros_like(world.effect))}, 0, 200)


def test_it_is_scored_against_the_other_half(scores):
    panel = scores.panel
    found = {(s.metric, s.stratum): s for s in duplicate_scores(scores)}
    assert {m for m, _ in found} <= set(primary_metrics(panel))
    assert all(s.model == NAME for s in found.values())
    error = np.abs(panel.inputs["truth"] / panel.inputs["statistic"]) / np.sqrt(0.5)
    p = interpolated(panel.half_a, panel.inputs["reference"], panel.half_a / error)
    r = pearson(p, panel.half_b, panel.inputs["mask"]).mean()
    assert found["pearson_delta", "all"].value == pytest.approx(r)
    assert found["pearson_delta", "all"].interval.low < r < found["pearson_delta", "all"].interval.high


def test_the_error_is_free_of_the_noise_of_the_half_it_meets(noisy, answer):
    """Over screens, it estimates the distance to the true effect: no bias."""
    gap, size = [], []
    for seed in range(20):
        world = noisy(seed, each=60, genes=60, sizes=(1.0, 3.0))
        panel = world.panel
        zero = {"zero": answer("zero", np.zeros_like(world.effect))}
        made = score_answers(panel, zero, 0, 50, metrics=primary_metrics(panel))
        found = next(s for s in duplicate_scores(made) if (s.metric, s.stratum) == ("nmse", "all"))
        error = np.abs(panel.inputs["truth"] / panel.inputs["statistic"]) / np.sqrt(0.5)
        p = interpolated(panel.half_a, panel.inputs["reference"], panel.half_a / error)
        true = ((p - world.effect) ** 2).sum() / (world.effect**2).sum()
        gap.append(found.value - true)
        size.append(true)
    assert abs(np.mean(gap)) < 0.05 * np.mean(size) + 2 * np.std(gap) / np.sqrt(len(gap))


def test_where_it_cannot_be_made_it_says_why(scores):
    panel = scores.panel
    assert why_not(panel) == ""
    bare = replace(panel, inputs={**panel.inputs, "statistic": None}, missing={"statistic": "no calls here"})
    assert why_not(bare) == "no calls here"
    assert duplicate_scores(replace(scores, panel=bare)) == []
    nothing = np.full_like(panel.half_a, np.nan)
    assert "halves" in why_not(replace(panel, inputs={**panel.inputs, "half_a": nothing}))
    assert "training" in why_not(replace(panel, inputs={**panel.inputs, "reference": nothing}))
    assert "one value" in why_not(replace(panel, scalar=True))
