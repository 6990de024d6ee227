from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.knowledge import Knowledge, Regulons, Relations, Resource
from vcassay.testing.planted import PlantedStudy, of_model, plant

P, G = 8, 50
HANDED = Resource("handed", "handed.tsv", "", date(2020, 1, 1), "", 1)
NAMES = [f"G{k + 1:03d}" for k in range(G)]


def make(knowledge: Knowledge, known: np.ndarray, modality: str = "CRISPRi") -> PlantedStudy:
    rng = np.random.default_rng(1)
    table = Conditions.make(["c"] * P, NAMES[:P], modality=[modality] * P)
    delta = np.where(known == 0, 0.5 * rng.standard_normal((P, G)), 2.0 * known)
    return plant(table, delta, np.ones(P, dtype=bool), rng, knowledge=knowledge)


def signed(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    weight = np.zeros((P, G))
    for row in weight:
        row[P + rng.permutation(G - P)[:5]] = rng.choice([-1.0, 1.0], 5)
    return weight


def regulons(weight: np.ndarray) -> Knowledge:
    i, j = np.nonzero(weight)
    edges = [NAMES[k] for k in i], [NAMES[k] for k in j], weight[i, j].tolist()
    return Knowledge(regulons=(Regulons.make(HANDED, *edges),))


@pytest.mark.parametrize(("modality", "turn"), [("CRISPRi", -1.0), ("CRISPRa", 1.0)])
def test_targets_follow_the_sign_and_the_direction(modality: str, turn: float) -> None:
    weight = signed()
    study = make(regulons(weight), turn * weight, modality)
    other = np.roll(study.delta, 1, axis=0)
    found = study.run("known_signs", study.answer(study.delta, "true"), study.answer(other, "other"))
    assert of_model(found, "true").status is Status.PASS
    assert of_model(found, "true").value > 0.95
    assert of_model(found, "other").status is Status.FAIL
    assert of_model(found, "true").evidence[0]["kind"] == "regulator"


def test_regulons_that_do_not_hold_here_are_not_assessable() -> None:
    study = make(regulons(signed(1)), signed(2))
    found = study.run("known_signs", study.answer(study.delta))
    assert {f.status for f in found} == {Status.NA}


def test_where_two_resources_differ_none_is_asked() -> None:
    weight = signed()
    a, b = regulons(weight), regulons(-weight)
    study = make(Knowledge(regulons=a.regulons + b.regulons), -weight)
    assert "0 regulators" in study.run("known_signs")[0].sentence


def test_without_regulons_it_says_what_to_hand_in() -> None:
    found = make(Knowledge(), signed()).run("known_signs")
    assert found[0].status is Status.NA
    assert "[knowledge] regulons" in found[0].sentence


def test_paralogs_that_rise_are_told_from_those_that_do_not() -> None:
    pairs = Relations.make(HANDED, "Paralog", NAMES[:P], NAMES[P : 2 * P])
    known = np.eye(P, G, P)
    study = make(Knowledge(relations=(pairs,)), known)
    other = np.roll(study.delta, 1, axis=0)
    found = study.run("paralog_compensation", study.answer(study.delta, "true"), study.answer(other, "other"))
    assert of_model(found, "true").status is Status.PASS
    assert of_model(found, "other").status is Status.FAIL
    assert of_model(found, "true").evidence[0]["gene"] == NAMES[P]


def test_activation_asks_no_paralog() -> None:
    pairs = Relations.make(HANDED, "paralog", NAMES[:P], NAMES[P : 2 * P])
    found = make(Knowledge(relations=(pairs,)), np.eye(P, G, P), "CRISPRa").run("paralog_compensation")
    assert found[0].status is Status.NA
    assert "0 silenced genes" in found[0].sentence
    assert make(Knowledge(), signed()).run("paralog_compensation")[0].status is Status.NA
