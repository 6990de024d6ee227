from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from vcassay.claim import Split, make_claim
from vcassay.claim.exposure import Exposure
from vcassay.core import Conditions, Regime, Status
from vcassay.evidence.leakage.given.priors import judge_prior
from vcassay.knowledge import Features, Knowledge, Resource
from vcassay.prediction import declare
from vcassay.record.disclosure import Prior
from vcassay.testing.leaks.study import run_check

SINCE = date(2022, 6, 1)
OPEN = {"name": "screen of others", "kind": "response", "assay": "other", "access": "public", "holds_test": False}


def claimed(declared=Regime.CEX, truth="public", since=SINCE):
    conditions = Conditions.make(["A", "A", "B", "B"], ["P", "Q", "P", "Q"])
    split = Split(conditions, np.array(["train", "train", "test", "test"]))
    return make_claim(split, declared=declared, exposure=Exposure(truth=truth, since=since))


def ask(check, knowledge=None, claim=None, **entries):
    given = {"knowledge": knowledge or Knowledge(), "claim": claim or claimed(), "disclosure": declare(**entries)}
    return run_check(check, **given)


def handed(name, released):
    return Features(name, ("P",), np.ones((1, 1)), Resource(name, f"{name}.csv", "", released, "", 1))


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ({}, Status.PASS),
        ({"assay": "same"}, Status.WARN),
        ({"access": "proprietary"}, Status.WARN),
        ({"kind": "annotation", "access": "proprietary"}, Status.WARN),
        ({"holds_test": True}, Status.FAIL),
        ({"holds_test": True, "access": "proprietary", "assay": "same"}, Status.FAIL),
        ({"assay": "unknown"}, Status.UNKNOWN),
        ({"access": "unknown"}, Status.UNKNOWN),
        ({"kind": "unknown"}, Status.UNKNOWN),
        ({"kind": "network", "assay": "unknown"}, Status.PASS),
        ({"holds_test": None}, Status.PASS),
    ],
)
def test_what_an_entry_comes_to(entry, status):
    found = ask("L31", priors=[OPEN | entry])
    assert found.status is status
    assert judge_prior(Prior(**(OPEN | entry)), unseen=True)[0] is status
    assert bool(found.question) is (status is Status.UNKNOWN)
    assert bool(found.remedy) is (status in (Status.WARN, Status.FAIL))


def test_held_responses_of_the_test_set_warn_where_nothing_unseen_is_claimed():
    found = ask("L31", claim=claimed(Regime.RANDOM_CELLS), priors=[OPEN | {"holds_test": True}])
    assert found.status is Status.WARN


def test_the_worst_comes_first_with_its_reason_and_whether_baselines_read_it():
    bad = OPEN | {"name": "own map", "access": "proprietary", "why": "bought in 2020"}
    found = ask("L31", priors=[OPEN, bad])
    assert found.evidence[0]["prior"] == "own map"
    assert 'the authors: "bought in 2020"' in found.sentence
    assert "baselines do not read own map" in found.sentence
    found = ask("L31", Knowledge(features=(handed("own map", None),)), priors=[OPEN, bad])
    assert found.status is Status.WARN
    assert "baselines read the same features" in found.sentence


def test_nothing_declared_is_unknown_and_none_passes():
    for check in ("L31", "L23m"):
        assert ask(check).status is Status.UNKNOWN
        assert ask(check).question
    assert ask("L31", priors=()).status is Status.PASS
    assert ask("L23m", priors=(), graphs=(), pretraining=()).status is Status.NA


def test_younger_knowledge_is_named_with_its_days():
    knowledge = Knowledge(
        features=(handed("old", date(2022, 6, 1)), handed("new", date(2022, 6, 11)), handed("?", None))
    )
    found = ask("L23", knowledge)
    assert found.status is Status.WARN
    assert [row["resource"] for row in found.evidence] == ["new", "?", "old"]
    assert found.evidence[0]["days after"] == 10
    assert found.evidence[0]["released"] == "2022-06-11"
    assert "new 2022-06-11" in found.sentence
    assert "of 1 the day is not stated (?)" in found.sentence


def test_an_unknown_day_is_unknown_and_known_ones_pass():
    found = ask("L23", Knowledge(features=(handed("old", date(2020, 1, 1)), handed("?", None))))
    assert found.status is Status.UNKNOWN
    assert "1 of 2 resources released by 2022-06-01" in found.sentence
    assert ask("L23", Knowledge(features=(handed("old", date(2020, 1, 1)),))).status is Status.PASS


def test_without_resources_a_day_or_a_public_truth_there_is_nothing_to_date():
    knowledge = Knowledge(features=(handed("new", date(2025, 1, 1)),))
    assert ask("L23").status is Status.NA
    assert ask("L23", knowledge, claimed(truth="private")).status is Status.NA
    undated = ask("L23", knowledge, claimed(since=None))
    assert undated.status is Status.UNKNOWN
    assert undated.question
    assert undated.evidence[0]["released"] == "2025-01-01"


def test_priors_graphs_and_corpora_of_a_model_are_dated_and_structures_are_not():
    found = ask(
        "L23m",
        priors=[{"name": "text", "kind": "text", "released": "2024-01-01", "why": "an older model was worse"},
                {"name": "shapes", "kind": "structure", "released": "2025-01-01"}],
        graphs=[{"name": "GO", "released": "2021-01-01"}],
        pretraining=[{"name": "atlas", "released": "2023-01-01"}],
    )  # fmt: skip
    assert found.status is Status.WARN
    assert [row["resource"] for row in found.evidence] == ["text", "atlas", "GO"]
    assert found.evidence[0]["why"] == "an older model was worse"
    half = ask("L23m", priors=[{"name": "GO", "kind": "annotation", "released": "2021-01-01"}])
    assert half.status is Status.UNKNOWN
    assert "graphs and pretraining are not declared" in half.sentence
