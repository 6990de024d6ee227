from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import Split, make_split
from vcassay.core import Conditions, Status
from vcassay.evidence.leakage.roles.filtered import left_out
from vcassay.record.disclosure import declare
from vcassay.simulate.leaks import weakest_left_out
from vcassay.testing.leaks.study import run_tables

TABLE = Conditions.make(np.repeat(["A", "B", "C"], 4), [f"p{i}" for i in range(4)] * 3)


def without(split: Split, *ids: str) -> Split:
    roles = split.roles.astype("<U8")
    roles[np.isin(TABLE.ids, ids)] = "excluded"
    return replace(split, roles=roles)


class TestWhatWouldHaveBeenTested:
    def named(self, split):
        return [TABLE.ids[i] for i in left_out(split)]

    def test_conditions_of_contexts_that_are_held_out_whole(self):
        split = make_split(TABLE, "cex", contexts=["C"])
        assert self.named(without(split, "A | p0", "C | p1")) == ["C | p1"]

    def test_conditions_of_perturbations_that_are_held_out_whole(self):
        split = make_split(TABLE, "gex", fraction=0.5, seed=0)
        tested, trained = (sorted(set(TABLE.perturbation[at].tolist())) for at in (split.test, split.train))
        gone = [f"A | {tested[0]}", f"A | {trained[0]}"]
        assert self.named(without(split, *gone)) == gone[:1]

    def test_quadrants_that_a_split_of_both_leaves_out_by_design_are_not_filtered(self):
        new = np.isin(TABLE.perturbation, ["p0", "p1"])
        far = TABLE.context == "C"
        roles = np.select([far & new, ~far & ~new], ["test", "train"], "excluded")
        split = Split(TABLE, roles)
        assert self.named(split) == []
        assert self.named(without(split, "C | p1")) == ["C | p1"]

    def test_anything_beside_the_test_set_where_nothing_is_held_out_whole(self):
        split = make_split(TABLE, "few-shot", contexts=["C"], shots=2, seed=0)
        tested = TABLE.ids[split.test[0]]
        assert self.named(without(split, tested)) == [tested]


MANY = {"n_crispri": 30, "n_drugs": 0, "n_contexts": 2}
NULL = {"null_share": 1.0, "cells_per_condition": 20, "cells_spread": 0.6, "depth": 500.0}


class TestWeakConditions:
    def test_left_out_are_named_with_the_distribution(self, make_study):
        study = make_study(0, **MANY)
        split = weakest_left_out(study.split, study.simulation.truth.magnitude, amount=0.2)
        found = replace(study, split=split).run("L19")
        assert (found.status, found.value) == (Status.WARN, pytest.approx(0.2))
        assert (
            "6 of 30 measured conditions that would have been tested (20%) left out, and they are weaker"
            in found.sentence
        )
        low = found.evidence[2]
        assert low["quantile"] == 0.5
        assert low["effect, left out"] < low["effect, tested"]
        gone = {study.split.conditions.ids[i] for i in np.flatnonzero(split.roles == "excluded")}
        assert {row["left out"] for row in found.evidence[5:]} == gone

    def test_a_few_or_any_others_pass(self, make_study):
        study = make_study(0, **MANY)
        few = weakest_left_out(study.split, study.simulation.truth.magnitude, amount=0.1)
        found = replace(study, split=few).run("L19")
        assert (found.status, found.value) == (Status.PASS, pytest.approx(0.1))
        strongest = weakest_left_out(study.split, -study.simulation.truth.magnitude, amount=0.3)
        found = replace(study, split=strongest).run("L19")
        assert found.status is Status.PASS
        assert "not shown to be weaker" in found.sentence

    def test_nothing_left_out_passes(self, make_study):
        found = make_study(0).run("L19")
        assert (found.status, found.value) == (Status.PASS, 0.0)

    def test_too_few_to_compare_are_asked_for(self, make_study):
        study = make_study(0, n_crispri=6, n_drugs=0, n_contexts=2)
        split = weakest_left_out(study.split, study.simulation.truth.magnitude, amount=0.3)
        found = replace(study, split=split).run("L19")
        assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)

    @pytest.mark.parametrize("seed", range(4))
    def test_thin_conditions_left_out_of_a_null_screen_pass(self, make_study, seed):
        """Number of cells is not the effect: leaving out thin conditions is no filter on the truth."""
        study = make_study(seed, **MANY, **NULL)
        split = weakest_left_out(study.split, study.effects.n_rows.astype(float), amount=0.3)
        assert replace(study, split=split).run("L19").status is not Status.WARN


class TestDeclaredFilters:
    def run(self, **entries):
        split = make_split(TABLE, "cex", contexts=["C"])
        return run_tables("L19m", split, disclosure=declare(**entries))

    @pytest.mark.parametrize("by", ["effect size", "number of DE genes", "knockdown below 30 %", "E-distance p-value"])
    def test_filters_on_the_truth_are_a_warning(self, by):
        found = self.run(filters=[{"by": by, "dropped": 1, "why": "power"}, {"by": "fewer than 50 cells"}])
        assert (found.status, found.value) == (Status.WARN, pytest.approx(0.2))
        assert f"left out by {by} (power) (1 conditions, 20%)" in found.sentence
        assert found.evidence[0] == {"filter": by, "dropped": 1, "why": "power"}
        assert len(found.evidence) == 2

    def test_none_or_filters_on_quality_pass(self):
        assert self.run(filters=[]).status is Status.PASS
        assert self.run(filters=[{"by": "fewer than 50 cells"}]).status is Status.PASS
        assert self.run(filters=[{"by": "effect size", "dropped": 0}]).status is Status.PASS

    def test_what_is_not_declared_or_not_clear_is_asked_for(self):
        assert self.run().status is Status.UNKNOWN
        found = self.run(filters=[{"by": "curated list"}])
        assert (found.status, found.question) == (
            Status.UNKNOWN,
            "Does curated list look at the responses of test conditions?",
        )
