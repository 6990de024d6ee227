"""The condition table: sorted, unique, the same however its rows came."""

from __future__ import annotations

import dataclasses
import hashlib
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.core import Conditions
from vcassay.core.conditions import canonical, label

Row = tuple[str, tuple[str, ...], float, float]

NAN = float("nan")
TEXT = st.sampled_from(["A", "B", "C", "TP53", "ä", "a b"])
ROWS = st.lists(
    st.tuples(
        TEXT,
        st.lists(TEXT, min_size=1, max_size=3).map(canonical),
        st.sampled_from([NAN, 0.0, 0.5, 1.0, 10.0]),
        st.sampled_from([NAN, 6.0, 24.0]),
    ),
    max_size=12,
    unique_by=repr,
)


def table(rows: list[Row]) -> Conditions:
    context, parts, dose, time = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Conditions.make(context, parts, dose, time, annotation={"target": [f"t{min(p)}" for p in parts]})


def example() -> Conditions:
    return Conditions.make(
        ["K562", "A549", "A549", "A549"],
        ["TP53", ["KRAS", "BRAF"], "trametinib", "trametinib"],
        [NAN, NAN, 5.0, 0.5],
        [NAN, NAN, 24.0, 24.0],
        ["CRISPRi", "CRISPRi", "drug", "drug"],
        {"target": ["p53", "", "MEK", "MEK"]},
    )


def test_rows_are_sorted_with_their_columns() -> None:
    conditions = example()
    assert conditions.context.tolist() == ["A549", "A549", "A549", "K562"]
    assert conditions.parts == (("BRAF", "KRAS"), ("trametinib",), ("trametinib",), ("TP53",))
    assert conditions.perturbation.tolist() == ["BRAF+KRAS", "trametinib", "trametinib", "TP53"]
    np.testing.assert_array_equal(conditions.dose, [NAN, 0.5, 5.0, NAN])
    np.testing.assert_array_equal(conditions.time, [NAN, 24.0, 24.0, NAN])
    assert conditions.modality.tolist() == ["CRISPRi", "drug", "drug", "CRISPRi"]
    assert conditions.annotation["target"].tolist() == ["", "MEK", "MEK", "p53"]
    assert len(conditions) == 4


def test_ids() -> None:
    assert example().ids == [
        "A549 | BRAF+KRAS",
        "A549 | trametinib | 0.5 | 24 h",
        "A549 | trametinib | 5 | 24 h",
        "K562 | TP53",
    ]


def test_doses_may_be_logarithms() -> None:
    conditions = Conditions.make(["c"] * 4, ["d"] * 4, [-6, -7, 0, NAN])
    assert conditions.ids == ["c | d | -7", "c | d | -6", "c | d", "c | d | 0"]
    assert len(set(conditions.ids)) == 4


@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_and_partners_does_not_matter(rows: list[Row], random: Random) -> None:
    one = table(rows)
    again = [(c, tuple(random.sample(p, len(p))), d, t) for c, p, d, t in random.sample(rows, len(rows))]
    two = table(again)
    assert one.keys == two.keys == sorted(one.keys)
    assert one.sha256() == two.sha256()
    assert one.ids == two.ids
    assert one.annotation["target"].tolist() == two.annotation["target"].tolist()
    assert len(set(one.ids)) == len(one)


@given(ROWS)
def test_keys_give_back_the_rows(rows: list[Row]) -> None:
    want = sorted((c, p, -1.0 if d != d else d, -1.0 if t != t else t) for c, p, d, t in rows)
    conditions = table(rows)
    assert conditions.keys == want
    assert conditions.treatments == [key[1:] for key in want]
    assert conditions.ids == [label(key) for key in want]


@pytest.mark.parametrize(
    ("parts", "dose", "name"),
    [
        (["A", "A"], [NAN, NAN], r"condition c \| A is listed twice"),
        ([["A", "B"], ["B", "A"]], [1.0, 1.0], r"condition c \| A\+B \| 1 is listed twice"),
    ],
)
def test_duplicates_are_refused(parts: list[str], dose: list[float], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Conditions.make(["c", "c"], parts, dose)


@pytest.mark.parametrize(
    "columns",
    [
        {"parts": ["A"]},
        {"parts": ["A", "B", "C"]},
        {"dose": [1.0]},
        {"time": [1.0, 2.0, 3.0]},
        {"modality": ["drug"] * 3},
        {"annotation": {"target": ["x"] * 3}},
    ],
)
def test_columns_of_another_length_are_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Conditions.make(["c", "d"], **({"parts": ["A", "B"]} | columns))


@given(ROWS, st.data())
def test_take_and_locate(rows: list[Row], data: st.DataObject) -> None:
    conditions = table(rows)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), dtype=bool)
    index = np.flatnonzero(mask)
    some = conditions.take(mask)
    assert some.keys == [conditions.keys[i] for i in index]
    assert some.annotation["target"].tolist() == conditions.annotation["target"][index].tolist()
    assert conditions.take(index[::-1]).keys == some.keys
    np.testing.assert_array_equal(conditions.locate(some), index)
    back = some.locate(conditions)
    assert ((back >= 0) == mask).all()
    assert back[mask].tolist() == list(range(len(some)))


def test_take_nothing() -> None:
    empty = example().take([])
    assert len(empty) == 0
    assert empty.ids == []
    assert len(Conditions.make([], [])) == 0


def test_locate_tells_missing_doses_from_given_ones() -> None:
    dosed = Conditions.make(["c", "c"], ["A", "A"], [0.0, NAN])
    assert dosed.locate(Conditions.make(["c"], ["A"])).tolist() == [0]
    assert dosed.locate(Conditions.make(["c"], ["A"], [0.0])).tolist() == [1]
    assert dosed.locate(Conditions.make(["c"], ["A"], [1.0])).tolist() == [-1]
    assert dosed.locate(Conditions.make(["d"], ["A"])).tolist() == [-1]


def test_sha256_is_that_of_the_written_out_keys() -> None:
    text = (
        "A549\x1fBRAF\x1eKRAS\x1f-1.0\x1f-1.0\nA549\x1ftrametinib\x1f0.5\x1f24.0\n"
        "A549\x1ftrametinib\x1f5.0\x1f24.0\nK562\x1fTP53\x1f-1.0\x1f-1.0"
    )
    assert example().sha256() == hashlib.sha256(text.encode()).hexdigest()
    assert example().sha256().startswith("f4391f3c04febef3")


def test_sha256_sees_every_part_of_a_key_and_nothing_else() -> None:
    one = Conditions.make(["c"], [["A", "B"]], [1.0], [2.0]).sha256()
    others = [
        Conditions.make(["d"], [["A", "B"]], [1.0], [2.0]),
        Conditions.make(["c"], ["A+B"], [1.0], [2.0]),
        Conditions.make(["c"], [["A", "B"]], [1.5], [2.0]),
        Conditions.make(["c"], [["A", "B"]], [1.0], [NAN]),
    ]
    assert one not in {other.sha256() for other in others}
    noted = Conditions.make(["c"], [["B", "A"]], [1], [2], ["drug"], {"moa": ["x"]})
    assert noted.sha256() == one


def test_columns_for_a_data_frame() -> None:
    columns = example().columns()
    assert list(columns) == ["context", "perturbation", "dose", "time", "modality", "target"]
    assert all(len(values) == 4 for values in columns.values())


def test_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        example().dose = np.zeros(4)  # type: ignore[misc]
