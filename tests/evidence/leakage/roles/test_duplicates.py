from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import Role, Split, make_claim, make_split
from vcassay.claim.formats import from_lists
from vcassay.core import Conditions, Regime, Status
from vcassay.evidence.leakage.roles.duplicates import controls_tested, same_condition
from vcassay.simulate.leaks import duplicate_conditions

TABLE = Conditions.make(np.repeat(["A", "B", "C"], 4), [f"p{i}" for i in range(4)] * 3)
CEX = make_split(TABLE, "cex", contexts=["C"])


def run(split: Split, **stated):
    return same_condition(split, make_claim(split, **stated))


def test_disjoint_roles_pass_with_their_numbers():
    found = run(CEX)
    assert found.status is Status.PASS
    assert "None of 4 test conditions is among 8 training conditions" in found.sentence


@pytest.mark.parametrize("seed", range(3))
def test_a_condition_in_two_roles_blocks(seed):
    split, _ = duplicate_conditions(CEX, np.random.default_rng(seed), amount=0.5)
    found = run(split)
    assert (found.status, found.blocks, found.value) == (Status.FAIL, True, 2.0)
    assert found.evidence[0]["also"] == "test"
    assert found.remedy


def test_conflicts_with_the_test_set_come_first():
    split = replace(CEX, conflicts=(("A | p0", "train", "val"), ("C | p1", "train", "test")))
    assert [r["condition"] for r in run(split).evidence] == ["C | p1", "A | p0"]


def test_random_cells_fail_under_any_other_declared_regime():
    split = make_split(TABLE, "random-cells")
    assert run(split).status is Status.PASS
    found = run(split, declared=Regime.GEX)
    assert (found.status, found.blocks, found.value) == (Status.FAIL, True, 12.0)
    assert "All 12 test conditions are in training and in test" in found.sentence


def test_an_assumed_training_set_is_unknown_and_asked_for():
    found = run(replace(CEX, assumed="the rest is assumed to be the training set"))
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    roles = np.full(len(TABLE), Role.TEST.value)
    nothing_left = run(Split(TABLE, roles, assumed="no training set is known"))
    assert nothing_left.status is Status.UNKNOWN
    assert "no training set is known" in nothing_left.sentence


def test_without_test_conditions_there_is_nothing_to_ask():
    assert run(Split(TABLE, np.full(len(TABLE), Role.TRAIN.value))).status is Status.NA


class TestCellsOfAConditionOnBothSides:
    PARTED = replace(
        CEX,
        declared=None,
        also_train=CEX.test[:1],
        conflicts=((CEX.conditions.ids[CEX.test[0]], "train", "test"),),
        meta={"rows": "cells"},
    )

    def test_are_random_cells_and_no_mistake(self):
        found = run(self.PARTED)
        assert (found.status, found.value, found.blocks) == (Status.WARN, 1.0, True)
        assert run(self.PARTED, declared=Regime.RANDOM_CELLS).status is Status.PASS
        assert found.sentence.startswith("1 of 4 test conditions are in training and in test: only their cells")

    def test_unless_something_stronger_is_declared(self):
        found = run(self.PARTED, declared=Regime.CEX)
        assert (found.status, found.blocks) == (Status.FAIL, True)
        assert found.evidence == ({"condition": self.PARTED.conflicts[0][0], "role": "train", "also": "test"},)

    def test_a_list_that_names_a_condition_twice_is_a_mistake(self):
        assert run(replace(self.PARTED, meta={})).status is Status.FAIL


