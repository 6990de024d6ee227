"""Where the parts of a grid stand on its drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.report.figures.grid import Grid
from vcassay.report.svg import text_width

WIDTH = 960
"""Of the drawing, in pixels."""
MARGIN = 20
SPAN = WIDTH - 2 * MARGIN
MAX_RUNS = 2000
"""Stretches of one role that are drawn one by one; a line with more than its part of them is drawn as shares."""
MAX_LABEL = 170.0
MAX_COLUMN = 34.0
MIN_GROUP = 15.0
GAP = 5.0
"""Between groups of columns."""
ROOMY = 10.5
"""Columns as wide as this are drawn one by one and labelled."""
PITCHES = ((4, 28.0), (8, 22.0), (16, 18.0), (30, 15.0))
"""Up to so many lines, so high."""
MIN_PITCH = 12.5


@dataclass(frozen=True, slots=True)
class Layout:
    """Places, in pixels."""

    left: float
    edges: NDArray[np.float64]
    """(columns,) left edge of each column."""
    rights: NDArray[np.float64]
    """(columns,) right edge of each column."""
    right: float
    pitch: float
    numbers: tuple[tuple[str, float], ...]
    """Roles counted at the right, and the right edge of each."""
    roomy: bool
    stacked: frozenset[int]
    """Lines drawn as shares."""
    stretched: bool


def lay_out(grid: Grid) -> Layout:
    """Share the width between labels, columns and numbers, and tell the lines that are too busy to draw."""
    n_lines, n_columns = grid.cells.shape[:2]
    left = MARGIN + min(MAX_LABEL, max(text_width(x, 11.5) for x in grid.lines)) + 8
    wide = [max(34.0, text_width(f"{grid.totals[role]:,}", 11) + 10) for role in grid.totals]
    gaps = GAP * (len(grid.groups) - 1)
    room = WIDTH - MARGIN - sum(wide) - left - 6 - gaps
    widths, stretched = _shares([g.stop - g.start for g in grid.groups], min(room, MAX_COLUMN * n_columns))
    starts, rights = np.zeros(n_columns), np.zeros(n_columns)
    x = left
    for group, width in zip(grid.groups, widths, strict=True):
        edges = x + width * np.arange(group.stop - group.start + 1) / (group.stop - group.start)
        starts[group.start : group.stop], rights[group.start : group.stop] = edges[:-1], edges[1:]
        x += width + GAP
    right = x - GAP
    at, numbers = right + 6, []
    for role, w in zip(grid.totals, wide, strict=True):
        at += w
        numbers.append((role, at))
    roomy = bool((rights - starts).min() >= ROOMY)
    finest = min(MAX_RUNS // n_lines, int((right - left) / 3))
    stacked = frozenset(
        i
        for i in range(n_lines)
        if not roomy and (_n_runs(grid.cells[i]) > finest or grid.cells[i].sum(axis=1).max() > 1)
    )
    pitch = (
        28.0 if n_lines <= 4 else 22.0 if n_lines <= 8 else 18.0 if n_lines <= 16 else 15.0 if n_lines <= 30 else 12.5
    )
    return Layout(left, starts, rights, right, pitch, tuple(numbers), roomy, stacked, stretched)


def _shares(sizes: Sequence[int], room: float) -> tuple[list[float], bool]:
    """Widths in proportion to sizes, none below what its letter needs."""
    floor = min(MIN_GROUP, room / len(sizes))
    small: set[int] = set()
    while True:
        free = room - floor * len(small)
        total = sum(n for i, n in enumerate(sizes) if i not in small)
        found = {i for i, n in enumerate(sizes) if i not in small and free * n / total < floor}
        if not found:
            break
        small |= found
    return [floor if i in small else free * n / total for i, n in enumerate(sizes)], bool(small)


def _n_runs(cells: NDArray[np.int64]) -> int:
    return 1 + int((np.diff(cells.argmax(axis=1)) != 0).sum())
