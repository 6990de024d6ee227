"""Better than perfect: copies of the scored cells are flagged, right models are not."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.metrics import better_than_perfect, find_ceilings, primary_metrics, score_answers

SEEDS = 24
DRAWS = 1000


def honest(effect, rng, skill=0.8):
    size = np.sqrt((effect**2).mean(axis=1, keepdims=True))
    return skill**2 * effect + skill * np.sqrt(1 - skill**2) * size * rng.normal(size=effect.shape)


def findings(panel, answer, models, seed=0):
    answers = {name: answer(name, v) for name, v in models.items()}
    scores = score_answers(panel, answers, seed, DRAWS, primary_metrics(panel))  # which alone are judged
    ceilings = find_ceilings(scores)
    return {name: better_than_perfect(scores, ceilings, name) for name in models}


@pytest.fixture(scope="module")
def rates(noisy, answer):
    """Share of screens on which each model is flagged, without and with much noise of shared controls."""
    found = {}
    for label, shared in (("clean", 0.0), ("shared", 1.0)):
        flags, plain = {}, []
        for seed in range(SEEDS):
            world = noisy(seed, each=40, sizes=(0.7, 2.0), control_noise=shared)
            rng = np.random.default_rng([seed, 1])
            models = {
                "perfect": world.effect,
                "honest": honest(world.effect, rng),
                "nearly perfect": honest(world.effect, rng, 0.98),
                "memorised": world.panel.inputs["truth"],
                "half memorised": world.panel.half_a,
            }
            result = findings(world.panel, answer, models, seed)
            for name, f in result.items():
                flags.setdefault(name, []).append(f.status is Status.FAIL)
            plain.append(max(row["lower bound"] for row in result["perfect"].evidence) > 0)
        found[label] = {name: float(np.mean(f)) for name, f in flags.items()} | {"uncentred": float(np.mean(plain))}
    return found


@pytest.mark.parametrize("noise", ["clean", "shared"])
def test_right_models_are_not_accused(rates, noise):
    assert rates[noise]["perfect"] == 0
    assert rates[noise]["nearly perfect"] == 0
    assert rates[noise]["honest"] == 0


@pytest.mark.parametrize("noise", ["clean", "shared"])
def test_copies_of_the_scored_cells_are_flagged(rates, noise):
    assert rates[noise]["memorised"] == 1
    assert rates[noise]["half memorised"] > 0.8


def test_without_centring_shared_controls_would_accuse_a_perfect_model(rates):
    assert rates["shared"]["uncentred"] > 0.05
    assert rates["clean"]["uncentred"] < 0.1


def test_a_copy_is_better_than_perfect_in_the_scores(noisy, answer):
    world = noisy(0)
    truth = world.panel.inputs["truth"]
    scores = score_answers(world.panel, {"copy": answer("copy", truth)}, 0, DRAWS)
    assert scores.estimate("copy", "nmse", "all").value < 0
    c = find_ceilings(scores)["pearson_delta", "detectable"]
    assert scores.estimate("copy", "pearson_delta", "detectable").value > c.high


def test_the_finding_says_what_was_measured(noisy, answer):
    world = noisy(0)
    found = findings(world.panel, answer, {"copy": world.panel.inputs["truth"], "good": world.effect})
    copy, good = found["copy"], found["good"]
    assert (copy.status, copy.blocks, copy.model, copy.null) == (Status.FAIL, True, "copy", 0.0)
    assert copy.remedy
    assert copy.value > 0
    assert {row["metric"] for row in copy.evidence} == {"nmse", "pearson_delta"}
    assert (good.status, good.model) == (Status.PASS, "good")
    assert not good.remedy


def test_not_measurable_without_halves_or_signal(noisy, answer, by_hand):
    p = noisy(0).panel
    truth = p.inputs["truth"]
    none = np.full_like(p.half_a, np.nan)
    without = by_hand(truth, none, none, p.context)
    assert findings(without, answer, {"copy": truth})["copy"].status is Status.NA
    silent = noisy(0, no_signal="none of the 40 test conditions has a detectable effect").panel
    assert findings(silent, answer, {"copy": truth})["copy"].status is Status.NA


def test_a_single_condition_accuses_nobody(noisy, answer):
    world = noisy(0, each=1, sizes=(2.0,))
    assert findings(world.panel, answer, {"copy": world.panel.inputs["truth"]})["copy"].status is not Status.FAIL


def test_abstentions_do_not_hide_a_copy(noisy, answer):
    world = noisy(0)
    copy, good = world.panel.inputs["truth"].copy(), world.effect.copy()
    copy[::3], good[::3] = np.nan, np.nan
    scores = score_answers(world.panel, {"copy": answer("copy", copy)}, 0, DRAWS)
    ceiling = find_ceilings(scores)["pearson_delta", "detectable"].value
    assert scores.estimate("copy", "pearson_delta", "detectable").value < ceiling  # hidden in the score
    found = findings(world.panel, answer, {"copy": copy, "good": good, "silent": np.full_like(copy, np.nan)})
    assert found["copy"].status is Status.FAIL
    assert found["good"].status is Status.PASS
    assert found["silent"].status is not Status.FAIL
