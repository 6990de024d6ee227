"""Doses and times: held out between, above or below those that are trained."""

from __future__ import annotations

import numpy as np

from vcassay.claim.makers.draw import draw, held_out
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError, Regime

WHERE = {"interpolation": "between", "extrapolation": "above", "low": "below"}


def dose_exclusive(conditions: Conditions, *, kind: str, fraction: float, seed: int, axis: str = "dose") -> Split:
    """Hold out doses (or times) of a share of the perturbations, the same in every context.

    Parameters
    ----------
    kind
        ``interpolation`` (inner doses), ``extrapolation`` (the highest) or ``low`` (the lowest).
    axis
        ``dose`` or ``time``.

    Raises
    ------
    InputError
        If no perturbation has enough doses: three for interpolation, two otherwise.
    """
    if kind not in WHERE:
        raise InputError(f"no dose split is called '{kind}'", where="[split] kind", mend=f"use {', '.join(WHERE)}")
    levels: dict[str, set[float]] = {}
    names = conditions.perturbation.tolist()
    values = (conditions.time if axis == "time" else conditions.dose).tolist()
    for name, dose in zip(names, values, strict=True):
        if np.isfinite(dose):
            levels.setdefault(name, set()).add(dose)
    needed = 3 if kind == "interpolation" else 2
    able = [name for name, doses in levels.items() if len(doses) >= needed]
    if not able:
        what = f"no perturbation has {needed} {axis}s"
        raise InputError(what, where="[split] make", mend=f"name the {axis} column in [data], or use another split")
    held = set(draw(able, fraction, seed)) if len(able) > 1 else set(able)
    test = []
    for name, dose in zip(names, values, strict=True):
        doses = sorted(levels.get(name, ()))
        out = {"interpolation": doses[1:-1], "extrapolation": doses[-1:], "low": doses[:1]}[kind]
        test.append(name in held and dose in out)
    regime = Regime.TIME if axis == "time" else Regime.DOSE
    return Split(conditions, held_out(test), regime, seed, axis, meta={"kind": kind})
