from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.simulate.answers import honest, ignores_perturbation, mean_in_disguise, no_change, perfect


def answers(study, seed=0):
    rng = np.random.default_rng(seed)
    simulation, wanted, train = study.simulation, study.wanted, study.split.train
    effects = study.effects
    means = {
        by: mean_in_disguise(
            wanted, effects.genes, effects.conditions.take(train), effects.delta_train[train], rng, by=by, name=by
        )
        for by in ("perturbation", "all")
    }
    made = (
        honest(simulation, wanted, rng),
        ignores_perturbation(simulation, wanted, rng, name="ignores"),
        *means.values(),
        no_change(simulation, wanted),
        perfect(simulation, wanted),
    )
    return {p.name: study.answer(p) for p in made}


def test_ten_clean_studies(clean):
    for study in clean:
        given = answers(study)
        found = {name: study.run("L24", answer=answer) for name, answer in given.items()}
        assert all(f.model == name for name, f in found.items())
        assert found["honest"].status is Status.PASS
        assert found["perturbation"].status is not Status.FAIL
        assert found["ignores"].status is found["all"].status is found["no change"].status is Status.FAIL
        assert found["ignores"].blocks
        assert (found["perfect"].status, bool(found["perfect"].question)) == (Status.UNKNOWN, True)


def test_the_finding_carries_its_numbers(clean):
    given = answers(clean[1])
    found = clean[1].run("L24", answer=given["honest"])
    assert [r["ablation"] for r in found.evidence] == ["shuffled_perturbation", "zeroed_perturbation"]
    row = found.evidence[0]
    assert found.value == pytest.approx(row["score"] - row["disturbed score"])
    assert row["low"] > found.threshold > 0
    assert f"Pearson {row['disturbed score']:.2f} instead of {row['score']:.2f}" in found.sentence
    assert "all zero" in clean[1].run("L24", answer=given["no change"]).sentence
    assert "all equal up to rounding" in clean[1].run("L24", answer=given["ignores"]).sentence


def test_profiles_are_compared_as_handed_in(clean):
    """Effects of one profile differ by the batch mix of the matched controls; the profile does not."""
    study = clean[2]
    answer = answers(study)["ignores"]
    control = study.effects.control_train[study.split.test]
    jittered = answer.values + 1e-3 * np.random.default_rng(0).normal(size=control.shape)
    blind = replace(answer, values=jittered, profile=answer.values, ablations={})
    assert study.run("L24", answer=blind).status is Status.FAIL
    assert study.run("L24", answer=replace(blind, profile=None)).status is Status.UNKNOWN


def test_a_screen_without_effects_cannot_show_anything(silent):
    for name, answer in answers(silent[0]).items():
        assert silent[0].run("L24", answer=answer).status is Status.NA, name


def test_perturbations_that_act_alike_leave_it_open(make_study):
    alike = make_study(
        3,
        stress_share=0.98,
        context_share=0.02,
        effect_size=0.5,
        interaction_share=0.0,
        null_share=0.0,
        effect_spread=0.2,
        knockdown=0.0,
    )
    rng = np.random.default_rng(0)
    answer = alike.answer(honest(alike.simulation, alike.wanted, rng, skill=0.95))
    found = alike.run("L24", answer=answer)
    assert found.status is Status.UNKNOWN
    assert "the truth itself would lose only" in found.sentence


def test_the_context_is_judged_where_new_contexts_are_claimed(clean):
    study = clean[3]
    given = answers(study)
    assert study.run("L24c", answer=given["honest"]).status is Status.PASS
    found = study.run("L24c", answer=given["all"])
    assert (found.status, found.blocks) == (Status.WARN, False)
    claim = replace(study.claim, regime="GEX")
    assert study.run("L24c", answer=given["all"], claim=claim).status is Status.NA


def test_conditions_missing_from_an_ablation_are_left_out(clean):
    study = clean[4]
    answer = answers(study)["honest"]
    kind = "shuffled_perturbation"
    hole = answer.ablations[kind].values.copy()
    hole[::2] = np.nan
    state = np.where(np.isnan(hole).any(axis=1), "abstained", "ok")
    cut = replace(answer, ablations={kind: replace(answer.ablations[kind], values=hole, state=state)})
    found = study.run("L24", answer=cut)
    both = study.effects.detectable[study.split.test] & (state == "ok")
    assert f"{both.sum()} conditions" in found.sentence
    gone = replace(cut.ablations[kind], state=np.full(len(hole), "abstained"))
    assert study.run("L24", answer=replace(cut, ablations={kind: gone})).status is Status.NA


def test_too_few_perturbations_leave_it_open(clean):
    study = clean[5]
    answer = answers(study)["honest"]
    names = study.wanted.perturbation
    detectable = study.effects.detectable[study.split.test]
    keep = np.isin(names, np.unique(names[detectable])[:2])
    few = replace(answer, state=np.where(keep, "ok", "missing"))
    found = study.run("L24", answer=few)
    assert found.status is Status.UNKNOWN
    assert "too few perturbations for an interval" in found.sentence
    assert found.evidence[0]["low"] is None


def test_each_kind_is_judged_on_the_conditions_that_it_was_handed_in_for(clean):
    study = clean[0]
    answer = answers(study)["honest"]
    shuffled, zeroed = (answer.ablations[k] for k in ("shuffled_perturbation", "zeroed_perturbation"))
    state = zeroed.state.copy()
    state[: len(state) // 2] = "missing"
    part = replace(
        answer, ablations={"shuffled_perturbation": shuffled, "zeroed_perturbation": replace(zeroed, state=state)}
    )
    whole = study.run("L24", answer=answer)
    assert study.run("L24", answer=part).evidence[0] == whole.evidence[0]
    assert study.run("L24", answer=part).evidence[1] != whole.evidence[1]


def test_a_swap_with_the_nearest_that_costs_nothing_shows_nothing_by_itself(clean):
    study = clean[0]
    answer = answers(study)["honest"]
    again = replace(answer, values=answer.values * 1.001 + 1e-4)
    swapped = replace(answer, ablations={"swapped_perturbation": again})
    found = study.run("L24", answer=swapped)
    assert found.status is Status.UNKNOWN
    assert "may act alike" in found.sentence
    shuffled = replace(answer, ablations={"swapped_perturbation": again, "shuffled_perturbation": again})
    assert study.run("L24", answer=shuffled).status is Status.FAIL


def test_doses_are_asked_for_where_they_are_claimed(clean):
    study = clean[0]
    answer = answers(study)["honest"]
    assert study.run("L24d", answer=answer).status is Status.NA
    wanted = replace(study.claim, use="dose-finding")
    assert study.run("L24d", answer=answer, claim=wanted).status is Status.UNKNOWN
    same = replace(answer, ablations={"shuffled_dose": replace(answer)})
    assert study.run("L24d", answer=same).status is Status.WARN
    wrong = replace(answer, ablations={"shuffled_dose": replace(answer, values=-answer.values)})
    assert study.run("L24d", answer=wrong).status is Status.PASS
