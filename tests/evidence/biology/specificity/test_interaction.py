from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.testing.planted import PlantedStudy, of_model, plant

P, G = 12, 40


def make(seed: int, contexts: int = 4, tested: int = 2, both: float = 0.6, **more) -> tuple[PlantedStudy, np.ndarray]:
    rng = np.random.default_rng(seed)
    names = [f"P{p:02d}" for p in range(P)]
    table = Conditions.make(np.repeat([f"c{c}" for c in range(contexts)], P), names * contexts)
    additive = rng.standard_normal((contexts, 1, G)) + rng.standard_normal((1, P, G))
    delta = (additive + both * rng.standard_normal((contexts, P, G))).reshape(-1, G)
    test = np.arange(len(table)) >= (contexts - tested) * P
    study = plant(table, delta, test, rng, wells=8, **more)
    return study, np.broadcast_to(additive, (contexts, P, G)).reshape(-1, G)[study.test]


@pytest.mark.parametrize(("tested", "taken"), [(2, "over the test conditions"), (1, "over training contexts")])
def test_a_sum_of_terms_has_no_interaction(tested: int, taken: str) -> None:
    study, additive = make(1, tested=tested)
    effects = study.effects
    treatments, train = effects.conditions.treatments, study.claim.split.train
    means = {t: effects.delta_train[[i for i in train if treatments[i] == t]].mean(axis=0) for t in set(treatments)}
    learnt = np.stack([means[treatments[i]] for i in study.test])
    answers = [study.answer(study.delta[study.test], "true"), study.answer(learnt, "mean")]
    if tested == 2:
        answers.append(study.answer(additive, "sum"))
    found = study.run("interaction", *answers)
    assert taken in of_model(found, None).sentence  # type: ignore[arg-type]
    assert of_model(found, "true").status is Status.PASS
    for name in ("mean", "sum")[:tested]:
        assert of_model(found, name).status is Status.FAIL
        assert of_model(found, name).value == pytest.approx(0.0, abs=1e-9)


def test_the_truths_value_is_what_a_perfect_model_reaches() -> None:
    found = [make(seed)[0] for seed in range(4)]
    values = [
        (f[0].value, of_model(f, "true").value)
        for s in found
        if (f := s.run("interaction", s.answer(s.delta[s.test], "true")))
    ]
    told, reached = np.mean(values, axis=0)
    assert told == pytest.approx(reached, abs=0.05)


def test_a_gene_that_counts_for_some_rows_only_leaves_sums_alone() -> None:
    rng = np.random.default_rng(4)
    names = [f"G{p + 1:03d}" for p in range(P)]  # perturbed genes are measured, and not scored under themselves
    table = Conditions.make(np.repeat(["c0", "c1", "c2"], P), names * 3, modality=["CRISPRi"] * 3 * P)
    additive = (rng.standard_normal((3, 1, G)) + rng.standard_normal((1, P, G))).reshape(-1, G)
    study = plant(table, additive + 0.6 * rng.standard_normal(additive.shape), np.ones(3 * P, dtype=bool), rng)
    assert not study.bench().mask.all()
    found = study.run("interaction", study.answer(additive, "sum"))
    assert of_model(found, "sum").value == pytest.approx(0.0, abs=1e-9)


def test_abstentions_are_compared_on_what_is_answered() -> None:
    study, _ = make(2, contexts=5, tested=3)
    values = study.delta[study.test].copy()
    values[::10] = np.nan
    found = study.run("interaction", study.answer(values, "model"))
    assert of_model(found).status is Status.PASS
    assert f"over {len(study.test) - 4} conditions" in of_model(found).sentence
    values[P // 2 :] = np.nan
    assert "answers too few" in of_model(study.run("interaction", study.answer(values, "model"))).sentence


def test_order_of_models_and_rows_of_evidence() -> None:
    study, _ = make(3)
    one = study.answer(study.delta[study.test], "one")
    two = study.answer(-study.delta[study.test], "two")
    a, b = study.run("interaction", one, two), study.run("interaction", two, one)
    assert of_model(a, "one") == of_model(b, "one")
    assert "other way round" in of_model(a, "two").sentence
    rows = [row for row in of_model(a, "one").evidence if row["kind"] == "context"]
    assert [row["context"] for row in rows] == ["c2", "c3"]
    assert all(set(row) == {"kind", "context", "conditions", "truth", "model"} for row in rows)


@pytest.mark.parametrize(
    ("contexts", "tested", "both", "said"),
    [(1, 1, 1.0, "measured in another context"), (4, 2, 0.0, "not clearly more than chance")],
)
def test_what_cannot_be_asked(contexts: int, tested: int, both: float, said: str) -> None:
    study, additive = make(8, contexts, tested, both)
    found = study.run("interaction", study.answer(additive))
    assert {f.status for f in found} == {Status.NA}
    assert said in found[0].sentence


def test_one_row_a_condition_says_nothing() -> None:
    rng = np.random.default_rng(0)
    table = Conditions.make(np.repeat(["c0", "c1"], P), [f"P{p}" for p in range(P)] * 2)
    study = plant(table, rng.standard_normal((2 * P, G)), np.ones(2 * P, dtype=bool), rng, wells=1, batches=1)
    found = study.run("interaction", study.answer(study.delta))
    assert {f.status for f in found} == {Status.NA}
