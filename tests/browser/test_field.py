"""The field and a single review in a browser: filters, sorting, keyboard, paper, phones, hostile names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.visit import Visit
from tests.report.field.reviews import HOSTILE, field, hostile
from vcassay.report.field.page import field_page
from vcassay.report.review.page import review_page

Open = Callable[..., Visit]

SHOWN = "all => all.filter((e) => e.checkVisibility()).map((e) => e.firstChild.textContent.trim())"
OPEN_ALL = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("field")
    texts = {
        "field": field_page(field()),
        "review": review_page(field()[1]),
        "hostile": field_page(hostile()),
        "bad": review_page(hostile()[-2]),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def names(seen: Visit) -> list[str]:
    """Rows that are shown, from top to bottom."""
    found: list[str] = seen.page.eval_on_selector_all(".entry > th", SHOWN)
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["field", "review"])
def test_nothing_is_held_against_it(
    open_page: Open, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    seen = open_page(pages[name], width=width, scheme=scheme)
    seen.page.evaluate(OPEN_ALL)
    assert seen.axe() == []
    assert seen.overflow() == []
    seen.page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
    assert seen.axe("color-contrast") == []
    assert seen.trouble() == {}


def test_a_phone_shows_cards(open_page: Open, pages: dict[str, Path]) -> None:
    seen = open_page(pages["field"], width=360)
    assert seen.overflow() == []
    assert seen.page.eval_on_selector(".entry > td", "e => getComputedStyle(e, '::before').content") == '"Tests"'
    assert not seen.page.is_visible(".field-table thead")


def test_filters_by_keyboard(open_page: Open, pages: dict[str, Path]) -> None:
    seen = open_page(pages["field"])
    page = seen.page
    assert names(seen) == ["Bare", "Clear", "Dark", "Half"]
    page.focus("[data-key=q]")
    page.keyboard.type("clear")
    assert names(seen) == ["Clear"]
    assert page.inner_text("#shown") == "1 of 4 shown"
    assert page.url.endswith("#q=clear")
    page.fill("[data-key=q]", "")
    page.select_option("[data-key=missing]", "T3")
    assert names(seen) == ["Bare", "Dark", "Half"]
    page.select_option("[data-key=level]", "not supported")
    assert names(seen) == ["Half"]
    page.select_option("[data-key=weights]", "open")
    assert names(seen) == []
    assert page.is_visible("#nothing")
    page.focus("#reset")
    page.keyboard.press("Enter")
    assert names(seen) == ["Bare", "Clear", "Dark", "Half"]
    assert "#" not in page.url
    assert seen.trouble() == {}


def test_sorts_by_keyboard(open_page: Open, pages: dict[str, Path]) -> None:
    seen = open_page(pages["field"])
    page = seen.page
    page.focus("th[data-sort=ladder] button")
    page.keyboard.press("Enter")
    assert names(seen) == ["Bare", "Dark", "Half", "Clear"]
    assert page.get_attribute("th[data-sort=ladder]", "aria-sort") == "ascending"
    assert page.get_attribute("th[data-sort=name]", "aria-sort") is None
    page.keyboard.press("Space")
    assert names(seen) == ["Clear", "Half", "Bare", "Dark"]
    assert page.get_attribute("th[data-sort=ladder]", "aria-sort") == "descending"
    assert page.url.endswith("#sort=-ladder")
    assert page.evaluate("document.activeElement.textContent") == "Compared with"


def test_the_address_keeps_the_filter(open_page: Open, pages: dict[str, Path]) -> None:
    seen = open_page(pages["field"])
    page = seen.page
    page.click("a[href='#has=T4']")
    page.wait_for_function("document.getElementById('shown').textContent === '2 of 4 shown'")
    assert names(seen) == ["Clear", "Half"]
    assert page.evaluate("document.activeElement.id") == "reviews"
    page.evaluate("location.hash = '#missing=T3&confidence=medium&sort=-name&regime=nonsense'")
    page.wait_for_function("document.getElementById('shown').textContent === '1 of 4 shown'")
    assert names(seen) == ["Half"]
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    assert names(seen) == ["Half"]
    assert seen.trouble() == {}


def test_a_row_opens_to_the_whole_review(open_page: Open, pages: dict[str, Path]) -> None:
    page = open_page(pages["field"]).page
    assert not page.is_visible("text=What does Bare score?")
    page.focus(".whole summary >> nth=0")
    page.keyboard.press("Enter")
    assert page.locator("text=What does Bare score?").first.is_visible()


def test_the_shown_rows_are_saved(open_page: Open, pages: dict[str, Path]) -> None:
    seen = open_page(pages["hostile"])
    page = seen.page
    page.click("th[data-sort=name] button")
    page.fill("[data-key=q]", "predicts")
    with page.expect_download() as saved:
        page.click("#save")
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text(encoding="utf-8-sig"))))
    assert saved.value.suggested_filename == "field.csv"
    assert rows[0][0] == "name"
    assert [row[0].lstrip("'") for row in rows[1:]] == names(seen)
    assert f"'{HOSTILE[2]}" in [row[0] for row in rows]
    assert seen.refusals() == []


def test_the_questions_are_copied(open_page: Open, pages: dict[str, Path]) -> None:
    seen = open_page(pages["review"])
    page = seen.page
    page.click(".letter-box summary")
    page.click("button.copy")
    page.wait_for_selector(".letter-box [role=status]:not(:empty)")
    assert re.match("Copied|Marked", page.inner_text(".letter-box [role=status]"))
    assert seen.trouble() == {}


@pytest.mark.parametrize("name", ["hostile", "bad"])
def test_names_are_text(open_page: Open, pages: dict[str, Path], name: str) -> None:
    seen = open_page(pages[name])
    page = seen.page
    page.evaluate(OPEN_ALL)
    assert page.evaluate("window.ran ?? null") is None
    assert page.locator("img, iframe, object, main script, main a:not([href^='#'])").count() == 0
    handlers = "all => all.flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on')).length"
    assert page.eval_on_selector_all("*", handlers) == 0
    told = page.evaluate("document.body.textContent")
    assert all(text in told for text in HOSTILE)
    assert "49[red]" not in told
    assert seen.trouble() == {}


def test_without_scripts_everything_is_there(open_page: Open, pages: dict[str, Path]) -> None:
    seen = open_page(pages["field"], scripts=False)
    page = seen.page
    assert page.locator(".entry:visible").count() == 4
    assert page.locator(".filters:visible, a.show:visible, button:visible").count() == 0
    page.click(".whole summary >> nth=0")
    assert page.locator("text=What does Bare score?").first.is_visible()


def test_printed(open_page: Open, pages: dict[str, Path]) -> None:
    for name, most in (("field", 2), ("review", 4)):
        page = open_page(pages[name], width=695, scheme="dark").page
        page.emulate_media(media="print")
        assert page.locator(".filters:visible, .bar:visible, .copy:visible").count() == 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        wide = "all => all.filter((t) => t.checkVisibility() && t.offsetWidth > t.parentElement.clientWidth + 1).length"
        assert page.eval_on_selector_all("main table", wide) == 0
        assert page.locator("thead th:visible").count() >= 8
        pages_of = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
        assert pages_of <= most
