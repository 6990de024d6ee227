"""Treatment: what was applied, whatever the context; a gene that is silenced and one that is activated are two."""

from __future__ import annotations

from typing import NamedTuple

from vcassay.claim.kind import modality_of
from vcassay.core import Conditions


class Treatment(NamedTuple):
    """What was applied.

    Attributes
    ----------
    parts
        Perturbations applied together, sorted.
    dose, time
        As in `Conditions.keys`: -1 where there is none.
    kind
        Modality in lower case; empty where none is stated.
    """

    parts: tuple[str, ...]
    dose: float
    time: float
    kind: str

    def of_part(self, part: str) -> Treatment:
        """Return one part alone, at the same dose and time and by the same means."""
        return Treatment((part,), self.dose, self.time, self.kind)


def treatments(conditions: Conditions) -> list[Treatment]:
    """Treatment of each condition, told apart as novelty tells them: by parts, modality, dose and time."""
    rows = zip(conditions.treatments, modality_of(conditions).tolist(), strict=True)
    return [Treatment(*treatment, kind) for treatment, kind in rows]
