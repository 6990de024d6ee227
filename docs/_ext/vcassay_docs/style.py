"""The report's palette as variables of the theme, and as the swaps that turn figures dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from vcassay.report.palette import PAIRS, SERIES, SERIES_DARK

THEME = {
    "color-background-primary": "paper",
    "color-background-secondary": "sunk",
    "color-background-hover": "sunk",
    "color-background-border": "rule",
    "color-background-item": "rule",
    "color-foreground-primary": "ink",
    "color-foreground-secondary": "ink-2",
    "color-foreground-muted": "ink-3",
    "color-foreground-border": "rule-strong",
    "color-brand-primary": "ink",
    "color-brand-content": "link",
    "color-brand-visited": "link",
    "color-link": "link",
    "color-link--hover": "link",
    "color-link--visited": "link",
    "color-link-underline": "rule-strong",
    "color-link-underline--hover": "link",
    "color-link-underline--visited": "rule-strong",
    "color-inline-code-background": "sunk",
    "color-code-background": "sunk",
    "color-code-foreground": "ink",
    "color-sidebar-background": "paper",
    "color-sidebar-background-border": "rule",
    "color-sidebar-link-text": "ink-2",
    "color-sidebar-link-text--top-level": "ink",
    "color-sidebar-item-background--current": "sunk",
    "color-sidebar-item-background--hover": "sunk",
    "color-toc-item-text--active": "link",
    "color-table-border": "rule",
    "color-api-background": "sunk",
    "color-api-background-hover": "sunk",
    "color-api-name": "ink",
    "color-api-pre-name": "ink-2",
    "color-highlight-on-target": "warn-wash",
    "color-admonition-background": "card",
    "color-card-background": "card",
    "color-card-border": "rule",
    "color-header-background": "paper",
    "color-header-border": "rule",
}
"""Variable of the theme to colour of the report."""


def _variables(side: int) -> dict[str, str]:
    ours = {name: pair[side] for name, pair in PAIRS.items()}
    ours |= {f"series-{i}": color for i, color in enumerate((SERIES, SERIES_DARK)[side])}
    return {**ours, **{name: f"var(--{color})" for name, color in THEME.items()}}


PLAIN, DARK = _variables(0), _variables(1)


def swaps() -> str:
    """Rules that let a drawing's colours, written in it as on light paper, follow the page."""
    named = {pair[0]: name for name, pair in PAIRS.items()}
    named |= {color: f"series-{i}" for i, color in enumerate(SERIES)}
    return "".join(
        f'.figure svg [{what}="{color}"]{{{what}:var(--{name})}}\n'
        for color, name in named.items()
        for what in ("fill", "stroke")
    )


def _write(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        Path(app.outdir, "_static", "palette.css").write_text(swaps(), encoding="utf-8")


def _levels(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Give the captions of the navigation the level that a screen reader asks for."""
    tree = str(context.get("furo_navigation_tree", ""))
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> None:
    """Write the swaps beside the theme's own style sheets."""
    app.connect("html-page-context", _levels, priority=900)
    app.connect("build-finished", _write, priority=100)
