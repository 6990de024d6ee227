from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.evidence.biology.specificity.selectivity import selective
from vcassay.testing.planted import of_model, plant


def test_factors_of_perturbation_and_context_leave_nothing() -> None:
    rng = np.random.default_rng(0)
    at = np.arange(30).reshape(6, 5)
    size = np.outer(rng.uniform(1, 3, 6), rng.uniform(1, 3, 5)).ravel()
    assert np.abs(selective(size, at)).max() < 1e-6
    assert np.abs(selective(np.ones(30), at)).max() == 0.0


def test_rows_are_beyond_mean_and_general_sensitivity() -> None:
    size = np.random.default_rng(1).uniform(1, 3, 30)
    found = selective(size, np.arange(30).reshape(6, 5))
    table = size.reshape(6, 5)
    for i in range(6):
        x = np.stack([np.ones(5), np.delete(table, i, axis=0).mean(axis=0)], axis=1)
        left = table[i] - x @ np.linalg.lstsq(x, table[i], rcond=None)[0]
        assert np.allclose(found[i], left / np.linalg.norm(left))


def test_missing_conditions_take_no_part() -> None:
    at = np.arange(30).reshape(6, 5)
    at[0, 2] = -1
    found = selective(np.random.default_rng(1).uniform(1, 3, 30), at)
    assert found[0, 2] == 0.0
    assert found[0].sum() == pytest.approx(0.0)


def study_of(seed: int, contexts: int):
    rng = np.random.default_rng(seed)
    table = Conditions.make(np.repeat([f"c{c}" for c in range(contexts)], 10), [f"P{p}" for p in range(10)] * contexts)
    acts = rng.random((contexts, 10, 1)) < 0.4
    delta = (acts * rng.standard_normal((10, 40))).reshape(-1, 40)
    return plant(table, delta, np.ones(len(table), dtype=bool), rng, wells=8)


def test_a_model_that_is_the_same_everywhere_knows_no_context() -> None:
    study = study_of(0, 6)
    same = np.stack([study.delta[[i for i, p in enumerate(study.effects.conditions.parts) if p == q]].mean(axis=0)
                     for q in study.effects.conditions.parts])  # fmt: skip
    found = study.run("selectivity", study.answer(study.delta, "true"), study.answer(same, "same"))
    assert of_model(found, "true").status is Status.PASS
    assert of_model(found, "same").status is Status.FAIL
    assert of_model(found, "same").value == 0.0
    assert set(of_model(found, "true").evidence[0]) == {"kind", "perturbation", "dose", "contexts", "truth", "model"}


def test_few_contexts_are_not_assessable() -> None:
    study = study_of(0, 3)
    found = study.run("selectivity", study.answer(study.delta))
    assert {f.status for f in found} == {Status.NA}
    assert "4 contexts or more" in found[0].sentence
