from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import make_claim
from vcassay.core import Conditions, Status
from vcassay.evidence.biology.bench import make_bench
from vcassay.evidence.biology.dose.projection import Measured
from vcassay.evidence.biology.dose.response import dose_response, show_first
from vcassay.evidence.biology.dose.series import DOSE_SERIES, Series
from vcassay.knowledge import Knowledge
from vcassay.simulate.answers import honest, ignores_perturbation, mean_in_disguise, no_change, perfect
from vcassay.testing.planted import plant

KEYS = {"perturbation", "context", "dose", "truth", "low", "high"}


def run(study, answers, effects=None, seed=0):
    claim = make_claim(study.split)
    tiers = {name: name for name, a in answers.items() if a.role == "baseline"}
    bench = make_bench(effects or study.effects, claim, Knowledge(), answers, tiers)
    found = dose_response(bench, np.random.default_rng(seed))
    assert {f.check for f in found} == {"dose_response"}
    assert {f.family for f in found} == {"biology"}
    return {f.model: f for f in found}


def models(study, seed=0):
    rng = np.random.default_rng(seed)
    good = study.answer(honest(study.simulation, study.wanted, rng, skill=0.9, name="good"))
    table = study.wanted
    groups: dict[tuple, list[int]] = {}
    for i, (context, parts, dose, _) in enumerate(table.keys):
        if dose > 0:
            groups.setdefault((context, parts), []).append(i)
    order, top = np.arange(len(table)), np.arange(len(table))
    for rows in groups.values():
        order[rows], top[rows] = rows[::-1], rows[-1]
    made = {
        "good": good,
        "perfect": study.answer(perfect(study.simulation, table)),
        "reversed": replace(good, name="reversed", values=good.values[order]),
        "dose-blind": replace(good, name="dose-blind", values=good.values[top]),
        "no change": study.answer(no_change(study.simulation, table)),
    }
    assert not np.array_equal(order, top)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_models_are_graded_beside_the_truth(make_study, seed):
    found = run(study := make_study(seed), models(study, seed))
    assert found[None].status is Status.PASS
    assert found[None].value > 2 * found[None].null
    assert found["good"].status is found["perfect"].status is Status.PASS
    assert found["reversed"].status is Status.FAIL
    assert "fall with dose" in found["reversed"].sentence
    assert found["dose-blind"].status is found["no change"].status is Status.WARN
    assert all(f.remedy for f in found.values() if f.status in (Status.WARN, Status.FAIL))


def test_evidence_is_what_the_small_multiples_need(make_study):
    study = make_study(0)
    found = run(study, models(study))
    truth, good = found[None].evidence, found["good"].evidence
    assert len(truth) == len(good) <= 60
    assert set(truth[0]) == KEYS
    assert set(good[0]) == KEYS | {"model"}
    assert [r["truth"] for r in truth] == [r["truth"] for r in good]
    curves = Counter((r["perturbation"], r["context"]) for r in good)
    assert set(curves.values()) == {3}
    first = [r for r in good if (r["perturbation"], r["context"]) == (good[0]["perturbation"], good[0]["context"])]
    assert [r["dose"] for r in first] == [0.05, 0.5, 5.0]
    assert np.all(np.diff([r["truth"] for r in first]) > 0)
    assert all(r["low"] <= r["truth"] <= r["high"] for r in good)
    drugs = [perturbation for perturbation, _ in curves]
    assert len(set(drugs[:4])) == 4


def test_a_screen_without_effects_asks_nothing_of_a_model(make_study):
    for seed in range(10):
        silent = make_study(seed, null_share=1.0, n_crispri=0, n_drugs=6, n_genes=60)
        found = run(silent, {"perfect": silent.answer(perfect(silent.simulation, silent.wanted))}, seed=seed)
        assert {f.status for f in found.values()} == {Status.NA}
        assert "are needed" in found[None].sentence


def test_truth_out_of_order_is_not_assessable_and_says_what_would_help(make_study):
    """Effects that do not depend on dose: the doses' labels are exchanged at random."""
    study = make_study(1)
    moments, rng = study.effects.moments, np.random.default_rng(5)
    order, table = np.arange(len(study.effects.conditions)), study.effects.conditions
    groups: dict[tuple, list[int]] = {}
    for i, (context, parts, dose, _) in enumerate(table.keys):
        if dose > 0:
            groups.setdefault((context, parts), []).append(i)
    for k, rows in enumerate(groups.values()):
        order[rows] = np.roll(rows, k % 3)[:: rng.choice([1, -1])]
    mixed = replace(moments, sums=moments.sums[order], sizes=moments.sizes[order])
    found = run(study, {"good": models(study)["good"]}, replace(study.effects, moments=mixed))
    assert found[None].status is found["good"].status is Status.NA
    assert "it would take" in found[None].sentence
    assert "32 rows a condition" in found[None].sentence


