from __future__ import annotations

from dataclasses import replace

import numpy as np

from vcassay.claim import Split, make_claim
from vcassay.claim.batch_sides import find_sides
from vcassay.claim.formats.binding import bind
from vcassay.claim.formats.table import read_condition_table
from vcassay.core import Conditions

TABLE = Conditions.make(["A", "A", "B"], ["p", "q", "p"])
SPLIT = Split(TABLE, np.array(["train", "test", "test"]))
BATCHES = (("b1",), ("b1", "b2"), ("b3",))


def named(sides):
    return [
        sorted((c, sides.names[b]) for c, b in zip(side.condition.tolist(), side.batch.tolist(), strict=True))
        for side in (sides.train, sides.test)
    ]


def test_batches_of_either_side():
    assert named(find_sides(SPLIT, BATCHES)) == [[(0, "b1")], [(1, "b1"), (1, "b2"), (2, "b3")]]
    assert named(find_sides(replace(SPLIT, meta={"batches": BATCHES})))[0] == [(0, "b1")]
    assert make_claim(SPLIT, batches=BATCHES).novelty.batch.tolist() == ["seen", "unseen"]


def test_rows_on_both_sides_need_their_own_batches():
    both = replace(SPLIT, also_train=np.array([1]))
    assert find_sides(both, BATCHES) is None
    known = replace(both, meta={"batches_by_side": ((("b1",), ("b1",), ()), ((), ("b2",), ("b3",)))})
    assert named(find_sides(known, BATCHES)) == [[(0, "b1"), (1, "b1")], [(1, "b2"), (2, "b3")]]


def test_without_batches_nothing_is_known():
    assert find_sides(SPLIT) is None
    assert find_sides(SPLIT, ((), (), ())) is None


def test_a_table_keeps_its_plates_by_side_when_bound_and_leaves_out_excluded_rows(tmp_path):
    path = tmp_path / "split.csv"
    rows = ["q,A,b2,test", "q,A,b1,train", "q,A,b9,excluded", "p,A,b1,train", "p,B,b3,test"]
    path.write_text("\n".join(["perturbation,context,plate,role", *rows]))
    split = read_condition_table(path, columns={"batch": "plate"})
    more = Conditions.make(["A", "A", "A", "B"], ["a", "p", "q", "p"])
    bound = bind(split, more, where="x")
    for one, shift in ((split, 0), (bound, 1)):
        expected = [[(0 + shift, "b1"), (1 + shift, "b1")], [(1 + shift, "b2"), (2 + shift, "b3")]]
        assert named(find_sides(one)) == expected
