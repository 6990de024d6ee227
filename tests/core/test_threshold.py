"""Thresholds: one value to a name."""

from __future__ import annotations

import pytest

from vcassay.core import Threshold
from vcassay.core import threshold as module


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REGISTERED", {})


def test_registered_by_name() -> None:
    b, a = Threshold("b", 0.2, "us"), Threshold("a", 0.1, "them")
    assert module.registered() == (a, b)


def test_the_same_again_is_no_clash() -> None:
    assert Threshold("a", 0.1, "us") == Threshold("a", 0.1, "us")
    assert len(module.registered()) == 1


@pytest.mark.parametrize(("value", "source"), [(0.2, "us"), (0.1, "them")])
def test_another_value_or_source_clashes(value: float, source: str) -> None:
    before = Threshold("a", 0.1, "us")
    with pytest.raises(ValueError, match="threshold 'a' is already registered"):
        Threshold("a", value, source)
    assert module.registered() == (before,)


@pytest.mark.parametrize("value", [0.5, 10])
def test_is_a_number(value: float) -> None:
    assert float(Threshold("a", value, "us")) == value
