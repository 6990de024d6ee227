"""Shell of every page: templates that escape, styles and scripts beside them, and the policy of what may run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from vcassay.report import wording

if TYPE_CHECKING:
    from vcassay.report.figures import Figure

TEMPLATES = Path(__file__).parent / "templates"


def policy(scripts: Iterable[str]) -> str:
    """Content security policy: nothing is fetched, and only these very scripts run."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def script_json(value: Any) -> Markup:
    """JSON in which no character can end or open a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # every character that matters was replaced above


@cache
def source(name: str) -> str:
    """Text of a file beside the templates: a script or a stylesheet."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def templates() -> Environment:
    """Templates of the pages, their filters and shared values; everything that is put into them is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": wording.number,
        "percent": wording.percent,
        "sentence": wording.sentence,
        "listing": wording.listing,
        "static": static_drawing,
    }
    environment.globals |= {"status_mark": wording.status_mark, "count": wording.count}
    return environment


def static_drawing(figure: Figure) -> Markup:
    """SVG for readers without scripts; its labels were escaped when it was drawn."""
    return Markup(figure.drawing())
