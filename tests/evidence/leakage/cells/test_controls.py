from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import make_split
from vcassay.core import Status
from vcassay.effects import measure
from vcassay.evidence.leakage.cells.controls import batch_match, inflation, shared_control
from vcassay.prediction import Disclosure, declare
from vcassay.screen import Readout, Rows
from vcassay.simulate.answers import perfect
from vcassay.simulate.leaks import shared_controls


def test_inflation_is_the_correlation_of_two_null_effects_with_one_control():
    rng = np.random.default_rng(0)
    n_c, n_p, g = 40, 20, 20000
    control = rng.normal(size=g) / np.sqrt(n_c)
    a, b = (rng.normal(size=(2, g)) / np.sqrt(n_p)) - control
    assert inflation(np.array([n_c]), np.array([n_p]))[0] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=0.02)
    assert inflation(np.array([100]), np.array([100]))[0] == 0.5


@pytest.mark.parametrize(
    ("controls", "status"),
    [("training", Status.PASS), ("none", Status.PASS), ("all", Status.WARN), (None, Status.UNKNOWN)],
)
def test_controls_a_model_saw(clean, controls, status):
    study = clean[0]
    answer = study.answer(perfect(study.simulation, study.wanted))
    found = study.run("L15m", answer=answer, disclosure=declare(controls=controls))
    assert (found.status, found.blocks, found.model) == (status, False, "perfect")
    assert bool(found.question) == (status is Status.UNKNOWN)


def test_undeclared_controls_of_a_profile_say_how_effects_were_taken(clean):
    study = clean[0]
    answer = replace(study.answer(perfect(study.simulation, study.wanted)), space="expression")
    found = study.run("L15m", answer=answer, disclosure=Disclosure())
    assert found.sentence.startswith("Effects were taken against all measured controls")


def test_a_split_that_reserves_no_controls_is_seen_by_both_checks(clean):
    study = clean[0]
    split = shared_controls(study.split)
    answer = study.answer(perfect(study.simulation, study.wanted))
    found = study.run("L15m", answer=answer, split=split, disclosure=declare(controls="training"))
    assert found.status is Status.WARN
    shared = study.run("L15", split=split)
    assert (shared.status, len(shared.evidence)) == (Status.WARN, 20)
    test = study.split.test
    expected = np.median(inflation(study.effects.n_control[test], study.effects.n_rows[test]))
    assert shared.value == pytest.approx(expected)
    assert study.run("L15").status is Status.PASS


def test_pools_too_small_to_divide_share_their_controls(build_screen):
    rng = np.random.default_rng(0)
    labels = np.array(["control"] * 3 + ["p"] * 6 + ["q"] * 6)
    screen = build_screen(rng.normal(size=(15, 20)), labels, readout=Readout.CONTINUOUS, rows=Rows.REPLICATES)
    effects, split = measure(screen), make_split(screen.conditions, "gex", fraction=0.5)
    found = shared_control(effects, split)
    assert (found.status, found.value) == (Status.WARN, pytest.approx((1 / 3) / (1 / 3 + 1 / 6)))
    assert "too few to divide" in found.sentence
    assert batch_match(effects, split, screen.design).status is Status.UNKNOWN


def test_batches_without_controls_fall_back_and_are_named(build_screen):
    rng = np.random.default_rng(1)
    labels = np.array(["control"] * 40 + ["p"] * 20 + ["q"] * 20)
    batch = np.array(["b1"] * 20 + ["b2"] * 20 + ["b1"] * 20 + ["b1"] * 5 + ["b3"] * 15)
    screen = build_screen(rng.poisson(2.0, size=(80, 30)).astype(np.float32), labels, batch=batch)
    effects = measure(screen, keep_targets=True)
    both = make_split(screen.conditions, "random-cells")
    found = batch_match(effects, both, screen.design)
    assert (found.status, found.value) == (Status.WARN, pytest.approx(25 / 40))
    assert found.evidence == ({"condition": "A | q", "matched": 0.25, "rows": 20},)


def test_matched_batches_pass(clean):
    for study in clean:
        found = study.run("batch_match")
        assert (found.status, found.value) == (Status.PASS, 1.0)


def test_ready_made_effects_have_no_controls_to_ask_about(build_screen):
    values = np.random.default_rng(0).normal(size=(6, 30))
    labels = [f"p{i}" for i in range(6)]
    screen = build_screen(values, labels, rows=Rows.EFFECTS, readout=Readout.CONTINUOUS, control=())
    effects, split = measure(screen), make_split(screen.conditions, "gex", fraction=0.4)
    assert batch_match(effects, split, screen.design).status is Status.NA
    assert shared_control(effects, split).status is Status.NA
