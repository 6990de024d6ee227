"""Screens without any effect, and tables that dose diagnostics cannot use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.evidence.biology.dose.planted import repeated, series_of, unequal, unequal_quarters

from vcassay.core import Conditions, Status
from vcassay.evidence.biology.diagnostic import DIAGNOSTICS
from vcassay.evidence.biology.dose.across_drugs import across_drugs
from vcassay.evidence.biology.dose.agreement import agree
from vcassay.evidence.biology.dose.direction import turns
from vcassay.evidence.biology.dose.order import judge_order
from vcassay.evidence.biology.dose.potency import half_dose, monotone
from vcassay.evidence.biology.dose.projection import measure_series
from vcassay.evidence.biology.dose.repeats import repeats
from vcassay.evidence.biology.dose.series import Strata
from vcassay.testing.biology.doses import CASES, measured, screen
from vcassay.testing.planted import plant

NAMES = tuple(c.diagnostic for c in CASES)


def ask(name, bench, seed=0):
    return DIAGNOSTICS[name].obj(bench, np.random.default_rng(seed))


def test_without_any_effect_toxic_loss_of_cells_makes_no_truth_pass():
    """A p-value below .05 comes by chance; of four screens none twice."""
    passed = dict.fromkeys(NAMES, 0)
    for seed in range(4):
        bench = unequal(seed)
        assert len(repeats(bench).series) == 10
        for name in NAMES:
            passed[name] += ask(name, bench)[0].status is not Status.NA
    assert max(passed.values()) <= 1, passed


def chances(seed):
    """P-values of every statistic on 2,000 genes without any effect, cells 100/60/30, every series taken."""
    quarters = unequal_quarters(seed)
    series = series_of(30)
    got = repeated(quarters, series)
    every = np.ones(30, dtype=bool)
    halves = [((a + b) / 2, (c + d) / 2) for a, b, c, d in (quarters, [quarters[i] for i in (0, 2, 1, 3)])]
    parts = [pair for a, b in halves for pair in ((a, b), (b, a))]
    order = judge_order(measure_series(parts, series, quarters[0].shape).response, 999, np.random.default_rng(seed))
    one = Strata(np.arange(30), np.zeros(30, dtype=np.int64))
    potency = [(half_dose(v.first, got), half_dose(v.second, got)) for v in got.views()]
    turn = turns(got, np.zeros(30, dtype=np.int64))
    return {
        "order": order.p_rise,
        "agreement": agree([(v.first, v.second) for v in got.views()], got.length, every, seed).within.p,
        "potency": across_drugs(potency, one, monotone(got.truth(), got.length), seed).p,
        "direction": across_drugs(turn.pairs, one, turn.sure, seed).p,
    }, order


def test_two_thousand_genes_and_unequal_cells_show_nothing():
    p, order = chances(0)
    assert np.nanmin(list(p.values())) > 0.05, p
    assert order.null_share == pytest.approx(1 / 6, abs=0.05)
    assert order.share < 0.3


@pytest.mark.slow
def test_without_any_effect_statistics_pass_at_the_nominal_rate():
    """Permuting doses of unequal noise is slightly liberal; of 80 at 5 %, more than 10 come once in 400."""
    p = [chances(100 + seed)[0] for seed in range(80)]
    for name in p[0]:
        values = np.array([v[name] for v in p])
        assert (values < 0.05).sum() <= 10, (name, np.sort(values)[:12])


@pytest.mark.parametrize("name", NAMES)
def test_a_single_series_proves_nothing(name):
    """Two drugs of perfect order: no p-value of a drug is possible with three doses."""
    rng = np.random.default_rng(0)
    table = Conditions.make(["A"] * 6, ["x"] * 3 + ["y"] * 3, [1, 2, 3] * 2, modality=["compound"] * 6)
    delta = np.tile([1.0, 2.0, 3.0], 2)[:, None] * rng.normal(size=(2, 1, 50)).repeat(3, axis=1).reshape(6, 50)
    study = plant(table, delta, np.ones(6, dtype=bool), rng)
    found = study.run(name, study.answer(study.delta))
    assert [f.status for f in found] == [Status.NA, Status.NA]
    assert "5 are needed" in found[0].sentence


@pytest.mark.parametrize("name", NAMES)
def test_screens_that_cannot_be_asked_say_why(name):
    rng = np.random.default_rng(1)
    none = plant(
        Conditions.make(["A"] * 6, list("abcdef"), modality=["CRISPRi"] * 6),
        rng.normal(size=(6, 40)),
        np.ones(6, dtype=bool),
        rng,
    )
    found = none.run(name, none.answer(none.delta))
    assert [f.status for f in found] == [Status.NA]
    assert "3 doses" in found[0].sentence


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_abstains_on_a_tenth_is_judged_on_the_rest(name):
    rng = np.random.default_rng(2)
    drugs = screen(rng)
    study = measured(drugs, np.array([0.1, 0.6, 1.0])[drugs.dose], rng)
    values = study.delta[study.test].copy()
    values[rng.permutation(len(values))[: len(values) // 10]] = np.nan
    found = {f.model: f for f in study.run(name, study.answer(values), study.answer(np.nan * values, "silent"))}
    assert found["silent"].status is Status.NA
    if found[None].status is Status.PASS:
        assert found["model"].status is Status.PASS
    assert found["model"].status is not Status.FAIL


@pytest.mark.parametrize("name", [n for n in NAMES if n != "dose_response"])
def test_ready_made_effects_cannot_be_repeated(name):
    rng = np.random.default_rng(3)
    drugs = screen(rng)
    study = measured(drugs, np.array([0.1, 0.6, 1.0])[drugs.dose], rng)
    bench = study.bench()
    size = np.full(len(study.effects.conditions), np.nan)
    bench = replace(bench, effects=replace(study.effects, size=size))
    found = ask(name, bench)
    assert [f.status for f in found] == [Status.NA]
    assert "four rows a condition" in found[0].sentence
