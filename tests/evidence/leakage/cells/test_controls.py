from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import make_split
from vcassay.core import Status
from vcassay.effects import measure
from vcassay.evidence.leakage.cells.controls import batch_match, shared_control
from vcassay.prediction import Disclosure, declare
from vcassay.screen import Readout, Rows
from vcassay.simulate.answers import honest, perfect
from vcassay.simulate.leaks import shared_controls
from vcassay.testing.leaks.controls import mean_on_all_controls, within_contexts


@pytest.mark.parametrize(
    ("controls", "status"),
    [("training", Status.PASS), ("none", Status.PASS), ("all", Status.FAIL), (None, Status.UNKNOWN)],
)
def test_a_mean_that_stands_on_the_scoring_controls(controls, status):
    study = within_contexts(0)
    found = study.run("L15m", answer=study.answer(mean_on_all_controls(study)), disclosure=declare(controls=controls))
    assert (found.status, found.blocks, found.model) == (status, False, "mean on all controls")
    assert bool(found.question) == (status is Status.UNKNOWN)
    assert "closed form where nothing happens: 0.50" in found.sentence


@pytest.mark.parametrize("seed", range(4))
def test_honest_models_are_not_accused_of_having_seen_all_controls_where_effects_are_strong(make_study, seed):
    study = make_study(seed, controls_per_batch=400, effect_size=0.5)
    made = [perfect(study.simulation, study.wanted)]
    made += [honest(study.simulation, study.wanted, np.random.default_rng(seed), skill=s) for s in (0.5, 0.8)]
    for prediction in made:
        found = study.run("L15m", answer=study.answer(prediction), disclosure=declare(controls="all"))
        assert found.status is Status.PASS, found.sentence


def test_what_answers_nothing_is_not_inflated(silent):
    """No effect is predicted where none is: control noise may add to no score."""
    for study in silent:
        answer = study.answer(honest(study.simulation, study.wanted, np.random.default_rng(0)))
        assert study.run("L15m", answer=answer, disclosure=declare(controls="all")).status is Status.PASS


def test_baselines_are_fitted_on_the_controls_left_to_training(clean):
    study = clean[0]
    answer = replace(study.answer(perfect(study.simulation, study.wanted)), role="baseline")
    assert study.run("L15m", answer=answer, split=shared_controls(study.split)).status is Status.PASS


def test_undeclared_controls_of_a_profile_say_how_effects_were_taken(clean):
    study = clean[0]
    answer = replace(study.answer(perfect(study.simulation, study.wanted)), space="expression")
    found = study.run("L15m", answer=answer, disclosure=Disclosure())
    assert found.sentence.startswith("Effects were taken against all measured controls")


def test_a_split_that_reserves_no_controls_is_judged_by_what_they_are_worth():
    study = within_contexts(1)
    split = shared_controls(study.split)
    shared = study.run("L15", split=split)
    assert (shared.status, len(shared.evidence)) == (Status.FAIL, 20)
    assert shared.value > 0.4
    assert shared.affected.touched.all()
    answer = study.answer(mean_on_all_controls(study))
    found = study.run("L15m", answer=answer, split=split, disclosure=declare(controls="training"))
    assert found.status is Status.FAIL
    reserved = study.run("L15")
    assert (reserved.status, reserved.value) == (Status.PASS, 0.0)
    assert not reserved.affected.touched.any()
    strong = within_contexts(1, null_share=0.0, effect_size=0.8, controls_per_batch=400)
    assert strong.run("L15", split=shared_controls(strong.split)).status is Status.PASS


def test_pools_too_small_to_divide_share_their_controls(build_screen):
    rng = np.random.default_rng(0)
    labels = np.array(["control"] * 3 + ["p"] * 6 + ["q"] * 6)
    screen = build_screen(rng.normal(size=(15, 20)), labels, readout=Readout.CONTINUOUS, rows=Rows.REPLICATES)
    effects, split = measure(screen), make_split(screen.conditions, "gex", fraction=0.5)
    found = shared_control(effects, split, np.random.default_rng(0))
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
    assert shared_control(effects, split, np.random.default_rng(0)).status is Status.NA
