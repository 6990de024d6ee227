"""A rung restored from the cache is the rung that was run; one that crashes is an ERROR."""

from __future__ import annotations

from dataclasses import asdict, fields

import numpy as np
import pytest

from tests.run.builders import simulated
from vcassay.claim import make_claim
from vcassay.core import InputError
from vcassay.effects import measure
from vcassay.evidence.baselines import BASELINES, make_task
from vcassay.knowledge import Knowledge
from vcassay.run.cache import Cache
from vcassay.run.ladder import as_submission, crashes, run_ladder


@pytest.fixture(scope="module")
def ground():
    simulation, split = simulated()
    effects = measure(simulation.screen, train=split.train, panel=split.test)
    claim = make_claim(split, effects=effects)
    return make_task(effects, claim, Knowledge(), 0), claim


def climb(ground, cache, *, quick=False):
    return run_ladder(*ground, cache, quick=quick, progress=lambda done, total: None)


def test_restored_rungs_are_the_rungs_that_ran(ground, tmp_path, monkeypatch):
    first = climb(ground, Cache(tmp_path))

    def never(*_, **__):
        raise AssertionError("climbed again")

    monkeypatch.setattr("vcassay.run.ladder.climb", never)
    again = climb(ground, Cache(tmp_path))
    assert [rung.record for rung in again] == [rung.record for rung in first]
    echoes = {rung.record.name for rung in first if rung.record.why.startswith("answers as")}
    assert {"gene_loading_transfer", "response_transfer"} <= echoes  # no other screen is handed in
    idle = {r.record.name for r in first if r.answer is None and r.record.kind == "baseline"} - echoes
    parts = {rung.record.name for rung in first if "parts" in rung.record.reads}
    doses = {rung.record.name for rung in first if "other_doses" in rung.record.reads}
    assert idle == {"context_mean"} | parts | doses  # not legal here, and without combinations
    for one, two in zip(first, again, strict=True):
        if one.answer is None:
            assert two.answer is None
            continue
        for field in fields(one.answer):
            a, b = getattr(one.answer, field.name), getattr(two.answer, field.name)
            if isinstance(a, np.ndarray):
                np.testing.assert_array_equal(a, b)
            else:
                assert a == b, field.name


def test_a_kept_rung_of_another_form_is_run_again(ground, tmp_path):
    first = climb(ground, Cache(tmp_path))
    for path in tmp_path.glob("baseline-*.npz"):
        np.savez(path, values=np.zeros((1, 1)), record=np.array("{}"))
    again = climb(ground, Cache(tmp_path))
    assert [asdict(r)["record"] for r in again] == [asdict(r)["record"] for r in first]


def test_quick_and_thorough_runs_are_kept_apart(ground, tmp_path, monkeypatch):
    monkeypatch.setitem(BASELINES["ridge"].meta, "quick", False)
    quick = {r.record.name: r for r in climb(ground, Cache(tmp_path), quick=True)}
    assert quick["ridge"].answer is None
    thorough = {r.record.name: r for r in climb(ground, Cache(tmp_path))}
    assert thorough["ridge"].answer is not None


class Broken:
    """Fails in a way of its own."""

    error: Exception = RuntimeError("")

    def fit(self, task):
        raise self.error


def break_rung(monkeypatch, name, error):
    entry = BASELINES[name]
    broken = type("Broken", (Broken,), {"error": error})
    crashing = type(entry)(entry.name, entry.summary, entry.source, broken, (), entry.meta)
    monkeypatch.setitem(BASELINES._entries, name, crashing)


def test_a_crash_is_named_and_the_others_run(ground, tmp_path, monkeypatch):
    break_rung(monkeypatch, "additive", FloatingPointError("x / 0"))
    rungs = {r.record.name: r for r in climb(ground, Cache(tmp_path))}
    assert rungs["additive"].answer is None
    assert not rungs["additive"].record.legal
    assert rungs["additive"].record.why == "failed with FloatingPointError: x / 0"
    assert rungs["ridge"].answer is not None
    (finding,) = crashes(list(rungs.values()))
    assert finding.status == "ERROR"
    assert finding.sentence == "The baseline 'additive' failed with FloatingPointError: x / 0."
    assert finding.model is None  # it bears on every model's verdict


def test_a_users_mistake_is_not_a_crash(ground, tmp_path, monkeypatch):
    mistake = InputError("is wrong", where="features.csv", mend="mend it")
    break_rung(monkeypatch, "ridge", mistake)
    with pytest.raises(InputError, match=r"features\.csv"):
        climb(ground, Cache(tmp_path))


def test_a_rung_submitted_as_a_model(ground, tmp_path):
    rungs = {r.record.name: r for r in climb(ground, Cache(tmp_path))}
    answer = as_submission(rungs["ridge"], "mine")
    assert (answer.name, answer.role, answer.source) == ("mine", "submission", "ridge")
    assert answer.disclosure.controls == "training"
    assert as_submission(rungs["context_mean"], "mine") is None
