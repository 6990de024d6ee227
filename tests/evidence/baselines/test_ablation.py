"""A model that is a Python object is fitted once and asked again with each input disturbed."""

from __future__ import annotations

import numpy as np
import pytest

import vcassay as va
from vcassay.core import InputError, Status
from vcassay.evidence.baselines import BASELINES, make_task
from vcassay.evidence.baselines.ablation import ablate, exchanges_of
from vcassay.knowledge import Features, Knowledge
from vcassay.prediction import PredictionFormat, Space, match_prediction, read_prediction
from vcassay.simulate import SimulationPlan, simulate_screen
from vcassay.simulate.demo import hold_out
from vcassay.testing.leaks.study import SMALL, assemble, simulated


def task_of(study, features=False):
    knowledge = Knowledge()
    if features:
        truth = study.simulation.truth
        names = sorted(set(study.effects.conditions.perturbation.tolist()))
        rows = np.array([truth.delta[truth.conditions.perturbation == n].mean(axis=0) for n in names])
        knowledge = Knowledge(features=(Features("responses", tuple(names), rows[:, ::2], kind="response"),))
    return make_task(study.effects, study.claim, knowledge, 0)


def judged(study, task, name, check):
    answer = study.answer(ablate(BASELINES[name].obj(), task, name=name))
    return study.run(check, answer=answer)


@pytest.fixture(scope="module")
def study():
    return simulated(1, n_contexts=6, n_crispri=16)


@pytest.fixture(scope="module")
def task(study):
    return task_of(study, features=True)


def test_what_reads_the_perturbation_is_told_from_what_does_not(study, task):
    assert judged(study, task, "perturbed_mean", "L24").status is Status.FAIL
    for name in ("perturbation_mean", "ridge", "nearest_context"):
        found = judged(study, task, name, "L24")
        assert found.status is Status.PASS, (name, found.sentence)
        kinds = [row["ablation"] for row in found.evidence]
        assert kinds == ["shuffled_perturbation", "zeroed_perturbation", "swapped_perturbation"]


def test_what_reads_the_context_is_told_from_what_does_not(study, task):
    found = judged(study, task, "perturbation_mean", "L24c")
    assert found.status is Status.WARN
    assert "the same as the original" in found.sentence


def test_a_look_up_among_sibling_contexts_uses_the_context():
    plan = SimulationPlan(**{**SMALL, "n_contexts": 8, "n_siblings": 4, "n_crispri": 16, "interaction_share": 0.5})
    made = simulate_screen(plan, seed=0)
    derived = [c for c in np.unique(made.screen.conditions.context).tolist() if c.endswith("-T")]
    study = assemble(made, 0, hold_out(made.screen.conditions, tuple(derived)))
    found = judged(study, task_of(study), "nearest_context", "L24c")
    assert found.status is Status.PASS
    assert [row["ablation"] for row in found.evidence] == ["shuffled_context", "zeroed_context", "swapped_context"]


class Counting:
    fitted = 0

    def fit(self, task):
        self.fitted += 1
        self.genes = len(task.genes)
        self.known = {*task.train.perturbation.tolist(), *task.wanted.perturbation.tolist()}
        return self

    def predict(self, wanted):
        if "zeroed" in wanted.context:
            raise KeyError("zeroed")
        value = [sum(map(ord, p)) + d for p, d in zip(wanted.perturbation, np.nan_to_num(wanted.dose), strict=True)]
        return np.outer(value, np.arange(1.0, self.genes + 1))


def test_every_kind_is_what_the_model_says_of_the_exchanged_condition(study, task, tmp_path):
    model, design = Counting(), study.simulation.screen.design
    made = va.ablate(model, task, folder=tmp_path)
    exchanges, _ = exchanges_of(task)
    assert model.fitted == 1
    assert any("refuses it (KeyError" in note for note in made.notes)
    assert "zeroed_context" not in made.ablations
    for kind, own in made.ablations.items():
        exchange = exchanges[kind]
        assert own.conditions.keys == task.wanted.take(exchange.at).keys
        assert np.array_equal(own.values, model.predict(exchange.given)), kind
        read = read_prediction(tmp_path / f"{kind}.parquet", design, layout=PredictionFormat(Space.DELTA))
        answer = match_prediction(read, study.effects, study.split.test)
        assert np.allclose(answer.values, study.answer(own).values, equal_nan=True)
    assert (tmp_path / "predictions.parquet").is_file()


def test_wrong_kinds_and_shapes_are_named(task):
    with pytest.raises(InputError, match="shuffled_perturbation"):
        ablate(Counting(), task, kinds=("shufled_perturbation",))

    class Flat(Counting):
        def predict(self, wanted):
            return np.zeros(len(wanted))

    with pytest.raises(InputError, match="shape"):
        ablate(Flat(), task)
