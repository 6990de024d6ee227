from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import Split, make_claim
from vcassay.claim.batch_sides import find_sides
from vcassay.claim.formats.table import read_condition_table
from vcassay.core import Conditions, Regime, Status
from vcassay.evidence.leakage.roles.plates import find_replicates
from vcassay.simulate.leaks import replicate_plates
from vcassay.testing.leaks.study import run_check

TABLE = Conditions.make(["A"] * 4, ["p", "q", "r", "s"], [5.0] * 4)
SPLIT = Split(TABLE, np.array(["train", "test", "test", "test"]))
PLATES = (("1",), ("1", "14"), ("2", "14"), ("3",))


def run(split, plates=None, **stated):
    return run_check("L14", conditions=split.conditions, split=split, claim=make_claim(split, batches=plates, **stated))


def parted(train, test, also=(1, 2)):
    return replace(SPLIT, also_train=np.array(also), meta={"batches_by_side": (train, test)})


def test_conditions_that_stay_on_one_side_pass():
    found = run(SPLIT, PLATES)
    assert (found.status, found.value, found.affected) == (Status.PASS, 0.0, None)
    assert "2 of them being measured on several of 4 plates" in found.sentence


def test_pairs_of_plates_are_named_most_conditions_first():
    split = parted((("1",), ("1",), ("2",), ()), ((), ("14",), ("14", "3"), ("3",)))
    found = run(split)
    assert (found.status, found.value) == (Status.FAIL, 2.0)
    assert [(r["trained on"], r["tested on"], r["conditions"]) for r in found.evidence] == [
        ("1", "14", 1), ("2", "14", 1), ("2", "3", 1),
    ]  # fmt: skip
    assert found.affected.touched.tolist() == [True, True, False]
    assert run(split, declared=Regime.RANDOM_CELLS).status is Status.PASS


def test_cells_parted_within_a_plate_are_no_replicates():
    both = ((), ("1", "14"), ("14",), ())
    found = run(parted(both, (*both[:3], ("3",))))
    assert (found.status, found.value) == (Status.PASS, 0.0)


def test_agrees_with_pairs_of_sets():
    rng = np.random.default_rng(0)
    n, names = 40, [f"{k}" for k in range(6)]
    table = Conditions.make(["A"] * n, [f"p{i:02d}" for i in range(n)])
    sides = tuple(tuple(tuple(rng.permutation(names)[: rng.integers(0, 4)].tolist()) for _ in range(n)) for _ in "ab")
    both = np.flatnonzero(rng.random(n) < 0.5)
    split = Split(table, np.full(n, "test"), also_train=both, meta={"batches_by_side": sides})
    found = find_replicates(find_sides(split), both)
    ours = find_sides(split).names
    got = {(c, ours[a], ours[b]) for c, a, b in zip(*(x.tolist() for x in found), strict=True)}
    assert got == {(c, a, b) for c in both.tolist() for a in sides[0][c] for b in sides[1][c] if b not in sides[0][c]}


def test_a_table_of_wells(tmp_path):
    path = tmp_path / "wells.csv"
    wells = ["A,x,5,1,train", "A,y,5,1,train", "A,x,5,14,test", "A,z,5,14,test", "A,y,5,2,train"]
    path.write_text("\n".join(["line,drug,dose,plate,split", *wells]))
    columns = {"context": "line", "perturbation": "drug", "dose": "dose", "batch": "plate"}
    found = run(read_condition_table(path, columns=columns))
    assert found.status is Status.FAIL
    row = {"trained on": "1", "tested on": "14", "conditions": 1, "such as": "A | x | 5"}
    assert found.evidence == (row,)


def test_without_plates_the_question_is_asked():
    found = run(SPLIT)
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    found = run(replace(SPLIT, also_train=np.array([1])), PLATES)
    assert found.status is Status.UNKNOWN
    assert "1 condition with rows on both sides may be replicates" in found.sentence
    assert run(replace(SPLIT, assumed="it is assumed"), PLATES).status is Status.UNKNOWN
    assert run(SPLIT, ((), (), (), ("3",))).status is Status.UNKNOWN


@pytest.mark.parametrize("seed", range(3))
def test_what_was_planted_is_found(make_study, seed):
    study = make_study(seed)
    plates = study.simulation.screen.batches
    split = replicate_plates(study.split, plates, np.random.default_rng(seed), amount=0.5)
    found = run(split, plates)
    assert (found.status, found.value) == (Status.FAIL, len(split.also_train))
    assert split.test[found.affected.touched].tolist() == split.also_train.tolist()
