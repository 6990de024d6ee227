"""Report: HTML, Markdown, terminal and figures, all from the stored record.

The functions are loaded when asked for, so that a summary on the terminal needs no chart library.
"""

from importlib import import_module
from typing import Any

__all__ = ["print_summary", "render_html", "render_markdown", "write_report"]

_HOME = {
    "print_summary": "vcassay.report.terminal",
    "render_html": "vcassay.report.html",
    "render_markdown": "vcassay.report.markdown",
    "write_report": "vcassay.report.html",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
