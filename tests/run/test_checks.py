"""Checks get what they ask for by name, once a study or once a model; a crash becomes a finding."""

from __future__ import annotations

import numpy as np

from vcassay.core import Finding, Registry, Status
from vcassay.core.vocabulary import VOCABULARY
from vcassay.prediction import Answer, declare
from vcassay.run.checks import run_checks, stored


def answer(name: str, controls: str) -> Answer:
    empty = np.zeros((0, 2))
    return Answer(
        name, "submission", empty, np.zeros(0, "<U2"), np.ones(2, bool), disclosure=declare(controls=controls)
    )


MODELS = {"a": answer("a", "all"), "b": answer("b", "none")}


def registry(**functions):
    found: Registry = Registry("check", VOCABULARY)
    for name, function in functions.items():
        function.__doc__ = f"Check {name}."
        found.register(name, function, source="here", title=f"Title {name}")
    return found


def test_once_a_study_or_once_a_model():
    def whole(split):
        return Finding("whole", "", Status.PASS, f"split is {split}")

    def each(disclosure, rng):
        return Finding("each", "", Status.WARN, f"{disclosure.controls} {rng.integers(10**6)}")

    found = run_checks(registry(whole=whole, each=each), {"split": 7, "claim": None}, MODELS, 0, "leakage")
    assert [(f.check, f.model) for f in found] == [("each", "a"), ("each", "b"), ("whole", None)]
    assert found[2].sentence == "split is 7"
    assert [f.sentence.split()[0] for f in found[:2]] == ["all", "none"]
    again = run_checks(registry(each=each), {"split": 7}, MODELS, 0, "leakage")
    assert [f.sentence for f in again] == [f.sentence for f in found[:2]]  # drawn whatever else is registered
    other = run_checks(registry(each=each), {"split": 7}, MODELS, 1, "leakage")
    assert other[0].sentence != found[0].sentence
    assert found[0].sentence.split()[1] != found[1].sentence.split()[1]


def test_several_findings_of_one_check():
    def some(answer):
        return (Finding("some", "", Status.PASS, answer.name), Finding("some", "", Status.PASS, "b's", model="b"))

    found = run_checks(registry(some=some), {}, {"a": MODELS["a"]}, 0, "leakage")
    assert [f.model for f in found] == ["a", "b"]


def test_a_crash_names_the_check_the_error_and_the_model():
    def fails(answer):
        raise KeyError(answer.name)

    def works(claim):
        return Finding("works", "", Status.PASS, "well")

    found = run_checks(registry(fails=fails, works=works), {"claim": None}, MODELS, 0, "biology")
    assert [(f.check, f.status, f.model) for f in found] == [
        ("fails", Status.ERROR, "a"),
        ("fails", Status.ERROR, "b"),
        ("works", Status.PASS, None),
    ]
    assert found[0].title == "Title fails"
    assert found[0].sentence == "fails failed with KeyError: 'a'"
    assert found[0].family == "biology"


def test_what_nobody_provides_is_a_crash_too():
    def asks(knowledge):
        return Finding("asks", "", Status.PASS, "")

    (found,) = run_checks(registry(asks=asks), {}, MODELS, 0, "leakage")
    assert found.status is Status.ERROR


def test_evidence_is_stored_plainly():
    rows = ({"n": np.int64(3), "x": np.float32(0.5), "nan": np.nan, "list": [np.int8(1), np.inf], "odd": 1 + 2j},)
    record = stored(Finding("c", "t", Status.WARN, "s", value=np.float64(0.25), null=np.nan, evidence=rows))
    assert record.evidence == ({"n": 3, "x": 0.5, "nan": None, "list": [1, None], "odd": "(1+2j)"},)
    assert (record.value, record.null, record.status) == (0.25, None, "WARN")
