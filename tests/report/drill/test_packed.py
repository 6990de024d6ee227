"""Columns are packed without losing what is shown of them."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import pytest

from vcassay.report.drill.packed import Packed


def unpack(payload: dict[str, Any], name: str) -> np.ndarray:
    """Undo it as the page's script does."""
    data = np.frombuffer(zlib.decompress(base64.b64decode(payload["data"])), np.uint8)
    column, n = payload["columns"][name], payload["n"]
    kind = np.dtype(column["type"]).newbyteorder("<")
    planes = data[column["at"] : column["at"] + n * kind.itemsize].reshape(kind.itemsize, n)
    values = np.ascontiguousarray(planes.T).view(kind).ravel()
    return np.array([column["levels"][v] for v in values]) if "levels" in column else values


def test_every_kind_comes_back() -> None:
    rng = np.random.default_rng(1)
    n = 700
    exact = rng.normal(size=n) * 10.0 ** rng.integers(-6, 6, n)
    exact[3] = np.nan
    packed = Packed(n)
    packed.numbers("single", exact)
    packed.numbers("half", exact / 1e4, half=True)
    packed.numbers("too large for half", exact, half=True)
    packed.counts("many", np.arange(n))
    packed.levels("text", [f"<{i % 5}>" for i in range(n)])
    payload = packed.payload()
    assert payload["columns"]["too large for half"]["type"] == "f4"
    np.testing.assert_allclose(unpack(payload, "single"), exact, rtol=1e-5)
    np.testing.assert_allclose(unpack(payload, "half"), exact / 1e4, rtol=1e-3, atol=1e-7)
    assert unpack(payload, "many").tolist() == list(range(n))
    assert unpack(payload, "text").tolist() == [f"<{i % 5}>" for i in range(n)]
    assert packed.payload() == payload


def test_levels_may_be_missing_numbers() -> None:
    packed = Packed(3)
    packed.levels("dose", [0.5, None, 0.05])
    assert packed.payload()["columns"]["dose"]["levels"] == [0.05, 0.5, None]


def test_a_column_of_another_length_or_below_zero_is_refused() -> None:
    packed = Packed(2)
    with pytest.raises(ValueError, match="has 3 rows, not 2"):
        packed.numbers("a", [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="no count"):
        packed.counts("b", [1, -1])
