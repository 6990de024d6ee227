"""Marks of a grid's roles: paint that differs in texture as well as in colour, stretches and shares of a line."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vcassay.report.figures.grid import Grid
from vcassay.report.figures.layout import Layout
from vcassay.report.figures.pattern import ABSENT, ROLES
from vcassay.report.palette import LIGHT
from vcassay.report.svg import coordinate, rect, safe
from vcassay.report.wording import count

STACK = (3, 5, 4, 2, 1)
"""Roles from the bottom up where a line is drawn as shares."""
STEP = 4.0
"""Width of a step of shares."""
TEXTURES = {"val": ("ink-2", 2.0, 6.0), "excluded": ("ink-3", 0.8, 6.0), "mixed": ("test", 2.8, 8.0)}
"""Ink, thickness and distance of the dots or lines on the roles that are told by more than their colour."""


def paint(role: str, x: float, y: float, width: float, height: float, full: str = "") -> list[str]:
    """Paint a rectangle with a role: dots, thin lines upwards or thick lines downwards on some, a frame for none.

    The lines are drawn, not tiled, so that they print and open everywhere.
    """
    if role == "absent":
        return [rect(x, y, width, height, stroke("rule-strong"), full)]
    parts = [rect(x, y, width, height, f'fill="{LIGHT["train" if role == "mixed" else role]}"', full)]
    if role not in TEXTURES:
        return parts
    ink, thick, step = TEXTURES[role]
    inset = thick / 2
    box = (x + inset, y + inset, x + width - inset, y + height - inset)
    if width <= thick:
        return parts
    d = _dots(*box, step) if role == "val" else _hatch(*box, step, down=role == "mixed")
    ends = f' stroke-linecap="round" stroke-dasharray="0 {coordinate(step)}"' if role == "val" else ""
    return [*parts, f'<path d="{d}" {stroke(ink)} stroke-width="{thick}" pointer-events="none"{ends}/>']


def stroke(color: str) -> str:
    """Attributes of a line in a colour of the palette."""
    return f'fill="none" stroke="{LIGHT[color]}"'


def _dots(left: float, top: float, right: float, bottom: float, step: float) -> str:
    """Lines to be dashed into dots, spread over the height."""
    n = max(1, int((bottom - top) / step + 0.6))
    gap = (bottom - top) / n
    rows = (top + gap * (k + 0.5) for k in range(n))
    return "".join(f"M{coordinate(left + 1)} {coordinate(y)}H{coordinate(max(right, left + 1.1))}" for y in rows)


def _hatch(left: float, top: float, right: float, bottom: float, step: float, *, down: bool) -> str:
    """Diagonals of a rectangle, in step with those of its neighbours."""
    parts = []
    low, high = (-right, -left) if down else (left, right)
    for c in np.arange(np.ceil((low + top) / step), (high + bottom) / step) * step:
        x0, y0, x1, y1 = max(low, c - bottom), min(bottom, c - low), min(high, c - top), max(top, c - high)
        x0, x1 = (-x0, -x1) if down else (x0, x1)
        parts.append(f"M{coordinate(x0)} {coordinate(y0)}L{coordinate(x1)} {coordinate(y1)}")
    return "".join(parts)


def draw_runs(grid: Grid, plan: Layout, i: int, y: float, height: float) -> list[str]:
    """One rectangle a stretch of one role, or a cell where columns are roomy."""
    role = grid.cells[i].argmax(axis=1)
    ends = {g.stop for g in grid.groups}
    cuts = [j for j in range(len(role)) if j == 0 or plan.roomy or j in ends or role[j] != role[j - 1]]
    out = []
    for start, stop in pairwise([*cuts, len(role)]):
        if role[start] == ABSENT:
            continue
        low, high = plan.edges[start], plan.rights[stop - 1] - (1.5 if plan.roomy else 0)
        names = grid.columns[start:stop]
        what = names[0] if len(names) == 1 else f"{len(names):,} from {names[0]} to {names[-1]}"
        title = f"{grid.lines[i]}: {what}: {grid.word(ROLES[role[start]])}"
        out += paint(ROLES[role[start]], low, y, high - low, height, title)
    return out


def draw_shares(grid: Grid, plan: Layout, i: int, y: float, height: float) -> list[str]:
    """One path a role, stacked from the bottom: its height is its share of the cells in a step."""
    steps: list[tuple[float, float, NDArray[np.float64]]] = []
    for group in grid.groups:
        low, high = plan.edges[group.start], plan.rights[group.stop - 1]
        n = group.stop - group.start
        k = max(1, min(n, int((high - low) / STEP)))
        cuts = np.arange(k) * n // k
        share = np.add.reduceat(grid.cells[i, group.start : group.stop], cuts, axis=0)
        share = share / share.sum(axis=1, keepdims=True)
        x = np.append(plan.edges[group.start + cuts], high)
        steps += [(x[j], x[j + 1], share[j]) for j in range(k)]
    out = []
    for at in range(len(STACK), 0, -1):
        role = ROLES[STACK[at - 1]]
        if not any(s[STACK[at - 1]] for _, _, s in steps):
            continue
        tops = [(a, b, float(s[list(STACK[:at])].sum())) for a, b, s in steps]
        n = int(grid.cells[i, :, STACK[at - 1]].sum())
        title = safe(f"{grid.lines[i]}: {grid.word(role)} in {count(n, 'cell')}")
        out.append(f'<path d="{_outline(tops, y, height)}" fill="{LIGHT[role]}"><title>{title}</title></path>')
    return out


def _outline(tops: Iterable[tuple[float, float, float]], y: float, height: float) -> str:
    """Outline of bars that stand on one floor; neighbours of the same height are one."""
    floor = y + height
    d, at, level = [], -1.0, 0.0
    for low, high, share in tops:
        if abs(low - at) > 0.01 or share != level:
            if level and (abs(low - at) > 0.01 or not share):
                d.append(f"H{coordinate(at)}V{coordinate(floor)}Z")
                level = 0.0
            if share and not level:
                d.append(f"M{coordinate(low)} {coordinate(floor)}V{coordinate(floor - height * share)}")
            elif share:
                d.append(f"H{coordinate(low)}V{coordinate(floor - height * share)}")
        at, level = high, share
    if level:
        d.append(f"H{coordinate(at)}V{coordinate(floor)}Z")
    return "".join(d)
