"""Scores in each context: their mean is the score of all, and a context that a model does not know stands out."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.metrics import score_answers
from vcassay.evidence.metrics.inference.by_context import context_scores


def test_contexts_add_up_and_are_told_apart(noisy, answer):
    world = noisy(0, contexts=3, each=40)
    pred = world.effect.copy()
    pred[world.panel.context == 1] = np.random.default_rng(0).normal(size=(40, 100))
    pred[0] = np.nan
    scores = score_answers(world.panel, {"m": answer("m", pred)}, 0, 200)
    rows = {(s.metric, s.context): s for s in context_scores(scores, {0: "a", 1: "b", 2: "c"})}
    assert {c for _, c in rows} == {"a", "b", "c"}
    whole = scores.estimate("m", "pearson_delta", "detectable").value
    assert np.mean([rows["pearson_delta", c].value for c in "abc"]) == pytest.approx(whole, abs=1e-12)
    assert rows["pearson_delta", "b"].high < 0.1 < 0.5 < rows["pearson_delta", "c"].low
    assert [rows["pearson_delta", c].n_at_chance for c in "abc"] == [1, 0, 0]
    # a ratio of sums is that of the context itself
    at = world.panel.context == 2
    filled = scores.filled["m", "nmse"]
    assert rows["nmse", "c"].value == pytest.approx(filled.values[at].sum() / filled.denominator[at].sum(), abs=1e-12)
    assert rows["nmse", "b"].value > 0.9 > rows["nmse", "c"].value


def test_one_context_has_no_rows_of_its_own(noisy, answer):
    world = noisy(1)
    scores = score_answers(world.panel, {"m": answer("m", world.effect)}, 0, 50, metrics=["pearson_delta"])
    assert context_scores(scores, {0: "a"}) == []
