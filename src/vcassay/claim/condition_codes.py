"""Condition codes: the columns of a table as whole numbers, by which conditions are grouped and compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import join
from vcassay.claim.kind import modality_of
from vcassay.core import Conditions
from vcassay.core.memo import once

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ConditionCodes:
    """Whole numbers, (n,) each, for what makes a condition; equal where it is equal.

    Attributes
    ----------
    context, parts, modality, dose, time
        Columns of the table; a missing dose or time is a value of its own.
    identity
        Parts and modality.
    treatment
        Identity, dose and time.
    has_modality
        Whether a modality is stated.
    """

    context: Codes
    identity: Codes
    modality: Codes
    has_modality: NDArray[np.bool_]
    dose: Codes
    time: Codes
    treatment: Codes
    parts: Codes


@once
def code_conditions(table: Conditions) -> ConditionCodes:
    """Turn the columns of a table into codes, once for the claim and all checks on it."""
    place: dict[tuple[str, ...], int] = {}
    parts = np.array([place.setdefault(p, len(place)) for p in table.parts], dtype=np.int64)
    words = modality_of(table)
    modality, context, dose, time = (
        np.unique(x, return_inverse=True)[1].astype(np.int64) for x in (words, table.context, table.dose, table.time)
    )
    identity = join(parts, modality)
    treatment = join(identity, dose, time)
    return ConditionCodes(context, identity, modality, np.asarray(words != ""), dose, time, treatment, parts)
