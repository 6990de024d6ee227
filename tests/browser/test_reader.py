"""Every reader: narrow or wide, by light or dark, by keyboard, by screen reader, on paper, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.visit import Visit

Open = Callable[..., Visit]


def unfold(seen: Visit, model: int) -> Visit:
    """Open every part, so that nothing folded away is overlooked; of what each model has, that of one is enough."""
    seen.page.check(f"#pick-{model}", force=True)
    seen.page.evaluate("document.querySelectorAll('details:not(.vega-embed *)').forEach((d) => { d.open = true; })")
    return seen


def test_nothing_is_held_against_the_page(open_page: Open, report: Path) -> None:
    """Names, order of headings, landmarks, tables, contrast: all of WCAG 2.2 AA that a program can tell."""
    seen = unfold(open_page(report), 0)
    assert seen.axe() == []
    assert seen.overflow() == []


def test_text_stands_out_on_dark_and_narrow_paper(open_page: Open, report: Path) -> None:
    seen = unfold(open_page(report, width=360, scheme="dark"), 1)
    assert seen.axe("color-contrast", "scrollable-region-focusable", "target-size") == []
    assert seen.overflow() == []


@pytest.mark.parametrize("width", [360, 390])
def test_a_narrow_page_scrolls_down_only(shared_page: Open, report: Path, width: int) -> None:
    seen = shared_page(report, width=width)
    assert seen.overflow() == []
    regions = seen.page.eval_on_selector_all(
        ".scroll", "all => all.filter((r) => r.scrollWidth > r.clientWidth).map((r) => [r.tabIndex, r.ariaLabel])"
    )
    assert len(regions) > 5
    assert all(stop == 0 and name for stop, name in regions)
    cut = seen.page.evaluate(CUT)
    assert cut == []


CUT = """() => [...document.querySelectorAll(".spot, .draw svg text")].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1);
}).map((e) => e.textContent)"""


def test_the_page_says_what_is_wrong_before_anything_else(shared_page: Open, report: Path) -> None:
    seen = shared_page(report, width=1280)
    top = seen.page.evaluate("document.querySelector('.trouble').getBoundingClientRect().bottom + scrollY")
    assert top < 500
    assert seen.page.inner_text(".trouble").split("\n\n")[1].startswith("Yes. ")
    order = seen.page.eval_on_selector_all(
        "#verdict h1, #verdict .trouble, #verdict .strip, #verdict .card",
        "all => all.map((e) => e.classList[0] || 'h1')",
    )
    assert order[:3] == ["h1", "trouble", "strip"]


def test_by_keyboard(open_page: Open, report: Path) -> None:
    seen = open_page(report)
    page = seen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "verdict"
    stops, unseen = [], []
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        stops.append(stop["name"])
        if not stop["seen"]:
            unseen.append(stop["name"])
    else:
        pytest.fail("the tab key does not leave the page")
    assert unseen == []
    assert len(stops) == len(set(stops))
    for wanted in ("pick-all", "finder", "card link", "save"):
        assert any(wanted in s for s in stops), wanted


STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const of = (s) => s.closest("figure")?.id || s.closest("details")?.id || "";
  const at = [...document.querySelectorAll("a, input, button, summary, .scroll, [tabindex]")].indexOf(e);
  const kind = e.matches(".ends-table a") ? "card link" : e.id || e.className;
  const ring = getComputedStyle(e.matches(".switch input") ? e.nextElementSibling : e);
  return { name: `${at} ${kind} ${e.getAttribute("aria-label") || ""} ${of(e)}`,
    seen: ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2 };
}"""


def test_picker_finder_and_menus_work_by_keyboard(open_page: Open, report: Path) -> None:
    page = open_page(report).page
    page.focus("#pick-all")
    page.keyboard.press("ArrowRight")
    assert page.is_checked("#pick-0")
    shown = page.eval_on_selector_all(".card", "all => all.filter((c) => c.offsetParent).map((c) => c.id)")
    assert shown == ["card-0"]
    assert not page.is_visible("#figure-scatter-1")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".card:visible").count() == 4
    page.focus("#finder")
    page.keyboard.type("olaparib")
    page.wait_for_function(FOUND)
    page.focus("#figure-scatter-0 button.save")
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename.endswith(".svg")


FOUND = """() => {
  const dots = [...document.querySelectorAll("#figure-scatter-0 .mark-symbol path[aria-label*='perturbation']")];
  const full = dots.filter((d) => d.getAttribute("opacity") === "1");
  return full.length > 0 && full.length < dots.length / 4
    && full.every((d) => d.getAttribute("aria-label").includes("olaparib"));
}"""


def test_by_screen_reader(shared_page: Open, report: Path) -> None:
    """What axe does not ask: every table has a caption and scopes, every figure a name, a text and its numbers."""
    page = shared_page(report, width=1280).page
    count = page.evaluate("(s) => document.querySelectorAll(s).length", "h1")
    assert count == 1
    for landmark in ("nav[aria-label]", "main", "footer"):
        assert page.locator(landmark).count() == 1
    bare = page.eval_on_selector_all("table", "all => all.filter((t) => !t.caption?.textContent.trim()).length")
    assert bare == 0
    assert page.locator("th:not([scope])").count() == 0
    figures = page.eval_on_selector_all("figure:has(.draw)", FIGURES)
    assert len(figures) > 40
    for name, told, role in figures:
        assert name
        assert len(told) > 40
        assert "figures/" in told
        assert role == "img"
    unnamed = page.eval_on_selector_all(".mark", "all => all.filter((m) => !m.textContent.trim()).length")
    assert unnamed == 0
    hidden = page.eval_on_selector_all("svg.icon", "all => all.filter((i) => i.ariaHidden !== 'true').length")
    assert hidden == 0


FIGURES = """all => all.map((f) => [
  document.getElementById(f.getAttribute("aria-labelledby")).textContent,
  document.getElementById(f.getAttribute("aria-describedby")).textContent,
  f.querySelector("svg.marks[aria-label]")?.getAttribute("role"),
])"""


def test_without_scripts_all_is_there(open_page: Open, report: Path) -> None:
    page = open_page(report, scripts=False).page
    assert page.locator("noscript svg[role=img]:visible").count() == page.locator(".draw").count()
    assert page.locator(".draw:visible, .finder:visible").count() == 0
    page.click("label:has(#pick-1)")
    assert page.locator(".card:visible").count() == 1


def test_reduced_motion_stops_what_moves(open_page: Open, report: Path) -> None:
    moving = """[...document.querySelectorAll("body *")].filter((e) => {
      const s = getComputedStyle(e);
      return s.transitionDuration !== "0s" || s.animationName !== "none";
    }).length"""
    assert open_page(report, motion="reduce").page.evaluate(moving) == 0


def test_printed(open_page: Open, report: Path) -> None:
    """On paper: what matters is open, controls are gone, nothing is cut off, whatever the light of the screen was."""
    page = open_page(report, width=695, scheme="dark").page
    page.emulate_media(media="print")
    for gone in ("nav.bar", ".switch", ".finder", ".skip", "button.save"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 35, 48)"
    parts = page.eval_on_selector_all(
        "details.printed > :not(summary, button)", "all => all.map((e) => e.offsetHeight)"
    )
    assert len(parts) > 8
    assert min(parts) > 0
    wide = page.eval_on_selector_all("main table", WIDE)
    assert wide == []
    pdf = page.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 8 < pages < 32


WIDE = """all => all.filter((t) => t.checkVisibility() && t.offsetWidth > t.parentElement.clientWidth + 1)
  .map((t) => t.caption.textContent)"""
