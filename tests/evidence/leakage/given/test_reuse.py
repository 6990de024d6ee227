"""L29: looks at the test set and choices made on it, as declared."""

from __future__ import annotations

import pytest

from vcassay.claim import Exposure, make_claim
from vcassay.core import Status
from vcassay.evidence.leakage.given.reuse import chosen_on_test
from vcassay.prediction import declare


def run(study, ledger=None, **entries):
    claim = make_claim(study.split, exposure=Exposure(looks=ledger))
    return study.run("L29", claim=claim, disclosure=declare(**entries))


@pytest.mark.parametrize(
    ("words", "on_test"),
    [
        ("test", True),
        ("on the test set", True),
        ("Held-out test split", True),
        ("public leaderboard", True),
        ("validation", False),
        ("nested cross-validation", False),
        ("none", False),
        ("validation, never the test set", None),
        ("latest checkpoint", None),
        ("by eye", None),
    ],
)
def test_words_that_say_on_what_the_model_was_chosen(words, on_test):
    assert chosen_on_test(words) is on_test


def test_one_look_and_a_choice_elsewhere_pass(clean):
    found = run(clean[0], selection="validation", looks=1, submissions=0)
    assert (found.status, found.value) == (Status.PASS, 1.0)


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ({"looks": 2}, Status.WARN),
        ({"looks": 3}, Status.WARN),
        ({"looks": 4}, Status.FAIL),
        ({"looks": 1, "submissions": 40}, Status.FAIL),
        ({"looks": 0}, Status.PASS),
        ({"looks": 1, "selection": "test"}, Status.FAIL),
    ],
)
def test_further_looks_count_by_how_much_they_flatter(clean, entries, status):
    assert run(clean[0], **{"selection": "validation"} | entries).status is status


def test_flattery_is_a_number_in_the_sentence(clean):
    found = run(clean[0], selection="validation", looks=10, why={"looks": "a sweep"})
    assert "the best of 10 equally good variants is 1.5 standard errors above its own score" in found.sentence
    assert {"declared": "looks", "value": 10, "why": "a sweep"} in found.evidence
    assert not found.blocks


@pytest.mark.parametrize(
    ("entries", "asked"),
    [
        ({}, ("hyperparameters", "How often")),
        ({"selection": "validation"}, ("How often",)),
        ({"looks": 1}, ("hyperparameters",)),
        ({"looks": 1, "selection": "by eye"}, ("hyperparameters",)),
    ],
)
def test_what_is_not_declared_is_asked(clean, entries, asked):
    found = run(clean[0], **entries)
    assert found.status is Status.UNKNOWN
    assert all(word in found.question for word in asked)


def test_looks_of_the_ledger_stand_beside(clean):
    assert "ledger counts 7 predictions files" in run(clean[0], 7, selection="validation", looks=1).sentence
