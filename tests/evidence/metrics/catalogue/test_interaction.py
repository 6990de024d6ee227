"""Metrics beyond the template: at chance for what training alone tells, and alive to context."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.agreement import pearson
from vcassay.arrays.template import fit_template, make_design, predict_template
from vcassay.evidence.metrics import METRICS, score_answers
from vcassay.evidence.metrics.filled import evaluate

TRAINED, TEST, TREATMENTS, GENES = 3, 4, 40, 300
NEW = ("pearson_interaction", "nmse_interaction", "pearson_across_contexts", "pearson_context_specific")


def study(by_hand, seed, interaction=1.0, noise=0.3):
    """Three training contexts, four unseen ones; the panel of the latter, and the models' raw material."""
    rng = np.random.default_rng([23, seed])
    n = TRAINED + TEST
    conserved = rng.normal(size=GENES) + rng.normal(size=(TREATMENTS, GENES))
    true = conserved + interaction * rng.normal(size=(n, TREATMENTS, GENES))
    c, t = np.divmod(np.arange(n * TREATMENTS), TREATMENTS)
    true = true.reshape(-1, GENES)
    a, b, trained = (true + noise * s * rng.normal(size=true.shape) for s in (np.sqrt(2), np.sqrt(2), 1.0))
    known = c < TRAINED
    terms = fit_template(make_design(c[known], t[known]), trained, np.flatnonzero(known))
    test = np.flatnonzero(~known)
    template = predict_template(terms, np.full(len(test), -1), t[test])
    panel = by_hand(
        (a + b)[test] / 2,
        a[test],
        b[test],
        c[test],
        template=template,
        reference=np.tile(trained[known].mean(axis=0), (len(test), 1)),
        perturbation=t[test],
        family=t[test],
    )
    material = {
        "perfect": true[test],
        "template": template,
        "shrunken": 0.3 * template,
        "mean and half of the conserved part": terms.mean + 0.5 * (template - terms.mean),
        "context copy": trained[t[test]],
        "half of a context copy": 0.5 * trained[t[test]],
        "unrelated": rng.normal(size=template.shape),
        "shuffled": true[test][rng.permutation(len(test))],
        "no change": np.zeros_like(template),
        "conserved effect known": conserved[t[test]],
        "half right": conserved[t[test]] + 0.5 * (true[test] - conserved[t[test]]),
    }
    return panel, material


@pytest.fixture(scope="module")
def scored(by_hand, answer):
    out = []
    for seed in range(4):
        panel, material = study(by_hand, seed)
        answers = {name: answer(name, values) for name, values in material.items()}
        scores = score_answers(panel, answers, seed, 200, metrics=NEW)
        out.append({(n, m): scores.estimate(n, m, "all").value for n in answers for m in NEW})
    return {key: np.mean([row[key] for row in out]) for key in out[0]}


def test_what_training_alone_tells_is_at_chance(scored):
    for name in ("template", "shrunken", "mean and half of the conserved part", "no change"):
        assert scored[name, "pearson_interaction"] == 0.0
    for name in ("context copy", "half of a context copy", "unrelated"):
        assert abs(scored[name, "pearson_interaction"]) < 0.01
    assert abs(scored["shuffled", "pearson_interaction"]) < 0.07  # the little that the mean of three contexts leaves
    assert scored["perfect", "pearson_interaction"] > 0.95


def test_subtracting_the_template_instead_would_reward_its_error(by_hand):
    """Why the template is regressed out: its own noise is otherwise on both sides."""
    panel, material = study(by_hand, 0)
    truth, mask, template = (panel.inputs[k] for k in ("truth", "mask", "template"))
    for name in ("no change", "unrelated", "shrunken", "mean and half of the conserved part"):
        assert pearson(truth - template, material[name] - template, mask).mean() > 0.15


