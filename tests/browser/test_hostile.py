"""Names from files and from authors stay text: on the page, in figures, in Markdown, on the terminal, as file names."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from tests.browser.hostile import RENAMED, hostile
from tests.browser.visit import Visit
from tests.report.conftest import Planted
from vcassay.report import print_summary, render_markdown, write_report

Open = Callable[..., Visit]

ACTIVE = """() => ({
  ran: window.ran ?? null,
  scripts: document.scripts.length,
  foreign: [...document.querySelectorAll("img, iframe, object, embed, link, base")].map((e) => e.outerHTML),
  handlers: [...document.querySelectorAll("*")].flatMap((e) => [...e.attributes])
    .filter((a) => a.name.startsWith("on")
      || (a.name === "href" && !/^(#|$)/.test(a.value.replace(location.href.split("#")[0], ""))))
    .map((a) => a.value),
})"""
QUIET = {"ran": None, "scripts": 5, "foreign": [], "handlers": []}


@pytest.fixture(scope="module")
def bad(story: Planted) -> Planted:
    return hostile(story)


@pytest.fixture(scope="module")
def written(bad: Planted, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_report(bad.write(tmp_path_factory.mktemp("hostile")))


def test_names_are_text_on_the_page_and_in_its_figures(open_page: Open, written: list[Path]) -> None:
    seen = open_page(written[0])
    assert seen.page.evaluate(ACTIVE) == QUIET
    assert seen.trouble() == {}
    drawn = seen.page.eval_on_selector_all(".draw", "all => all.map((d) => d.querySelectorAll('svg.marks').length)")
    assert set(drawn) == {1}
    assert len(drawn) > 40
    told = " ".join(seen.page.evaluate("document.body.textContent").split())
    for name in set(RENAMED.values()):
        assert " ".join(name.split()) in told, name


def test_names_are_text_in_tooltips(open_page: Open, written: list[Path]) -> None:
    seen = open_page(written[0])
    marks = seen.page.locator("#figure-scatter-0 .mark-symbol path[aria-label*='window.ran=7']")
    marks.first.scroll_into_view_if_needed()
    marks.first.hover(force=True)
    tip = seen.page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "perturbation" in tip.inner_text()
    assert seen.page.evaluate(ACTIVE) == QUIET
    assert seen.trouble() == {}


def test_names_are_text_without_scripts(open_page: Open, written: list[Path]) -> None:
    seen = open_page(written[0], scripts=False)
    static = seen.page.locator("noscript svg[role=img]")
    assert static.count() == seen.page.locator(".draw").count()
    assert seen.page.locator("main img, main iframe, main script, noscript a").count() == 0
    assert seen.requests == []


def test_names_are_text_in_markdown(bad: Planted) -> None:
    text = render_markdown(bad.record)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    parts = [t for token in tokens for t in (token, *(token.children or []))]
    assert not {t.type for t in parts} & {"html_block", "html_inline", "link_open", "image", "code_inline", "fence"}
    rows, width = [], 0
    for t in tokens:
        if t.type == "tr_open":
            rows.append(0)
        elif t.type in ("td_open", "th_open"):
            rows[-1] += 1
        elif t.type == "table_close":
            width = rows[0]
            assert set(rows) == {width}
            rows = []
    assert width > 0
    shown = " ".join(t.content for t in parts if t.type == "text")
    for name in ("Kestrel-2", "PertFormer-XL", "Tabula-mini"):
        assert RENAMED[name].replace("&", "&amp;").split(" ")[0] in shown.replace(" ", "") or RENAMED[name] in shown


def test_names_are_text_on_the_terminal(bad: Planted) -> None:
    out = io.StringIO()
    print_summary(bad.record, Console(file=out, width=400, force_terminal=True, color_system="truecolor"))
    text = out.getvalue()
    assert "[red]x[/red]" in text
    assert RENAMED["Kestrel-2"] in re.sub("\x1b\\[[0-9;]*m", "", text)
    assert not re.search("\x1b\\[31m", text)


def test_files_of_figures_have_harmless_names(written: list[Path]) -> None:
    names = [path.name for path in written if path.parent.name == "figures"]
    assert len(names) > 40
    assert [n for n in names if not re.fullmatch(r"[a-z0-9_-]+\.vl\.json", n)] == []
