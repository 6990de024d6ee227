"""Likeness of drugs in an arm, against cosines by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Conditions
from vcassay.evidence.biology.axes import stress_axes
from vcassay.evidence.biology.mechanism.alike import alike
from vcassay.evidence.biology.mechanism.drugs import find_drugs
from vcassay.testing.biology.mechanisms import answers, right, screen
from vcassay.testing.planted import plant


@pytest.fixture(scope="module")
def study():
    pytest.importorskip("rdkit")
    return screen(0)


def test_a_model_is_measured_as_itself(study):
    planted, library, _ = study
    rng = np.random.default_rng(0)
    values = answers(planted, library, rng, right(library))
    bench = planted.bench(planted.answer(values, "m"))
    drugs, said = find_drugs(bench), alike(bench)["m"]
    row = {bench.agents.names[a]: i for i, a in enumerate(bench.agent)}
    own = bench.submissions[0].values[[row[name] for name in drugs.names]]
    rest = stress_axes(bench).without(own)
    for found, vectors in ((said.whole, own), (said.beyond, rest)):
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        off = ~np.eye(len(drugs), dtype=bool)
        np.testing.assert_allclose(found[off], (units @ units.T)[off], atol=1e-10)
        assert np.isnan(found.diagonal()).all()
    order = np.argsort(np.linalg.norm(own, axis=1))
    assert (np.diff(said.magnitude[order]) > 0).all()
    assert said.reliability == 1.0
    assert said.inside is None


def test_the_truth_is_measured_on_disjoint_halves(study):
    planted, _, _ = study
    bench = planted.bench()
    drugs, said = find_drugs(bench), alike(bench)["truth"]
    row = {bench.agents.names[a]: i for i, a in enumerate(bench.agent)}
    at = [row[name] for name in drugs.names]
    total = np.zeros((len(at), len(at)))
    for left, right_half in bench.halves():
        a, b = (m[at] / np.linalg.norm(m[at], axis=1, keepdims=True) for m in (left, right_half))
        total += (a @ b.T + b @ a.T) / 6
    off = ~np.eye(len(at), dtype=bool)
    np.testing.assert_allclose(said.whole[off], total[off], atol=1e-10)
    assert 0.3 < said.reliability < 1


def test_doses_without_a_detectable_effect_take_no_part():
    rng = np.random.default_rng(0)
    drugs = [f"d{i:02d}" for i in range(10)]
    labels = [f"m{i // 2}" for i in range(10) for _ in range(2)]
    conditions = Conditions.make(
        ["A"] * 20,
        [(d,) for d in drugs for _ in range(2)],
        dose=[0.1, 10.0] * 10,
        modality=["drug"] * 20,
        annotation={"moa": labels},
    )
    planted = plant(conditions, rng.standard_normal((20, 30)), np.ones(20, dtype=bool), rng)
    bench = planted.bench(planted.answer(rng.standard_normal((20, 30)), "m"))
    low = bench.table.dose < 1
    said = alike(replace(bench, silent=low))["m"]
    own = bench.submissions[0].values[~low]
    units = own / np.linalg.norm(own, axis=1, keepdims=True)
    off = ~np.eye(10, dtype=bool)
    np.testing.assert_allclose(said.whole[off], (units @ units.T)[off], atol=1e-10)


def test_an_embedding_is_centred_within_its_context(study):
    planted, library, _ = study
    rng = np.random.default_rng(0)
    n = len(planted.effects.conditions)
    place = rng.standard_normal((n, 8))
    shifted = place + 100.0 * (planted.effects.conditions.context == "A")[:, None] + 50.0
    values = answers(planted, library, rng, right(library))
    plain, moved = (
        alike(planted.bench(planted.answer(values, "m", embedding=e)))["m"].inside for e in (place, shifted)
    )
    np.testing.assert_allclose(plain, moved, atol=1e-8, equal_nan=True)
    assert np.isfinite(plain[~np.eye(len(plain), dtype=bool)]).all()


def test_a_halving_that_is_not_defined_leaves_the_others(monkeypatch):
    pytest.importorskip("rdkit")
    monkeypatch.setattr("vcassay.evidence.biology.bench._halvings", lambda _: [0, 1, 2])
    planted, _, _ = screen(1, wells=3)
    bench = planted.bench()
    halves = [np.isfinite(m).all(axis=1) for pair in bench.halves() for m in pair]
    assert not np.all(halves)  # three wells do not reach both halves every way
    said = alike(bench)["truth"]
    measured = np.isfinite(said.beyond).any(axis=1)
    assert measured.mean() > 0.5
    np.testing.assert_array_equal(np.isfinite(said.magnitude), measured)
    np.testing.assert_array_equal(np.isfinite(said.stress), measured)
