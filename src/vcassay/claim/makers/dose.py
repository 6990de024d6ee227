"""Doses: held out between, above or below the doses that are trained."""

from __future__ import annotations

import numpy as np

from vcassay.claim.makers.draw import draw, held_out
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError, Regime

WHERE = {"interpolation": "between", "extrapolation": "above", "low": "below"}


def dose_exclusive(conditions: Conditions, *, kind: str, fraction: float, seed: int) -> Split:
    """Hold out doses of a share of the perturbations, the same dose in every context.

    Parameters
    ----------
    kind
        ``interpolation`` (inner doses), ``extrapolation`` (the highest) or ``low`` (the lowest).

    Raises
    ------
    InputError
        If no perturbation has enough doses: three for interpolation, two otherwise.
    """
    if kind not in WHERE:
        raise InputError(f"no dose split is called '{kind}'", where="[split] kind", mend=f"use {', '.join(WHERE)}")
    levels: dict[str, set[float]] = {}
    names = conditions.perturbation.tolist()
    for name, dose in zip(names, conditions.dose.tolist(), strict=True):
        if np.isfinite(dose):
            levels.setdefault(name, set()).add(dose)
    needed = 3 if kind == "interpolation" else 2
    able = [name for name, doses in levels.items() if len(doses) >= needed]
    if not able:
        what = f"no perturbation has {needed} doses"
        raise InputError(what, where="[split] make", mend="name the dose column in [data], or use another split")
    held = set(draw(able, fraction, seed)) if len(able) > 1 else set(able)
    test = []
    for name, dose in zip(names, conditions.dose.tolist(), strict=True):
        doses = sorted(levels.get(name, ()))
        out = {"interpolation": doses[1:-1], "extrapolation": doses[-1:], "low": doses[:1]}[kind]
        test.append(name in held and dose in out)
    return Split(conditions, held_out(test), Regime.DOSE, seed, "dose", meta={"kind": kind})
