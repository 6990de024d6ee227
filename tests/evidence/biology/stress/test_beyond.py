"""Skill beyond stress: what is left of it, by a model that has more than stress and one that has not."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.core import Conditions, Status
from vcassay.evidence.biology import tested
from vcassay.evidence.biology.axes import stress_axes
from vcassay.evidence.biology.stress.asked import HALVES, ask, like_strength, strata, twice
from vcassay.evidence.biology.stress.beyond import NAME, Left, grade_left
from vcassay.evidence.biology.stress.skill import measure_skill
from vcassay.knowledge.programmes import STRESS, programmes
from vcassay.testing.biology.stresses import conditions, stress_screen
from vcassay.testing.planted import of_model, plant


def _left(before=0.6, after=0.5, low=0.3, remains=0.9, own=0.45):
    nan = float("nan")
    return Left(
        before, after, Estimate(own, low, 0.6, 0.1), Estimate(remains, nan, nan, nan), tested.Tested(0, 0, 0, 0, 0, 9)
    )


@pytest.mark.parametrize(
    ("left", "q", "baseline", "status", "words"),
    [
        (_left(), 0.01, np.nan, Status.PASS, "more than stress"),
        (_left(), 0.01, 0.5, Status.WARN, "best baseline"),
        (_left(remains=0.4), 0.01, np.nan, Status.WARN, "most of its skill"),
        (_left(remains=float("nan")), 0.01, np.nan, Status.WARN, "most of its skill"),
        (_left(low=-0.1), 0.01, np.nan, Status.FAIL, "general stress model"),
        (_left(), 0.06, np.nan, Status.FAIL, "general stress model"),
        (_left(), float("nan"), np.nan, Status.FAIL, "general stress model"),
        (_left(before=0.01, low=-0.1), 0.5, np.nan, Status.FAIL, "no skill"),
        (_left(low=float("nan")), 0.01, np.nan, Status.PASS, "more than stress"),
    ],
)
def test_grades(left, q, baseline, status, words):
    found, reason = grade_left(left, q, baseline)
    assert found is status
    assert words in reason


def test_a_model_of_stress_fails_and_one_with_both_passes():
    study, stress, private = stress_screen(0)
    noise = np.random.default_rng(0).standard_normal(stress.shape)
    found = study.run(
        NAME,
        study.answer(stress + private, "has"),
        study.answer(stress, "lacks"),
        study.answer(stress + 0.4 * noise, "noisy"),
        study.answer(0.3 * private + stress, "shrunken"),
        study.answer(np.zeros_like(stress), "nothing"),
    )
    assert of_model(found, None).status is Status.PASS
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "has").value == pytest.approx(1.0, abs=0.2)
    for name in ("lacks", "noisy"):
        assert of_model(found, name).status is Status.FAIL
        assert "general stress model" in of_model(found, name).sentence
        assert "orders perturbations by harm" in of_model(found, name).sentence
    assert of_model(found, "shrunken").status is Status.PASS, "what is there is right"
    assert "no skill to begin with" in of_model(found, "nothing").sentence.lower()


def test_rows_hold_every_axis_before_and_after():
    study, stress, private = stress_screen(1)
    found = study.run(NAME, study.answer(stress + private, "has"))
    rows = of_model(found, "has").evidence
    assert [r["axis"] for r in rows] == [*stress_axes(study.bench()).names, "all"]
    wanted = {"kind", "axis", "source", "genes", "truth_share", "model_share", "skill_before", "skill_after", "random"}
    assert all(wanted <= set(r) and r["kind"] == "axis" for r in rows)
    every = rows[-1]
    assert every["truth_share"] == pytest.approx(sum(r["truth_share"] for r in rows[:-1]))
    assert every["skill_after"] <= min(r["skill_after"] for r in rows[:-1])
    assert every["random"] < 0.2 * every["truth_share"], "axes eat no more than they must"


def test_a_baseline_that_has_as_much_takes_the_pass_away():
    study, stress, private = stress_screen(2)
    found = study.run(
        NAME,
        study.answer(stress + private + 0.2, "model"),
        study.answer(stress + private, "additive", role="baseline"),
    )
    assert of_model(found).status is Status.WARN
    assert "additive" in of_model(found).sentence


def test_abstentions_count_as_chance_and_do_not_accuse():
    study, stress, private = stress_screen(3)
    values = stress + private
    values[::10] = np.nan
    found = of_model(study.run(NAME, study.answer(values)))
    assert found.status is Status.PASS
    assert " are not answered: at chance" in found.sentence
    none = of_model(study.run(NAME, study.answer(np.full_like(values, np.nan))))
    assert none.status is Status.NA


def test_the_order_of_genes_does_not_matter():
    study, stress, _ = stress_screen(4)
    bench = study.bench()
    axes, (_, pairs) = stress_axes(bench), twice(bench)
    asked = ask(bench, pairs, np.random.default_rng(0), silent=False, axes=axes)
    skill = measure_skill(pairs, bench.mask, axes, asked, truth=True)
    order = np.random.default_rng(1).permutation(stress.shape[1])
    turned = type(axes)(axes.names, axes.sources, axes.matrix[:, order], alone=axes.alone[:, order])
    again = measure_skill(
        [(a[:, order], b[:, order]) for a, b in pairs], bench.mask[:, order], turned, asked, truth=True
    )
    for one, other in zip(skill, again, strict=True):
        assert np.allclose(one, other, atol=1e-10)


def test_without_halves_training_contexts_are_the_second_measurement():
    study, stress, private = stress_screen(5)
    study.effects.size[:] = np.nan
    found = study.run(NAME, study.answer(stress + private, "has"), study.answer(stress, "lacks"))
    assert "training contexts" in of_model(found, None).sentence
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status is Status.FAIL


def test_measured_once_gives_numbers_and_no_grades():
    table = conditions()
    rng = np.random.default_rng(6)
    _, stress, private = stress_screen(6)
    drug = np.array([int(p[0][4:]) for p in table.parts])
    effects = (stress + private)[drug]
    study = plant(table, effects, drug < 12, rng, genes=[f"G{i}" for i in range(effects.shape[1])])
    study.effects.size[:] = np.nan
    found = study.run(NAME, study.answer(study.delta[study.test]))
    assert all(f.status is Status.NA for f in found)
    assert "measured once" in of_model(found).sentence
    assert of_model(found).evidence[-1]["skill_before"] > 0.5


def test_a_null_screen_and_few_perturbations_are_not_assessable():
    study, _, _ = stress_screen(7, own=0.0, harm=0.0)
    found = study.run(NAME, study.answer(study.delta[study.test]))
    assert {f.status for f in found} == {Status.NA}
    few = stress_screen(8)[0]
    bench = few.bench()
    assert twice(bench)[0] == HALVES
    asked = ask(bench, twice(bench)[1], np.random.default_rng(0), silent=False, least=25)
    assert asked.n == 0
    assert "24 are fewer than 25" in asked.left_out


def test_doses_are_permuted_among_those_of_the_same_rank():
    table = Conditions.make(["A"] * 5, ["x", "x", "y", "y", "z"], dose=[1.0, 10.0, 2.0, 20.0, 5.0])
    code = dict(zip(zip(table.perturbation.tolist(), table.dose.tolist(), strict=True), strata(table), strict=True))
    assert code["x", 1.0] == code["y", 2.0] == code["z", 5.0]
    assert code["x", 10.0] == code["y", 20.0] != code["x", 1.0]


def test_blocks_hold_perturbations_of_like_strength():
    study, stress, _ = stress_screen(9)
    bench = study.bench()
    family = np.unique(bench.table.perturbation, return_inverse=True)[1]
    block = like_strength(bench, stress_axes(bench), np.zeros(24, dtype=np.int64), family)
    assert np.bincount(block).tolist() == [6, 6, 6, 6]
    size = np.linalg.norm(stress, axis=1)
    means = [size[block[family] == b].mean() for b in range(4)]
    assert means == sorted(means)


@pytest.mark.parametrize("seed", range(3))
def test_knowing_each_perturbations_mixture_of_stresses_is_no_skill_beyond_them(seed):
    rng = np.random.default_rng([seed, 7])
    table, genes = conditions(), stress_screen(0)[0].effects.genes.tolist()
    drug = np.array([int(p[0][4:]) for p in table.parts])
    kinds = np.array([[p.harm * (g in p.genes) for g in genes] for p in programmes(STRESS)], dtype=float)
    kinds *= 1.0 + 0.4 * rng.standard_normal(kinds.shape)
    stress = 0.5 * np.exp(0.6 * rng.standard_normal((24, len(kinds)))) @ kinds
    private = np.where((kinds == 0).all(axis=0), 0.45 * rng.standard_normal((24, len(genes))), 0.0)
    study = plant(table, (stress + private)[drug], table.context == "line2", rng, genes=genes)
    at = drug[table.locate(study.effects.conditions.take(study.test))]
    found = study.run(NAME, study.answer((stress + private)[at], "has"), study.answer(stress[at], "lacks"))
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status in (Status.FAIL, Status.WARN)
