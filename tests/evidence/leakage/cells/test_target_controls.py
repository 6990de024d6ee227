from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.leakage.cells import target_controls
from vcassay.prediction import Disclosure, declare
from vcassay.testing.leaks.controls import within_contexts


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("control_expression", 1),
        ("ctrl", 1),
        ("controlCells", 1),
        ("basal expression", 1),
        ("DMSO profile", 1),
        ("unperturbed_state", 1),
        ("smiles", 0),
        ("controlled_vocabulary", 0),
        ("quality_control", 0),
        ("control_name", 0),
        ("expression_of_target", 0),
    ],
)
def test_names_of_inputs(name, reads):
    assert bool(target_controls.reads_controls((name,))) == bool(reads)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"controls": "training", "inputs": ("control_expression",)}, Status.PASS),
        ({"controls": "all"}, Status.PASS),
        ({"controls": "none", "inputs": ("smiles",)}, Status.PASS),
        ({"controls": "none"}, Status.PASS),
        ({"controls": "none", "inputs": ("smiles", "control_expression")}, Status.FAIL),
        ({"inputs": ("control_expression",)}, Status.UNKNOWN),
        ({}, Status.UNKNOWN),
    ],
)
def test_what_is_declared_of_controls(clean, given, status):
    study = clean[0]
    found = study.run("L16", disclosure=declare(**given))
    assert (found.status, found.blocks, bool(found.question)) == (status, False, status is Status.UNKNOWN)
    table, held = study.simulation.screen.table, np.unique(study.wanted.context)
    rows = np.isin(np.asarray(table.pool_context)[table.pool], held) & (table.condition == -1)
    assert f"{rows.sum():,} control rows of {len(held)} held-out contexts" in found.sentence
    counted = [row["control rows"] for row in found.evidence if "context" in row]
    assert sum(counted) == rows.sum()


def test_a_justification_is_quoted_and_changes_nothing(clean):
    given = {"controls": "none", "inputs": ("ctrl_expression",), "why": {"controls": "a published atlas"}}
    found = clean[0].run("L16", disclosure=declare(**given))
    assert (found.status, "a published atlas" in found.sentence) == (Status.FAIL, True)


def test_controls_that_the_claim_does_not_grant(clean, monkeypatch):
    none = {"target_controls": np.zeros(len(clean[0].split.test), dtype=bool)}
    monkeypatch.setattr(target_controls, "granted", lambda novelty: none)
    found = clean[0].run("L16", disclosure=declare(controls="training"))
    assert found.status is Status.FAIL
    assert found.affected.touched.all()
    assert clean[0].run("L16", disclosure=declare(controls="none")).status is Status.PASS


def test_where_no_context_is_held_out_or_there_are_no_controls(clean):
    assert within_contexts(0).run("L16", disclosure=Disclosure()).status is Status.NA
    effects = clean[0].effects
    slots = replace(effects.moments.slots, control_rows=np.zeros(0, dtype=np.int64), n_batch_groups=0)
    bare = replace(effects, moments=replace(effects.moments, slots=slots))
    assert clean[0].run("L16", effects=bare, disclosure=Disclosure()).status is Status.NA
