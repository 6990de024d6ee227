"""Condition tables written by hand, a role beside each condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from vcassay.claim import Role, Split
from vcassay.core import Conditions


class Row(NamedTuple):
    """One condition and its role."""

    context: str
    perturbation: str
    role: str = "train"
    dose: float = np.nan
    time: float = np.nan
    modality: str = ""


def table(rows: Sequence[Row], **annotation: Any) -> Conditions:
    return Conditions.make(
        [r.context for r in rows],
        [r.perturbation.split("+") for r in rows],
        [r.dose for r in rows],
        [r.time for r in rows],
        [r.modality for r in rows],
        annotation or None,
    )


def split(rows: Sequence[Row], **more: Any) -> Split:
    conditions = table(rows)
    role = {table([r]).keys[0]: r.role for r in rows}
    return Split(conditions, np.array([role[key] for key in conditions.keys], dtype="<U8"), **more)


def grid(contexts: str, perturbations: str, **more: Any) -> list[Row]:
    """All pairs of single letters."""
    return [Row(c, p, **more) for c in contexts for p in perturbations]


TRAIN, VAL, TEST, EXCLUDED = (str(role) for role in (Role.TRAIN, Role.VAL, Role.TEST, Role.EXCLUDED))
