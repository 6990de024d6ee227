"""The axis of effect size: linear around zero, logarithmic beyond, so that effects below noise stay visible."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import numpy as np

from vcassay.record import StratumRecord
from vcassay.report.palette import LIGHT, STRATA, stratum_color
from vcassay.report.wording import number

FALLBACK_LINEAR = 0.02


def linear_until(strata: tuple[StratumRecord, ...]) -> float:
    """Effect size up to which the axis is linear: the lowest bound between strata."""
    bounds = [b for s in strata for b in (s.effect_low, s.effect_high) if b is not None and b > 0]
    return min(bounds, default=FALLBACK_LINEAR)


def domain(effects: np.ndarray[Any, Any], constant: float) -> tuple[float, float]:
    """Range that holds every finite effect, with a little room."""
    known = effects[np.isfinite(effects)]
    if not known.size:
        return -constant, 10 * constant
    low, high = warp(float(known.min()), constant), warp(float(known.max()), constant)
    room = 0.03 * (high - low or 1.0)
    return unwarp(low - room, constant), unwarp(high + room, constant)


def warp(x: float, constant: float) -> float:
    """Symmetric logarithm."""
    return math.copysign(math.log1p(abs(x) / constant), x)


def unwarp(u: float, constant: float) -> float:
    """Inverse of `warp`."""
    return math.copysign(constant * math.expm1(abs(u)), u)


def edges(low: float, high: float, constant: float, bounds: list[float], bins: int = 36) -> list[float]:
    """Bin edges that are even on the warped axis and include the bounds between strata."""
    even = np.linspace(warp(low, constant), warp(high, constant), bins + 1)
    inner = [warp(b, constant) for b in bounds if low < b < high]
    step = (even[1] - even[0]) / 2
    kept = [u for u in even if all(abs(u - v) > step for v in inner)]
    ends = {float(even[0]), float(even[-1])}
    return [unwarp(u, constant) for u in sorted({float(u) for u in kept} | set(inner) | ends)]


def ticks(low: float, high: float, constant: float) -> list[float]:
    """Tick values: zero, and 1-2-5 numbers beyond the linear part that are far enough apart to be read."""
    decade = math.floor(math.log10(constant))
    steps = [m * 10.0**d for d in range(decade, decade + 6) for m in (1, 2, 5)]
    values = [0.0] + [s for s in steps if s >= constant * 0.8] + [-s for s in steps if s >= constant * 0.8]
    inside = sorted((v for v in values if low <= v <= high), key=lambda v: (abs(v), v))
    room = (warp(high, constant) - warp(low, constant)) / 14
    chosen: list[float] = []
    for value in inside:
        if all(abs(warp(value, constant) - warp(other, constant)) >= room for other in chosen):
            chosen.append(value)
    return sorted(float(f"{v:.6g}") for v in chosen)


def axis_x(low: float, high: float, constant: float, title: str = "Effect size (debiased, root mean square)") -> Any:
    """Scale and axis for an encoding on ``effect``."""
    scale = alt.Scale(type="symlog", constant=constant, domain=[low, high], nice=False)
    return scale, alt.Axis(title=title, values=ticks(low, high, constant), format="~g", labelOverlap=True)


def bounds_of(strata: tuple[StratumRecord, ...]) -> list[float]:
    """Bounds between strata, sorted."""
    return sorted({b for s in strata for b in (s.effect_low, s.effect_high) if b is not None})


def strata_scale(present: list[str]) -> alt.Scale:
    """Colour scale over the strata that occur, in order of strength."""
    names = [s for s in STRATA if s in present] + sorted(s for s in present if s not in STRATA)
    return alt.Scale(domain=names, range=[stratum_color(s) for s in names])


def spans(strata: tuple[StratumRecord, ...], low: float, high: float) -> dict[str, tuple[float, float]]:
    """Where each stratum lies on the axis; open ends reach the edge, strata without bounds are left out."""
    found = {}
    for stratum in strata:
        if stratum.effect_low is None and stratum.effect_high is None:
            continue
        left = low if stratum.effect_low is None else max(low, stratum.effect_low)
        right = high if stratum.effect_high is None else min(high, stratum.effect_high)
        if right > left:
            found[stratum.name] = (left, right)
    return found


def bound_text(stratum: StratumRecord) -> str:
    """Write the bounds of a stratum."""
    low, high = stratum.effect_low, stratum.effect_high
    if low is None and high is None:
        return "no bounds"
    if low is None:
        return f"below {number(high)}"
    return f"{number(low)} and above" if high is None else f"{number(low)} to {number(high)}"


GUIDE = LIGHT["rule-strong"]