def test_screens_without_three_doses_have_one_finding(make_study):
    for settings in ({"n_drugs": 0}, {"doses": (0.5, 5.0)}):
        study = make_study(2, **settings)
        found = run(study, {"p": study.answer(perfect(study.simulation, study.wanted))})
        assert list(found) == [None]
        assert (found[None].status, "3 doses" in found[None].sentence) == (Status.NA, True)


def test_the_best_baseline_is_named_and_not_graded(make_study):
    study = make_study(3)
    train, effects = study.split.train, study.effects
    given = (study.wanted, effects.genes, effects.conditions.take(train), effects.delta_train[train])
    mean = replace(study.answer(mean_in_disguise(*given, np.random.default_rng(0))), name="mean", role="baseline")
    other = study.answer(ignores_perturbation(study.simulation, study.wanted, np.random.default_rng(0)))
    answers = models(study) | {"mean": mean, "flat": replace(other, name="flat", role="baseline")}
    found = run(study, answers)
    assert "mean" not in found
    assert "best baseline 'mean'" in found["good"].sentence


def test_partly_answered_series_are_left_out(make_study):
    study = make_study(0)
    good = models(study)["good"]
    state = good.state.copy()
    state[(study.wanted.dose == 0.5) & (study.wanted.context == study.wanted.context[-1])] = "missing"
    values = np.where((state == "ok")[:, None], good.values, np.nan)
    found = run(study, {"good": replace(good, values=values, state=state)})
    whole = run(study, {"good": good})
    number = [int(f["good"].sentence.split(" dose series")[0].split()[-1]) for f in (found, whole)]
    assert DOSE_SERIES.value <= number[0] < number[1]
    assert {"model" in r for r in found["good"].evidence} == {True, False}
    few = np.where(np.arange(len(state)) < 40, state, "missing")
    few[study.wanted.dose == 5.0] = "missing"
    assert run(study, {"good": replace(good, state=few)})["good"].status is Status.NA


def test_genes_that_are_not_predicted_do_not_count(make_study):
    study = make_study(0)
    good = models(study)["good"]
    genes = np.arange(len(good.genes)) % 3 > 0
    part = replace(good, genes=genes, values=np.where(genes, good.values, np.nan))
    assert run(study, {"good": part})["good"].status is Status.PASS


def test_one_row_a_condition_takes_its_direction_from_other_contexts(make_study):
    study = make_study(1, n_contexts=6, interaction_share=0.0)
    n = len(study.effects.conditions)
    alone = replace(
        study.effects, size=np.full(n, np.nan), assessed=np.zeros(n, dtype=bool), detectable=np.zeros(n, dtype=bool)
    )
    found = run(study, models(study), alone)
    assert found[None].status is Status.PASS
    assert "no effect could be tested" in found[None].sentence
    assert (found["good"].status, found["reversed"].status) == (Status.PASS, Status.FAIL)


def test_curves_to_draw_show_each_perturbation_once_before_any_twice():
    def curve(top):
        return np.tile([0.0, top / 2, top], (3, 1))

    names = ["a", "a", "b", "c"]
    series = [Series(np.arange(3), name, f"c{i}", np.array([1.0, 2.0, 3.0])) for i, name in enumerate(names)]
    tops = [3.0, 9.0, 1.0, -5.0]
    measured = Measured(series, [curve(t) for t in tops], [], np.empty((0, 0)))
    assert show_first(measured) == [1, 2, 3, 0]


def test_a_model_that_predicts_biphasic_responses_is_not_blamed_for_them():
    """Half of the drugs fall at the top dose, along one direction: order is asked relative to the truth."""
    drugs, contexts, doses = 16, 3, (0.1, 1.0, 10.0)
    rng = np.random.default_rng(0)
    table = Conditions.make(
        np.repeat([f"c{i}" for i in range(contexts)], drugs * 3),
        [f"d{i:02d}" for _ in range(contexts) for i in range(drugs) for _ in doses],
        list(doses) * drugs * contexts,
        modality=["compound"] * (drugs * contexts * 3),
    )
    direction = np.repeat(rng.normal(size=(drugs * contexts, 120)), 3, axis=0)
    number = np.asarray([int(p[1:]) for p in table.perturbation])
    at = np.searchsorted(doses, table.dose)
    height = np.where(number % 2 == 0, np.array([0.2, 0.6, 1.2])[at], np.array([0.3, 1.2, 0.7])[at])
    study = plant(table, height[:, None] * direction, np.ones(len(table), dtype=bool), rng)
    has = study.answer(study.delta[study.test], "has")
    found = {f.model: f for f in study.run("dose_response", has)}
    assert found[None].status is found["has"].status is Status.PASS
    assert 0.3 < found["has"].value < 0.7
