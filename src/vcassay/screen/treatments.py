"""Distinct perturbation labels, read: controls, parts of combinations, doses written in the label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.core.conditions import Parts, canonical
from vcassay.core.errors import first
from vcassay.screen.parse import parse_tuples, rounded, split_parts, unit_factor
from vcassay.screen.screen import CONTROL, Note

_PARTNER_CONTROLS = frozenset({"control", "ctrl", "non-targeting", "nontargeting"})
"""Parts of a combination that mean "no partner", whatever the control's own label is."""


@dataclass(frozen=True, slots=True, eq=False)
class Treatments:
    """What the distinct labels of the perturbation column mean.

    Attributes
    ----------
    code
        (labels,) index into the distinct treatments, or `CONTROL`.
    parts
        (treatments,) what was applied together, sorted.
    same
        (treatments,) the first treatment with the same parts, whatever the dose.
    dose, unit
        (treatments,) dose and unit written in the label; NaN and empty where none is.
    control
        The control labels as the file writes them; those asked for if none was met.
    notes
        (sentence, reason) of each thing that was mapped.
    """

    code: NDArray[np.int64]
    parts: tuple[Parts, ...]
    same: NDArray[np.int64]
    dose: NDArray[np.float64]
    unit: tuple[str, ...]
    control: tuple[str, ...]
    notes: tuple[Note, ...]

    def doses_in(self, unit: str, *, where: str) -> tuple[NDArray[np.float64], str]:
        """(treatments,) doses of the labels in ``unit``; if that is empty, in the first label's unit.

        Raises
        ------
        InputError
            If a label's unit cannot be converted.
        """
        written = [u for u in self.unit if u]
        to = unit or (written[0] if written else "")
        dose = self.dose.copy()
        for i in np.flatnonzero(~np.isnan(dose)):
            factor = unit_factor(self.unit[i], to)
            if factor is None:
                raise InputError(
                    f"a label states its dose in '{self.unit[i]}', which cannot be turned into '{to}'",
                    where=where,
                    mend="state the unit of the labels as dose_unit",
                )
            dose[i] = rounded(dose[i] * factor)
        return dose, to


def read_treatments(labels: Sequence[str], control: Sequence[str], delimiter: str | None) -> Treatments:
    """Read distinct labels.

    A label is a control if it, or each of its parts, is one of ``control``: as written, or, if no
    label is, whatever the case. A control partner (``A+ctrl``) is dropped.
    """
    wanted = set(control)
    split = [_split(label, delimiter) for label in labels]
    exact = [
        label in wanted or all(p in wanted for p, _, _ in parts) for label, parts in zip(labels, split, strict=True)
    ]
    notes: list[Note] = []
    if wanted and not any(exact):
        folded = {c.casefold() for c in wanted}
        exact = [
            label.casefold() in folded or all(p.casefold() in folded for p, _, _ in parts)
            for label, parts in zip(labels, split, strict=True)
        ]
        if any(exact):
            found = first(label for label, hit in zip(labels, exact, strict=True) if hit)
            notes.append((f"Control label {found} was matched whatever its case.", "no label matched as written"))
    met = tuple(label for label, hit in zip(labels, exact, strict=True) if hit)
    partners = wanted | _PARTNER_CONTROLS

    index: dict[tuple[Parts, float | None, str], int] = {}
    code = np.full(len(labels), CONTROL, dtype=np.int64)
    without, repeated, apart = [], [], []
    for i, (label, parts) in enumerate(zip(labels, split, strict=True)):
        if exact[i]:
            continue
        kept = [p for p in parts if p[0] not in wanted and p[0].casefold() not in partners] if len(parts) > 1 else parts
        if not kept:
            met += (label,)
            continue
        if len(kept) < len(parts):
            without.append(label)
        if len(set(kept)) < len(kept):
            repeated.append(label)
        distinct = sorted(set(kept))
        quantities = {(d, u) for _, d, u in distinct}
        if len(quantities) == 1:
            dose, unit = next(iter(quantities))
            names = [name for name, _, _ in distinct]
        else:
            apart.append(label)
            dose, unit = None, ""
            names = [name if d is None else f"{name} ({d:g} {u})" for name, d, u in distinct]
        code[i] = index.setdefault((canonical(names), dose, unit), len(index))
    for met_labels, sentence, reason in (
        (without, "were read without their control partner", "a control partner is no perturbation"),
        (repeated, "name a part twice, which was counted once", "the parts of a combination are a set"),
        (apart, "keep their doses in the names of their parts", "the partners' doses differ"),
    ):
        if met_labels:
            notes.append((f"{len(met_labels)} labels ({first(met_labels, 3)}) {sentence}.", reason))
    keys = list(index)
    earliest: dict[Parts, int] = {}
    same = [earliest.setdefault(key[0], i) for i, key in enumerate(keys)]
    return Treatments(
        code=code,
        parts=tuple(key[0] for key in keys),
        same=np.asarray(same, dtype=np.int64),
        dose=np.asarray([np.nan if key[1] is None else key[1] for key in keys], dtype=np.float64),
        unit=tuple(key[2] for key in keys),
        control=tuple(met) or tuple(control),
        notes=tuple(notes),
    )


def _split(label: str, delimiter: str | None) -> list[tuple[str, float | None, str]]:
    """(name, dose, unit) of each part; dose ``None`` where the label states none."""
    tuples = parse_tuples(label)
    if tuples is not None:
        return [(name, dose, unit) for name, dose, unit in tuples]
    return [(part, None, "") for part in split_parts(label, delimiter)]
