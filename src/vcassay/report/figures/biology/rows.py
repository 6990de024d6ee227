"""Rows: the evidence rows of one kind that a diagnostic stored, by whom they speak of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from vcassay.record import AssessmentRecord

EvidenceRow = Mapping[str, Any]


def rows_of(record: AssessmentRecord, check: str, kind: str) -> dict[str | None, list[EvidenceRow]]:
    """Evidence rows of a kind, by model in the record's order, ``None`` for the study; only those that have some."""
    found: dict[str | None, list[EvidenceRow]] = {}
    order = [None, *(m.name for m in record.models)]
    for name in order:
        own = [r for f in record.findings if f.check == check and f.model == name for r in f.evidence]
        rows: list[EvidenceRow] = [r for r in own if r.get("kind") == kind]
        if rows:
            found[name] = rows
    return found


def known(value: object) -> TypeGuard[float]:
    """Whether a cell of a row is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def slot(record: AssessmentRecord, model: str | None) -> int:
    """Position of a model among the record's; -1 for the study."""
    return next((i for i, m in enumerate(record.models) if m.name == model), -1)
