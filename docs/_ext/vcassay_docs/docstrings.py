"""Docstrings as the package writes them, made safe as reStructuredText."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, NumpyDocstring

LITERAL = re.compile(r"``.+?``|:\w+:`[^`]+`|`[^`]+`")
SETTINGS = Config(napoleon_use_param=False, napoleon_use_rtype=False, napoleon_use_ivar=True)


def safe(text: str) -> str:
    """Escape what reStructuredText would read as markup: stars, bars, and underscores that end a word."""
    parts, last = [], 0
    for match in LITERAL.finditer(text):
        parts += [_escaped(text[last : match.start()]), match[0]]
        last = match.end()
    return "".join([*parts, _escaped(text[last:])])


def _escaped(text: str) -> str:
    text = re.sub(r"([*|\\])", r"\\\1", text)
    return re.sub(r"_(?=\W|$)", r"\\_", text)


def safe_lines(lines: Iterable[str]) -> list[str]:
    """Escape line by line, except in indented literal blocks, which ``::`` announces."""
    found: list[str] = []
    inside: int | None = None
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if inside is not None and line.strip() and depth <= inside:
            inside = None
        found.append(line if inside is not None else safe(line))
        if inside is None and line.rstrip().endswith("::"):
            inside = depth
    return found


def as_rest(obj: Any) -> list[str]:
    """Lines of an object's docstring with its numpy sections as fields."""
    lines = safe_lines((inspect.getdoc(obj) or "").splitlines())
    return str(NumpyDocstring(lines, SETTINGS, what="function")).splitlines()


def _process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = safe_lines(lines)


def setup(app: Sphinx) -> None:
    """Come before napoleon, whose own markup is meant."""
    app.connect("autodoc-process-docstring", _process, priority=400)