class TestListedControls:
    def test_a_vehicle_among_the_test_drugs(self):
        rows = [("DMSO_TF", "A", "test"), ("DMSO_TF", "B", "test")]
        found = controls_tested(replace(CEX, meta={"controls_in_test": rows, "rows": "conditions"}))
        assert (found.status, found.value, found.blocks) == (Status.WARN, 2.0, False)
        assert found.sentence == "A control (DMSO_TF) is listed as test in 2 contexts."

    def test_labels_listed_twice(self):
        found = controls_tested(replace(CEX, meta={"duplicates": {"C | test": ["p0", "p1"]}}))
        assert found.sentence == "2 labels listed more than once (C | test | p0, C | test | p1)."

    def test_control_cells_among_test_rows_are_a_reference(self):
        meta = {"controls_in_test": [("ctrl", "C", "test")], "rows": "cells"}
        found = controls_tested(replace(CEX, meta=meta))
        assert found.status is Status.PASS
        assert "a reference" in found.sentence

    def test_a_clean_list_passes(self):
        assert controls_tested(CEX).status is Status.PASS


class TestAffected:
    def test_conditions_in_two_roles(self):
        split, _ = duplicate_conditions(CEX, np.random.default_rng(0), amount=0.5)
        touched = split.conditions.take(split.test[run(split).affected.touched]).ids
        assert touched == sorted(c for c, *_ in split.conflicts)
        assert run(CEX).affected is None

    def test_conditions_with_cells_on_both_sides(self):
        found = run(TestCellsOfAConditionOnBothSides.PARTED)
        assert found.affected.touched.tolist() == [True, False, False, False]

    def test_vehicles_that_are_scored_and_labels_listed_twice(self):
        table = Conditions.make(["C"] * 3, ["DMSO_TF", "x", "y"], [0.0, 5.0, 0.5])
        meta = {"duplicates": {"C | test": ["[('y', 0.5, 'uM')]"], "C | train": ["x"], "D | test": ["x"]}}
        found = controls_tested(Split(table, np.full(3, "test"), meta=meta))
        assert found.status is Status.FAIL
        assert found.sentence.startswith("DMSO_TF is scored as a treatment in 1 test context and 3 labels")
        assert found.evidence[0] == {"control": "C | DMSO_TF | 0", "scored": "yes"}
        assert found.affected.touched.tolist() == [True, False, True]

    def test_a_gene_called_ctrl_is_no_control(self):
        table = Conditions.make(["C", "C"], ["CTRL", "NTF3"])
        assert controls_tested(Split(table, np.full(2, "test"))).status is Status.PASS


def test_two_names_of_one_test_condition_are_told_and_touch_it():
    lists = {"train": ["p2"], "test": ["p0+ctrl", "ctrl+p0", "p1"]}
    split = from_lists(TABLE, lists, delimiter="+")
    found = controls_tested(split)
    assert (found.status, found.value) == (Status.WARN, 1.0)
    assert "1 test condition listed under more than one name (p0+ctrl = ctrl+p0)" in found.sentence
    assert {"condition": "p0", "listed as": "p0+ctrl and ctrl+p0"} in found.evidence
    touched = split.conditions.take(split.test).perturbation[found.affected.degree == 1]
    assert set(touched.tolist()) == {"p0"}


def test_two_names_of_one_training_condition_are_no_fault_of_the_test_list():
    assert controls_tested(from_lists(TABLE, {"train": ["p2", "p2+ctrl"], "test": ["p1"]})).status is Status.PASS


@pytest.mark.parametrize(("context", "status"), [("C", Status.PASS), ("A", Status.WARN)])
def test_controls_of_a_context_that_a_table_holds_out_whole_are_its_reference(context, status):
    meta = {"rows": "conditions", "controls_in_test": [("control", context, "test")]}
    assert controls_tested(replace(CEX, meta=meta)).status is status
    assert controls_tested(replace(CEX, meta={"controls_in_test": meta["controls_in_test"]})).status is Status.WARN


def test_labels_with_doses_are_written_plainly():
    label = "[('p0', 0.5, 'uM')]"
    found = controls_tested(replace(CEX, meta={"duplicates": {"C | test": [label]}}))
    assert "C | test | p0 0.5 uM" in found.sentence
