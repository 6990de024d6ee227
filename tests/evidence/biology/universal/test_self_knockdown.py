from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.testing.planted import PlantedStudy, of_model, plant

P, G = 10, 40
OWN = (np.arange(P), np.arange(P))


def make(seed: int, size: float = 1.0, modality: str = "CRISPRi", measured: int = P, **more) -> PlantedStudy:
    rng = np.random.default_rng(seed)
    names = [f"G{p + 1:03d}" if p < measured else f"X{p}" for p in range(P)]
    table = Conditions.make(["c"] * P, names, modality=[modality] * P)
    delta = 0.5 * rng.standard_normal((P, G))
    delta[OWN] = -size if modality != "CRISPRa" else size
    return plant(table, delta, np.ones(P, dtype=bool), rng, **more)


def test_targets_are_read_although_they_are_not_scored() -> None:
    study = make(0)
    assert not study.bench().mask[OWN].any()
    lowers_all = np.full((P, G), -1.0)
    unmoved = study.delta.copy()
    unmoved[OWN] = 0.0
    weak = study.delta.copy()
    weak[OWN] *= 0.01
    weak[~np.eye(P, G, dtype=bool)] *= 0.001
    models = {"true": study.delta, "all": lowers_all, "unmoved": unmoved, "weak": weak, "up": -study.delta}
    found = study.run("self_knockdown", *(study.answer(v, k) for k, v in models.items()))
    status = {f.model: f.status for f in found}
    assert status[None] is Status.PASS
    assert status["true"] is Status.PASS
    assert status["weak"] is Status.WARN
    assert {status["all"], status["unmoved"], status["up"]} == {Status.FAIL}
    assert of_model(found, "all").value == 0.0  # none falls further than under other perturbations
    assert "0.01 times as far as measured" in of_model(found, "weak").sentence
    row = of_model(found, "true").evidence[0]
    assert set(row) == {"kind", "perturbation", "context", "expected", "truth", "control", "model"}
    assert (row["perturbation"], row["expected"], row["model"]) == ("G001", "down", -1.0)


def test_activated_genes_rise() -> None:
    study = make(1, modality="CRISPRa")
    found = study.run("self_knockdown", study.answer(study.delta))
    assert of_model(found).status is Status.PASS
    assert of_model(found).evidence[0]["expected"] == "up"


def test_knock_outs_are_asked_where_nothing_else_is() -> None:
    found = make(2, modality="CRISPRko").run("self_knockdown")
    assert "transcript falls in part only" in found[0].sentence
    rng = np.random.default_rng(0)
    names = [f"G{p + 1:03d}" for p in range(2 * P)]
    table = Conditions.make(["c"] * 2 * P, names, modality=["CRISPRi"] * P + ["CRISPRko"] * P)
    delta = np.zeros((2 * P, G))
    delta[OWN] = -2.0
    found = plant(table, delta, np.ones(2 * P, dtype=bool), rng).run("self_knockdown")
    assert found[0].status is Status.PASS
    assert f"{P} knock-outs are not asked" in found[0].sentence
    assert f"over {P} targets" in found[0].sentence


def test_a_gene_may_be_silenced_here_and_activated_there() -> None:
    rng = np.random.default_rng(5)
    names = [f"G{p + 1:03d}" for p in range(P)]
    table = Conditions.make(["a"] * P + ["b"] * P, names * 2, modality=["CRISPRa"] * P + ["CRISPRi"] * P)
    delta = 0.3 * rng.standard_normal((2 * P, G))
    delta[:P][OWN], delta[P:][OWN] = 1.0, -1.0
    study = plant(table, delta, np.ones(2 * P, dtype=bool), rng)
    assert of_model(study.run("self_knockdown", study.answer(study.delta))).value == 1.0


def test_genes_that_controls_do_not_express_are_left_out() -> None:
    control = np.full((1, G), 8.0)
    control[0, :3] = 0.1
    found = make(3, size=0.05, noise=0.01, control=control).run("self_knockdown")
    assert "3 of them are not expressed in controls" in found[0].sentence


@pytest.mark.parametrize(
    ("more", "said"),
    [({"size": 0.0}, "not clearly more than chance"), ({"measured": 3}, "7 perturbed genes are not measured"),
     ({"modality": ""}, "a direction that is not known")],
)  # fmt: skip
def test_what_cannot_be_asked(more: dict, said: str) -> None:
    study = make(4, **more)
    found = study.run("self_knockdown", study.answer(study.delta))
    assert {f.status for f in found} == {Status.NA}
    assert said in found[0].sentence


def test_genes_that_a_model_does_not_know_are_not_held_against_it() -> None:
    study = make(6)
    answer = study.answer(study.delta)
    answer.genes[:2] = False
    found = study.run("self_knockdown", answer)
    assert of_model(found).status is Status.PASS
    assert "over 8 targets" in of_model(found).sentence
