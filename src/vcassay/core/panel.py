"""Panel: what an object says of itself, as text for a terminal and as HTML for a notebook."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

SHOWN_ROWS = 12
"""Rows of a panel's table; more are counted."""

STYLE = "font-variant-numeric:tabular-nums;border-collapse:collapse;margin:.4em 0"
CELL = "text-align:left;vertical-align:top;padding:.15em 1em .15em 0;border:0;background:none;color:inherit"
FAINT = "opacity:.72"


@dataclass(frozen=True, slots=True)
class Panel:
    """A heading, a sentence, facts and perhaps a table.

    Colours are left to the notebook, so that a panel reads on light and on dark paper.

    Attributes
    ----------
    title, lead
        What it is, and the sentence that matters.
    facts
        Pairs of name and value; one without a value is left out.
    columns, rows
        A table; of many rows the first `SHOWN_ROWS` are shown, and the rest is counted.
    total
        Number of rows in all, where ``rows`` holds only the first of them.
    whole
        Whether every row is shown, however many.
    notes
        Sentences below.
    """

    title: str
    lead: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()
    total: int | None = None
    whole: bool = False
    notes: tuple[str, ...] = ()

    @property
    def left_out(self) -> str:
        """What is said of the rows that are not shown; empty where all are."""
        more = (len(self.rows) if self.total is None else self.total) - len(self.shown)
        return f"... and {more:,} more" if more > 0 else ""

    @property
    def shown(self) -> Sequence[Sequence[str]]:
        """The first rows, or all."""
        return self.rows if self.whole else self.rows[:SHOWN_ROWS]

    def text(self) -> str:
        """Plain text, a line a fact; a single line where there is no more than the title."""
        lines = [self.title + (f": {self.lead}" if self.lead else "")]
        facts = [(name, value) for name, value in self.facts if value]
        width = max((len(name) for name, _ in facts), default=0)
        lines += [f"  {name:<{width}}  {value}" for name, value in facts]
        if self.shown:
            table = [self.columns, *self.shown]
            widths = [max(len(row[i]) for row in table) for i in range(len(self.columns))]
            lines += [
                "  " + "  ".join(f"{cell:<{w}}" for cell, w in zip(r, widths, strict=True)).rstrip() for r in table
            ]
        lines += [f"  {line}" for line in (self.left_out, *self.notes) if line]
        return "\n".join(lines)

    def html(self) -> str:
        """HTML without scripts or classes; everything in it is escaped."""
        parts = [f"<div><strong>{escape(self.title)}</strong>"]
        if self.lead:
            parts.append(f"<div>{escape(self.lead)}</div>")
        facts = [(name, value) for name, value in self.facts if value]
        if facts:
            rows = "".join(
                f'<tr><th scope="row" style="{CELL};font-weight:normal;{FAINT}">{escape(name)}</th>{_cell(value)}</tr>'
                for name, value in facts
            )
            parts.append(f'<table style="{STYLE}"><tbody>{rows}</tbody></table>')
        if self.shown:
            head = "".join(f'<th scope="col" style="{CELL}">{escape(c)}</th>' for c in self.columns)
            body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self.shown)
            parts.append(f'<table style="{STYLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')
        parts += [f'<div style="{FAINT}">{escape(line)}</div>' for line in (self.left_out, *self.notes) if line]
        return "".join(parts) + "</div>"


def _cell(text: str) -> str:
    return f'<td style="{CELL}">{escape(text)}</td>'


class Shown:
    """Shows itself by its panel: as text on a terminal, as HTML in a notebook."""

    __slots__ = ()

    @abstractmethod
    def panel(self) -> Panel:
        """What it says of itself."""

    def __repr__(self) -> str:
        return self.panel().text()

    def _repr_html_(self) -> str:
        return self.panel().html()


def number(value: float | None, digits: int = 3) -> str:
    """Write a measured number; one that is not defined is said to be so."""
    if value is None or value != value:  # NaN alone differs from itself
        return "undefined"
    return f"{value:.{digits}g}"
