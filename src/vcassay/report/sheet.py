"""Sheet: a table as CSV (RFC 4180) that a spreadsheet shows and never computes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

Value = str | float | None

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff0b", "\uff0d", "\uff1d", "\uff20")
"""Beginnings of a text that spreadsheets take for a formula, in full width also."""


def csv_text(rows: Iterable[Sequence[Value]]) -> str:
    """Write rows as CSV; what is undefined is an empty cell.

    Numbers stay numbers. A text that a spreadsheet would run is quoted with an apostrophe: names of models and files
    are written by whom nobody knows.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(RUN) else value
    return "" if value is None or not math.isfinite(value) else repr(value)
