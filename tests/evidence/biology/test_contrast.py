from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.biology.benches import small_study

from vcassay.core import Status
from vcassay.evidence.biology.contrast import Contrast, Wording, judge
from vcassay.evidence.biology.tested import SHARE_OF_TRUTH, Tested

NAME = "dose_response"
WORDS = Wording("mean precision", "drugs", "mechanisms", "more drugs are needed", "Look at it.")
TRUTH = Tested(0.6, 0.1, 0.05, 0.001, 1.0, 40)
SAME = Tested(0.58, 0.1, 0.05, 0.001, 1.0, 40)
NULL = Tested(0.11, 0.1, 0.05, 0.4, 0.6, 40)


@pytest.fixture(scope="module")
def bench():
    study = small_study()
    values = study.delta[study.test]
    return study.bench(study.answer(values, "a"), study.answer(-values, "b"))


def test_truth_and_models_are_told_apart(bench):
    contrast = Contrast(TRUTH, {"a": SAME, "b": NULL}, baselines={"mean": NULL}, coverage="Three drugs were left out.")
    study, a, b = judge(NAME, bench, contrast, WORDS)
    assert (study.model, study.status, study.value, study.null) == (None, Status.PASS, 0.6, 0.1)
    assert study.sentence == (
        "In the truth, mean precision 0.60 over 40 drugs, 0.10 with permuted mechanisms (p = 0.001). "
        "Three drugs were left out."
    )
    assert (a.model, a.status, a.remedy) == ("a", Status.PASS, "")
    assert "best baseline 'mean' 0.11" in a.sentence
    assert a.threshold == pytest.approx(0.1 + SHARE_OF_TRUTH.value * 0.5)
    assert (b.model, b.status, b.remedy) == ("b", Status.FAIL, "Look at it.")


def test_a_truth_within_chance_asks_nothing_of_models(bench):
    study, *models = judge(NAME, bench, Contrast(NULL, {"a": SAME, "b": SAME}), WORDS)
    assert study.status is Status.NA
    assert "not clearly more than chance (p < 0.01 is asked); more drugs are needed." in study.sentence
    assert [m.status for m in models] == [Status.NA, Status.NA]
    assert all(m.value is None for m in models)


def test_a_truth_without_a_value_says_what_is_wanted(bench):
    nothing = Tested(np.nan, np.nan, np.nan, np.nan, np.nan, 0)
    study, *_ = judge(NAME, bench, Contrast(nothing, {}), WORDS)
    assert study.sentence == "Not assessable: more drugs are needed."
    assert study.value is None


def test_what_a_model_does_not_answer_is_not_held_against_it(bench):
    contrast = Contrast(TRUTH, {"a": "it answers for 2 drugs", "b": SAME}, truths={"b": NULL})
    _, a, b = judge(NAME, bench, contrast, WORDS)
    assert (a.status, a.sentence) == (Status.NA, "Not assessable: it answers for 2 drugs.")
    assert b.status is Status.NA
    assert "on the conditions that it answers" in b.sentence


def test_q_values_are_adjusted_over_models(bench):
    weak = Tested(0.55, 0.1, 0.05, 0.04, 1.0, 40)
    _, a, b = judge(NAME, bench, Contrast(TRUTH, {"a": weak, "b": NULL}), WORDS)
    assert a.status is Status.FAIL  # .04 of one of two is q = .08
    assert "q = 0.08" in a.sentence
    assert b.status is Status.FAIL


@pytest.mark.parametrize(
    ("effects", "inside", "word"),
    [
        (NULL, SAME, "Its embedding carries it"),
        (SAME, SAME, "Its embedding carries it too"),
        (SAME, NULL, "Its embedding does not carry it"),
        (NULL, NULL, "neither do its predicted effects"),
        (SAME, Tested(np.nan, np.nan, np.nan, np.nan, np.nan, 0), "does not define"),
    ],
)
def test_which_of_effects_and_embedding_carries_it_is_said(bench, effects, inside, word):
    _, a, _ = judge(NAME, bench, Contrast(TRUTH, {"a": effects, "b": NULL}, embeddings={"a": inside}), WORDS)
    assert word in a.sentence
