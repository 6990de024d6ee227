from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.testing.planted import PlantedStudy, of_model, plant

SINGLES, PAIRS, G = 10, 14, 60


def make(seed: int, own: float = 0.8, *, single_tested: bool = False) -> tuple[PlantedStudy, np.ndarray]:
    rng = np.random.default_rng(seed)
    names = [f"GENE{i}" for i in range(SINGLES)]
    ends = [(a, b) for i, a in enumerate(names) for b in names[:i]]
    pairs = [ends[k] for k in rng.permutation(len(ends))[:PAIRS]]
    table = Conditions.make(["c"] * (SINGLES + PAIRS), [(n,) for n in names] + pairs, modality=["CRISPRa"] * 24)
    alone = dict(zip(names, rng.standard_normal((SINGLES, G)), strict=True))
    delta = np.stack([sum(alone[p] for p in parts) * (0.8 if len(parts) == 2 else 1) for parts in table.parts])
    double = np.array([len(parts) == 2 for parts in table.parts])
    delta[double] += own * rng.standard_normal((PAIRS, G))
    sums = np.stack([sum(alone[p] for p in parts) for parts in table.parts])
    study = plant(table, delta, double | single_tested, rng, wells=8)
    return study, sums


def test_a_sum_of_what_was_measured_has_none() -> None:
    study, _ = make(0)
    conditions, learnt = study.effects.conditions, study.effects.delta_train
    place = {parts: i for i, parts in enumerate(conditions.parts)}
    sums = np.stack([sum(learnt[place[(p,)]] for p in conditions.parts[i]) for i in study.test])
    answers = study.answer(study.delta[study.test], "true"), study.answer(0.6 * sums, "sum")
    found = study.run("genetic_interaction", *answers)
    assert of_model(found, "true").status is Status.PASS
    assert of_model(found, "sum").status is Status.FAIL
    assert of_model(found, "sum").value == pytest.approx(0.0, abs=1e-9)
    assert "0.8" in found[0].sentence
    assert {row["class"] for row in found[0].evidence} <= {"additive", "new", "suppression", "synergy"}
    assert "come into the class" in of_model(found, "true").sentence


def test_a_models_own_parts_are_taken_where_it_predicts_them() -> None:
    study, sums = make(1, single_tested=True)
    found = study.run("genetic_interaction", study.answer(study.delta, "true"), study.answer(sums, "sum"))
    assert of_model(found, "true").status is Status.PASS
    assert of_model(found, "sum").value == pytest.approx(0.0, abs=1e-9)


def test_combinations_that_all_fall_short_alike_are_not_assessable() -> None:
    study, sums = make(2, own=0.0)
    found = study.run("genetic_interaction", study.answer(sums[study.test]))
    assert {f.status for f in found} == {Status.NA}


def test_without_combinations_there_is_nothing_to_ask() -> None:
    rng = np.random.default_rng(0)
    table = Conditions.make(["c"] * 6, [f"GENE{i}" for i in range(6)], modality=["CRISPRa"] * 6)
    study = plant(table, rng.standard_normal((6, 30)), np.ones(6, dtype=bool), rng)
    found = study.run("genetic_interaction", study.answer(study.delta))
    assert {f.status for f in found} == {Status.NA}
    assert "0 of the 0" in found[0].sentence
