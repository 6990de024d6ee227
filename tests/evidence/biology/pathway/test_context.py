"""Responses that the genotype rules out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vcassay.claim import Split, make_claim
from vcassay.core import Status
from vcassay.testing.biology.expectations import CASES, MUTANT
from vcassay.testing.planted import assessable, of_model

CASE = next(c for c in CASES if c.diagnostic == "target_context")


@pytest.mark.parametrize("seed", range(2))
def test_a_response_in_mutant_lines_alike_is_seen(seed):
    found = CASE.present(seed)
    assert assessable(found)
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status is Status.FAIL
    assert not assessable(CASE.absent(seed))


def test_rows_tell_both_sides(planted):
    _, study, values = planted()
    found = study.run("target_context", study.answer(values))
    on, off = of_model(found).evidence
    assert (on["where"], off["where"]) == ("TP53 wild type", "TP53 mutant")
    assert (on["contexts"], off["contexts"]) == (5, 6)
    assert (on["sign"], off["sign"]) == (1, 0)
    assert on["truth"] - off["truth"] > 2 * on["null_sd"]
    assert on["model"] > off["model"]
    assert "not with TP53 mutant" in found[0].sentence


def test_a_model_that_answers_one_side_alone_is_not_asked(planted):
    _, study, values = planted()
    table = study.effects.conditions.take(study.test)
    some = values.copy()
    some[np.isin(table.context, MUTANT)] = np.nan
    found = study.run("target_context", study.answer(some))
    assert of_model(found).status is Status.NA
    assert "both kinds" in of_model(found).sentence


def test_too_few_contexts_say_what_there_is(planted):
    _, study, _ = planted()
    table = study.effects.conditions
    roles = np.where(np.isin(table.context, ["A375", "HT29"]), "test", "train")
    split = Split(table, roles)
    claim = make_claim(split)
    found = dataclasses.replace(study, claim=claim).run("target_context")
    assert [f.status for f in found] == [Status.NA]
    assert "MDM2 inhibitor (1 contexts with, 1 without)" in found[0].sentence
