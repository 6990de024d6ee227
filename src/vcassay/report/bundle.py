"""What the page draws: the chart library, embedded once, and the data of the figures."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import vl_convert as vlc
from markupsafe import Markup

from vcassay.report.figures.figure import CONFIG, VL_VERSION, Figure, Row
from vcassay.report.shell import script_json

EXPORTS = "window.vegaEmbed = vegaEmbed;"


@cache
def library() -> str:
    """Vega, Vega-Lite and vega-embed in one script without imports, made once a process."""
    text: str = vlc.javascript_bundle(EXPORTS, vl_version=VL_VERSION)
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("the chart library cannot stand inside a script element")
    return text


def embedded(figures: Iterable[Figure]) -> Markup:
    """Everything that is drawn, as JSON that is safe inside a script element; each table once, by columns."""
    drawn = list(figures)
    tables: dict[str, Row] = {}
    for figure in drawn:
        for name, rows in figure.tables.items():
            tables.setdefault(name, _columns(rows))
    payload = {"config": CONFIG, "tables": tables, "figures": {f.name: f.spec | {"description": f.alt} for f in drawn}}
    return script_json(payload)


def _columns(rows: list[Row]) -> Row:
    """Rows as lists; a column of repeated text as numbers of its levels."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    levels: dict[str, list[str]] = {}
    for column in columns:
        values = [row.get(column) for row in rows]
        if all(isinstance(v, str) for v in values) and 2 * len(set(values)) <= len(values):
            levels[column] = sorted({str(v) for v in values})
    code = {c: {text: i for i, text in enumerate(found)} for c, found in levels.items()}
    written = [[code[c][row[c]] if c in code else row.get(c) for c in columns] for row in rows]
    return {"columns": columns, "levels": levels, "rows": written}
