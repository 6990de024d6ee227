"""No baseline sees what is scored, and none but those that say so the controls of test contexts."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from vcassay.evidence.baselines import BASELINES, make_task

HONEST = [entry.name for entry in BASELINES if entry.meta["kind"] != "probe"]
READERS = {name for name in HONEST if "target_controls" in BASELINES[name].meta["reads"]}
SPLITS = {"cex": {}, "gex": {}, "combination": {"seen": 2, "n_contexts": 3, "n_crispri": 12, "n_combinations": 20}}


@pytest.fixture(scope="module", params=list(SPLITS))
def screen(request, study):
    return study(request.param, **({"n_contexts": 4, "n_crispri": 14, "n_genes": 60} | SPLITS[request.param]))


def blinded(study):
    """The study's effects with everything measured on test conditions missing."""
    effects, test = study.effects, study.split.test
    n = len(effects.conditions)
    lost = {}
    for field in fields(effects):
        value = getattr(effects, field.name)
        own = isinstance(value, np.ndarray) and len(value) == n and field.name not in ("genes", "mask")
        if own and value.dtype.kind in "fi":
            lost[field.name] = value.astype(np.float64)
            lost[field.name][test] = np.nan
    assert {"delta", "delta_train", "half_a", "half_b", "se", "n_rows"} <= set(lost)
    return replace(effects, **lost)


@pytest.mark.parametrize("name", HONEST)
def test_without_test_effects_it_answers_the_same_bit_by_bit(screen, answer, name):
    blind = make_task(blinded(screen), screen.claim, screen.knowledge, screen.task.seed)
    found = answer(name, blind)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, answer(name, screen.task))


@pytest.mark.parametrize("name", sorted(set(HONEST) - READERS))
def test_without_controls_of_test_contexts_only_those_change_that_read_them(screen, answer, name):
    np.testing.assert_array_equal(answer(name, _without_controls(screen)), answer(name, screen.task))


def test_those_that_read_controls_of_test_contexts_do(study, answer):
    """So the test above can tell."""
    study = study("cex", n_contexts=4, n_crispri=14, n_genes=60)
    less = _without_controls(study)
    changed = {n for n in READERS if not np.array_equal(answer(n, less), answer(n, study.task))}
    assert {"informed_mean", "nearest_context", "ridge"} <= changed


def _without_controls(study):
    """The task without the control profiles of its test contexts."""
    tested = set(study.task.wanted.context.tolist())
    return replace(study.task, controls={c: v for c, v in study.task.controls.items() if c not in tested})
