from __future__ import annotations

import numpy as np
from tests.evidence.biology.benches import small_study

from vcassay.core import Finding, Status
from vcassay.testing.planted import assessable, of_model


def test_what_is_planted_is_measured():
    study = small_study(noise=0.1)
    mask = study.effects.mask
    error = (study.effects.delta - study.delta)[mask]
    assert np.abs(error).max() < 0.5
    assert np.corrcoef(study.effects.delta[mask], study.delta[mask])[0, 1] > 0.99
    assert study.effects.detectable.all()
    assert study.claim.split.test.tolist() == np.flatnonzero(study.effects.conditions.context == "K562").tolist()


def test_abstentions_are_marked():
    study = small_study()
    values = study.delta[study.test].copy()
    values[2, 0] = np.nan
    assert study.answer(values).state.tolist().count("abstained") == 1


def test_findings_are_read():
    study = Finding("x", "t", Status.PASS, "s")
    model = Finding("x", "t", Status.FAIL, "s", model="m")
    assert of_model((study, model), "m") is model
    assert assessable((study, model))
    assert not assessable((model,))
