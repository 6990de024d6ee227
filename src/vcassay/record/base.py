"""The base of every stored table: frozen, closed, no NaN."""

from __future__ import annotations

import math
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Record(BaseModel):
    """A stored object.

    Unknown keys are refused, so that a reader never overlooks what a newer writer says, and NaN is
    stored as ``null`` beside a status or a reason, never as a number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _no_nan(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in data.items()}


class Reasoned(Record):
    """A sentence and why it holds."""

    sentence: str
    reason: str
