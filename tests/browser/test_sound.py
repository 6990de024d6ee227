"""The assessment page opens offline, asks for nothing and runs nothing but its own scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from tests.browser.visit import Visit

BLOCKS = [
    *("verdict", "claim", "leakage", "ladder", "effect", "calibration", "template"),
    *("paired", "utility", "panel", "biology", "extremes", "methods"),
]
FIGURES = ("claim", "ladder", "effect", "calibration", "paired", "biology")
"""Blocks whose mark is a figure that the script draws."""

Open = Callable[..., Visit]


@pytest.mark.parametrize("width", [1280, 360])
def test_every_block_stands_in_order_with_its_figures_drawn(shared_page: Open, report: Path, width: int) -> None:
    seen = shared_page(report, width=width)
    assert seen.page.eval_on_selector_all("main section", "all => all.map((s) => s.id)") == BLOCKS
    drawn = seen.page.eval_on_selector_all(
        ".draw", "all => all.map((d) => [d.closest('section').id, d.querySelectorAll('svg.marks').length])"
    )
    assert {n for _, n in drawn} == {1}
    assert set(FIGURES) <= {block for block, _ in drawn}
    assert seen.trouble() == {}


def test_the_policy_is_strict_and_in_force(open_page: Open, report: Path, tmp_path: Path) -> None:
    """A script that is put into the page does not run, and the page says so and still draws."""
    html = report.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert unescape(policy[1]).startswith("default-src 'none';")
    put_in = (
        '<script>window.ran="inline"</script><img src="x" onerror="window.ran=1">'
        '<a id="js" href="javascript:window.ran=2">x</a>'
        '<img src="https://example.org/x.png"><link rel="stylesheet" href="https://example.org/x.css">'
    )
    changed = tmp_path / "changed.html"
    changed.write_text(html.replace('<main class="page">', f'<main class="page">{put_in}'), encoding="utf-8")
    seen = open_page(changed)
    seen.page.click("#js")
    seen.page.wait_for_function("window.refusals.length >= 5")
    assert seen.page.evaluate("window.ran") is None
    assert seen.requests == []
    refused = {line.split()[0] for line in seen.refusals()}
    assert {"script-src-elem", "script-src-attr", "img-src", "style-src-elem"} <= refused
