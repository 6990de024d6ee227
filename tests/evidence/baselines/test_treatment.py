"""A gene silenced in some lines and activated in others is two treatments, for every baseline that pools contexts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vcassay.evidence.baselines.design import make_design

from vcassay.core import Conditions, Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.treatment import Treatment, treatments

POOLING = (
    "perturbation_mean",
    "general_mean",
    "additive",
    "nearest_context",
    "context_regression",
)
"""Baselines that carry a treatment's effects from one context to another."""


def of_kinds(table: Conditions, kind: dict[str, str]) -> Conditions:
    return replace(table, modality=np.array([kind[c] for c in table.context.tolist()]))


@pytest.fixture
def opposite(make):
    """Knock-downs of six genes in four lines, whose effects are taken back by activation in a fifth."""
    rng = np.random.default_rng(0)
    own = {f"p{i}": rng.normal(size=30) for i in range(6)}
    train = {(c, p): (-1.0 if c == "E" else 1.0) * v for c in "ABCE" for p, v in own.items()}
    controls = {c: rng.normal(size=30) for c in "ABCDE"}
    controls["E"] = controls["D"] + 0.01  # the activated line is the one most like the test line
    task = make(train, [("D", p) for p in own], controls=controls, regime=Regime.CEX)
    kind = {c: "CRISPRa" if c == "E" else "CRISPRi" for c in "ABCDE"}
    return replace(task, train=of_kinds(task.train, kind), wanted=of_kinds(task.wanted, kind)), own


def test_treatments_carry_their_modality():
    table = Conditions.make(["A", "A", "B"], ["x", "x+y", "x"], [1.0, np.nan, 1.0], None, ["CRISPRi", " crispri", "?"])
    assert treatments(table)[0] == Treatment(("x",), 1.0, -1.0, "crispri")
    assert treatments(table)[0] != treatments(table)[2]
    assert treatments(table)[0].of_part("y") == Treatment(("y",), 1.0, -1.0, "crispri")


@pytest.mark.parametrize("name", POOLING)
def test_activation_elsewhere_does_not_speak_of_a_knock_down(name, opposite):
    task, own = opposite
    found = BASELINES[name].obj().fit(task).predict(task.wanted)
    for row, gene in zip(found, task.wanted.perturbation.tolist(), strict=True):
        assert np.corrcoef(row, own[gene])[0, 1] > 0.95, gene


def test_the_design_takes_responses_of_the_same_kind(opposite):
    task, _ = opposite
    block = next(b for b in make_design(task).blocks if b.name == "response elsewhere")
    knocked_down = block.train[task.train.context == "A"]  # of the same genes, in B and C
    np.testing.assert_allclose(block.of(task.wanted), knocked_down, atol=1e-10)
    activated = block.train[task.train.context == "E"]  # in no other line
    np.testing.assert_allclose(activated, 0.0, atol=1e-12)