def test_error_is_relative_to_the_template(scored):
    assert scored["template", "nmse_interaction"] == pytest.approx(1.0, abs=1e-12)
    assert scored["perfect", "nmse_interaction"] == pytest.approx(0.0, abs=0.01)
    assert scored["no change", "nmse_interaction"] > 1.5
    # conserved part right, a half of the interaction: .25 of e^2, over e^2 (1 + 1/3) and the noise of the template
    assert scored["half right", "nmse_interaction"] == pytest.approx(0.25 / (4 / 3 + 0.03), abs=0.01)


@pytest.mark.parametrize("metric", NEW[2:])
def test_only_context_sensitivity_correlates_across_contexts(scored, metric):
    for name in ("template", "shrunken", "context copy", "no change", "conserved effect known"):
        assert scored[name, metric] == 0.0
    for name in ("unrelated", "shuffled"):
        assert abs(scored[name, metric]) < 0.03
    assert scored["perfect", metric] > 0.95
    assert scored["half right", metric] > 0.95


def test_what_a_context_shares_is_not_specific_to_a_perturbation(by_hand, answer):
    """One answer for all perturbations of a context, and the controls that they share."""
    panel, material = study(by_hand, 0)
    shift = np.random.default_rng(1).normal(size=(TEST, GENES))[panel.context - panel.context.min()]
    truth = panel.inputs["truth"] + shift
    moved = replace(panel, inputs={**panel.inputs, "truth": truth})
    answers = {"shift": answer("shift", shift), "both": answer("both", material["perfect"] - 2 * shift)}
    scores = score_answers(moved, answers, 0, 100, metrics=NEW[2:])
    assert scores.estimate("shift", "pearson_across_contexts", "all").value > 0.5
    assert scores.estimate("shift", "pearson_context_specific", "all").value == 0.0
    assert scores.estimate("both", "pearson_across_contexts", "all").value < 0.0
    assert scores.estimate("both", "pearson_context_specific", "all").value > 0.95


def test_a_better_conserved_effect_is_a_known_way_to_fool(scored):
    assert scored["conserved effect known", "pearson_interaction"] > 0.3
    assert "conserved effect" in METRICS["pearson_interaction"].meta["fooled_by"]


def test_an_additive_screen_leaves_nothing_to_score(by_hand, answer):
    panel, material = study(by_hand, 0, interaction=0.0)
    answers = {name: answer(name, material[name]) for name in ("template", "context copy", "shuffled")}
    scores = score_answers(panel, answers, 0, 200, metrics=NEW)
    for name in ("context copy", "shuffled"):
        assert abs(scores.estimate(name, "pearson_interaction", "all").value) < 0.05
        assert abs(scores.estimate(name, "pearson_across_contexts", "all").value) < 0.05


def test_two_contexts_are_too_few(by_hand):
    panel, material = study(by_hand, 0)
    part = panel.take(panel.context < 2)
    for metric in NEW[2:]:
        found = evaluate(METRICS[metric], part, material["perfect"][panel.context < 2])
        assert np.isnan(found.numerator).all()


def test_without_a_template_there_is_no_score(by_hand, answer):
    panel, material = study(by_hand, 0)
    panel.inputs["template"][:7] = np.nan
    scores = score_answers(panel, {"perfect": answer("perfect", material["perfect"])}, 0, 50, metrics=NEW)
    for metric in NEW[:2]:
        filled = scores.filled["perfect", metric]
        assert np.flatnonzero(~filled.defined).tolist() == list(range(7))


def test_a_perfect_copy_is_perfect_on_any_part_of_the_conditions(by_hand, answer):
    panel, _ = study(by_hand, 1)
    part = np.random.default_rng(0).random(len(panel.context)) < 0.5
    panel.strata["weak"] = part
    truth = panel.inputs["truth"]
    scores = score_answers(panel, {"copy": answer("copy", truth)}, 0, 50, metrics=NEW)
    for metric in ("pearson_interaction", *NEW[2:]):
        assert scores.estimate("copy", metric, "weak").value == pytest.approx(1.0, abs=1e-12)
