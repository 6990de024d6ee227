"""The split grid as one SVG drawing: without scripts, for the page, for slides and for papers."""

from __future__ import annotations

import pandas as pd

from vcassay.report.figures.grid import Grid, split_grid
from vcassay.report.figures.layout import MARGIN, SPAN, WIDTH, Layout, lay_out
from vcassay.report.figures.marks import STACK, draw_runs, draw_shares, paint, stroke
from vcassay.report.figures.pattern import ROLES
from vcassay.report.svg import clip, coordinate, document, rect, text, text_width, wrap
from vcassay.report.wording import count, listing

HEADS = {"train": "train", "val": "val.", "test": "test", "excluded": "excl.", "mixed": "both"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def grid_svg(conditions: pd.DataFrame, title: str = "") -> str:
    """Draw the grid of a split as an SVG file that stands alone.

    Parameters
    ----------
    conditions
        One row a condition: context, perturbation, dose, time, role; further columns are not read
        but for ``modality``.
    title
        Written above it.

    Returns
    -------
    An SVG document of 960 pixels' width on white paper, without scripts, styles or references. The
    same for any order of the rows.
    """
    grid = split_grid(conditions)
    if grid is not None:
        return draw_grid(grid, title=title or "Split", paper=True) + "\n"
    body = [_paper(80), text(MARGIN, 34, title or "Split", 17, bold=True), text(MARGIN, 60, "No condition.", 12.5)]
    return document(title or "Split", "The table holds no condition.", body, (0, WIDTH, 80)) + "\n"


def draw_grid(grid: Grid, *, title: str = "", paper: bool = False) -> str:
    """Draw a grid.

    Parameters
    ----------
    title
        Written above it on paper; a page has one of its own.
    paper
        Whether to lay white paper under it, with a margin.
    """
    plan = lay_out(grid)
    body: list[str] = []
    y = 0.0
    if paper:
        y += MARGIN
        for part in wrap(title, 17, SPAN):
            y += 22
            body.append(text(MARGIN, y - 4, part, 17, bold=True))
    y += 18
    total = f"{grid.size}, {count(sum(grid.totals.values()), 'condition')}"
    body.append(text(MARGIN, y - 4, total, 12.5, color="ink-2"))
    key, y = _legend(grid, y + 8)
    heads, y = _heads(grid, plan, y + 16)
    lines, y = _lines(grid, plan, y)
    words, y = _words(grid, plan, y + 10)
    body += [*key, *heads, *lines, *words]
    if not paper:
        return document(title or "Split", grid.alt(), body, (MARGIN, SPAN, y + 6))
    return document(title, grid.alt(), [_paper(y + MARGIN), *body], (0, WIDTH, y + MARGIN))


def _paper(height: float) -> str:
    return rect(0, 0, WIDTH, height, 'fill="#ffffff"')


def _legend(grid: Grid, y: float) -> tuple[list[str], float]:
    """Swatch, word and number of conditions of each role; a role that only cells have is counted in cells."""
    entries = [(role, f"{grid.word(role)} {n:,}") for role, n in grid.totals.items()]
    if "mixed" in grid.places and "mixed" not in grid.totals:
        entries.append(("mixed", f"{grid.word('mixed')} in {count(grid.places['mixed'], 'cell')}"))
    if "absent" in grid.places:
        entries.append(("absent", "not in the table"))
    out, x = [], float(MARGIN)
    y += 14
    for role, words in entries:
        need = 20 + text_width(words, 12.5) + 18
        if x + need > WIDTH - MARGIN and x > MARGIN:
            x, y = float(MARGIN), y + 20
        out += paint(role, x, y - 11, 13, 13)
        out.append(text(x + 20, y, words, 12.5, name=f"n-{role}"))
        x += need
    return out, y


def _heads(grid: Grid, plan: Layout, y: float) -> tuple[list[str], float]:
    """Brackets of the groups, labels of roomy columns, and the heads of the numbers."""
    out = []
    y += 12
    for letter, group in zip(LETTERS, grid.groups, strict=False):
        low, high = plan.edges[group.start], plan.rights[group.stop - 1]
        long = f"{letter} · {group.short}"
        fits = text_width(long, 11.5) < high - low
        out.append(text((low + high) / 2, y, long if fits else letter, 11.5, bold=True, anchor="middle"))
        left, right, foot = map(coordinate, (low + 0.5, high - 0.5, y + 9))
        out.append(f'<path d="M{left} {foot}v-4H{right}v4" {stroke("ink-3")}/>')
    y += 14
    if plan.roomy:
        widths = plan.rights - plan.edges
        flat = all(text_width(x, 10.5) < w - 4 for x, w in zip(grid.columns, widths, strict=True))
        labels = [clip(x, 112, 10.5) for x in grid.columns]
        y += 12 if flat else max(text_width(x, 10.5) for x in labels) + 4
        for label, full, low, high in zip(labels, grid.columns, plan.edges, plan.rights, strict=True):
            mid = (low + high) / 2
            at, anchor = (mid, "middle") if flat else (mid + 3.6, "")
            out.append(text(at, y, label, 10.5, anchor=anchor, color="ink-2", turned=not flat, full=full))
        y += 3
    out += [text(at, y - 2, HEADS[role], 11, anchor="end", color="ink-3") for role, at in plan.numbers]
    return out, y


def _lines(grid: Grid, plan: Layout, y: float) -> tuple[list[str], float]:
    out = []
    size = min(11.5, plan.pitch * 0.84)
    height = plan.pitch - (1.5 if plan.pitch < 20 else 2.5)
    for band in grid.bands:
        y += 16
        out.append(text(plan.left, y - 4, band.text, 11, color="ink-2"))
        for i in range(band.start, band.stop):
            base = y + (height + size * 0.72) / 2
            label = clip(grid.lines[i], plan.left - MARGIN, size)
            out.append(text(plan.left - 8, base, label, size, anchor="end", full=grid.lines[i]))
            out += draw_shares(grid, plan, i, y, height) if i in plan.stacked else draw_runs(grid, plan, i, y, height)
            for role, at in plan.numbers:
                n = int(grid.conditions[i, ROLES.index(role)])
                out.append(text(at, base, f"{n:,}" if n else "–", size, anchor="end", color="ink" if n else "ink-3"))
            y += plan.pitch
        y += 4
    return out, y


def _words(grid: Grid, plan: Layout, y: float) -> tuple[list[str], float]:
    """Say below the grid what each group is, and what is to be known of the drawing."""
    out = []
    for letter, group in zip(LETTERS, grid.groups, strict=False):
        for i, part in enumerate(wrap(group.text, 12, SPAN - 22)):
            y += 17
            out += [text(MARGIN, y, letter, 12, bold=True)] if i == 0 else []
            out.append(text(MARGIN + 22, y, part, 12))
    notes = list(grid.notes)
    if plan.stacked:
        stack = listing([grid.word(ROLES[r]) for r in STACK if ROLES[r] in grid.places])
        said = "Where roles alternate too finely, the height of a colour is its share of the cells there"
        notes.insert(0, f"{said}; from the bottom: {stack}.")
    if plan.stretched:
        notes.append("Narrow groups are drawn wider than to scale.")
    y += 3
    for part in wrap(" ".join(notes), 11.5, SPAN) if notes else ():
        y += 16
        out.append(text(MARGIN, y, part, 11.5, color="ink-2"))
    return out, y
