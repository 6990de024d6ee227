"""Figure: a Vega-Lite drawing, the tables it draws and what it says in words."""

from __future__ import annotations

import copy
import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import altair as alt
import vl_convert as vlc

from vcassay.report.palette import LIGHT

Row = dict[str, Any]
Table = list[Row]

MAX_POINTS = 3000
"""More than this are drawn as counts, and the figure says so."""

STANDALONE_WIDTH = 560
FALLBACK_LIMIT = 100_000
"""Characters; a drawing that is longer is left to its table where scripts do not run."""

LONG_NUMBER = re.compile(r"(?<![\w.>])-?\d+\.\d{3,}(?=[,) \"A-Z])")
"""Coordinates finer than they can be seen; words of a drawing stand between brackets or in titles of their own."""

VL_VERSION = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])

SANS = "ui-sans-serif, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"

CONFIG: Row = {
    "background": "transparent",
    "font": SANS,
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": True,
        "gridColor": LIGHT["rule"],
        "labelColor": LIGHT["ink-2"],
        "labelFontSize": 11.5,
        "labelPadding": 6,
        "titleColor": LIGHT["ink-2"],
        "titleFontSize": 11.5,
        "titleFontWeight": "normal",
        "titlePadding": 9,
    },
    "legend": {
        "labelColor": LIGHT["ink-2"],
        "labelFontSize": 11.5,
        "orient": "top",
        "symbolType": "circle",
        "title": None,
        "offset": 4,
    },
    "text": {"font": SANS, "fontSize": 11.5, "fill": LIGHT["ink-2"]},
}


@dataclass(frozen=True)
class Figure:
    """A drawing.

    Attributes
    ----------
    name
        File name below ``figures/`` and part of its anchor on the page.
    title, alt
        What it shows, in a few words and in one sentence for those who cannot see it.
    spec
        Vega-Lite over named tables, as wide as its container.
    tables
        The named tables; equal names hold equal rows, so that the page embeds each once.
    caption, note
        How to read it, and what was aggregated or left out.
    model
        The model it is about, or ``None``.
    """

    name: str
    title: str
    alt: str
    spec: Row
    tables: dict[str, Table]
    caption: str = ""
    note: str = ""
    model: str | None = None
    height: int = 240

    def standalone(self) -> Row:
        """Return the same drawing with its data, its theme and a width of its own."""
        spec = copy.deepcopy(self.spec) | {"config": CONFIG, "width": STANDALONE_WIDTH}
        spec["title"] = {"text": self.title, "anchor": "start", "fontSize": 13}
        return spec | {"datasets": self.tables, "description": self.alt}

    def chart(self) -> Any:
        """Return the same drawing as an Altair chart with its data, to be restyled or saved."""
        kind = alt.LayerChart if "layer" in self.spec else alt.Chart
        return kind.from_dict(self.standalone(), validate=False)

    def _repr_svg_(self) -> str:
        """What a notebook shows: a drawing on light paper that needs no network."""
        spec = self.standalone()
        return _svg(json.dumps(spec | {"config": CONFIG | {"background": LIGHT["card"]}}))

    def drawing(self) -> str:
        """Return a static SVG for readers without scripts, an image with a text; empty where it would be too long."""
        spec = self.standalone()
        del spec["title"]
        spec["config"] = CONFIG | {"aria": False}
        svg = LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", _svg(json.dumps(spec)))
        svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(self.alt)}" ', 1)
        return svg if len(svg) <= FALLBACK_LIMIT else ""


@lru_cache(maxsize=256)
def _svg(spec: str) -> str:
    drawn: str = vlc.vegalite_to_svg(spec, vl_version=VL_VERSION)
    return drawn


def renamed(spec: Any, names: dict[str, str]) -> Any:
    """Copy a specification and let it draw tables of other names: one drawing serves many panels."""
    if isinstance(spec, list):
        return [renamed(part, names) for part in spec]
    if not isinstance(spec, dict):
        return spec
    copied = {key: renamed(part, names) for key, part in spec.items()}
    data = copied.get("data")
    if isinstance(data, dict) and data.get("name") in names:
        copied["data"] = {"name": names[data["name"]]}
    return copied


def finish(chart: Any, *, height: int) -> Row:
    """Turn a chart over named tables into a plain dict as wide as its container.

    The tests hold every specification against the schema; doing so here would double the time of a page.
    """
    spec: Row = chart.to_dict(validate=False)
    spec.pop("config", None)
    spec["width"] = "container"
    spec["height"] = height
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def clean(rows: Table, digits: int = 6) -> Table:
    """Replace numbers that are not finite by null and shorten the rest: six digits are drawn alike."""
    return [{key: _value(value, digits) for key, value in row.items()} for row in rows]


def _value(value: Any, digits: int) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    number = float(value)
    return float(f"{number:.{digits}g}") if math.isfinite(number) else None
