"""Stored objects are closed, frozen and free of NaN."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from vcassay.record import FindingRecord, ThresholdRecord, dump_json
from vcassay.record.base import Reasoned, Record

NOT_FINITE = [float("nan"), float("inf"), -float("inf"), np.float64("nan"), np.float32("nan"), np.float16("inf")]


class Nested(Record):
    value: float | None
    table: dict[str, Any]
    rows: tuple[dict[str, Any], ...] = ()


@pytest.mark.parametrize("value", NOT_FINITE)
def test_what_is_not_finite_is_stored_as_null_at_any_depth(value: float) -> None:
    record = Nested(
        value=value, table={"a": value, "b": {"c": [1.5, value, (value, 2)]}}, rows=({"x": value}, {"x": 0.5})
    )
    assert record.value is None
    stored = json.loads(dump_json(record))
    assert stored["table"] == {"a": None, "b": {"c": [1.5, None, [None, 2]]}}
    assert stored["rows"] == [{"x": None}, {"x": 0.5}]


def test_nan_never_stands_for_a_number_that_is_required() -> None:
    with pytest.raises(ValidationError, match="value"):
        ThresholdRecord(name="alpha", value=float("nan"), source="us")


def test_numpy_scalars_become_plain_values() -> None:
    evidence = {"n": np.int64(3), "ok": np.bool_(True), "r": np.float32(0.5), "id": np.str_("a")}
    finding = FindingRecord(check="L01", title="t", status="PASS", sentence="s", evidence=(evidence,))
    assert json.loads(dump_json(finding))["evidence"] == [{"n": 3, "ok": True, "r": 0.5, "id": "a"}]
    assert {type(v) for v in finding.evidence[0].values()} == {int, bool, float, str}


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Reasoned(sentence="s", reason="r", colour="red")  # type: ignore[call-arg]


def test_frozen() -> None:
    record = Reasoned(sentence="s", reason="r")
    with pytest.raises(ValidationError, match="frozen"):
        record.sentence = "t"
