"""The base of every stored table: frozen, closed, no NaN."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from vcassay.core.panel import Panel, number

KEPT = frozenset({str, int, bool, type(None)})
"""Types whose values are stored as they are."""


class Record(BaseModel):
    """A stored object.

    Unknown keys are refused, so that a reader never overlooks what a newer writer says, and NaN is
    stored as ``null`` beside a status or a reason, never as a number, however deep it lies.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def panel(self) -> Panel:
        """What it says of itself: the fields that are a single word or number."""
        simple = {k: v for k, v in self if isinstance(v, str | int | float) and v != ""}
        facts = tuple(
            (k.rstrip("_").replace("_", " "), number(v) if type(v) is float else str(v)) for k, v in simple.items()
        )
        return Panel(type(self).__name__.removesuffix("Record"), facts=facts)

    def _repr_html_(self) -> str:
        return self.panel().html()

    @model_validator(mode="before")
    @classmethod
    def _no_nan(cls, data: Any) -> Any:
        return _plain(data)


def _plain(value: Any) -> Any:
    """Turn numpy scalars into Python's, and what is not finite into ``None``."""
    if isinstance(value, dict):
        return {k: v if type(v) in KEPT or (type(v) is float and isfinite(v)) else _plain(v) for k, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)([v if type(v) in KEPT else _plain(v) for v in value])
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value


class Reasoned(Record):
    """A sentence and why it holds."""

    sentence: str
    reason: str
