"""For the pages that run: charts in the report's colours, drawn into the page as SVG that follows light and dark."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("NO_COLOR", "1")

import altair as alt
import vl_convert

from vcassay.report.figures.figure import CONFIG
from vcassay.report.palette import SERIES

VERSION = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def _inline(spec: dict[str, Any], **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VERSION)
    return {"text/html": f'<div class="figure">{svg}</div>', "text/plain": ""}, {}


@alt.theme.register("vcassay", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    return alt.theme.ThemeConfig(config={**CONFIG, "range": {"category": list(SERIES)}})


alt.renderers.register("inline", _inline)
alt.renderers.enable("inline")
