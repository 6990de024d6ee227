"""One condition at a time in a real browser: every way to it, what is said of it, and that labels stay text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.visit import AXE_SCRIPT, Visit
from tests.report.conftest import HOSTILE, Planted
from vcassay.report.link import condition_link
from vcassay.report.wording import number

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MODELS = ("Kestrel-2", "EchoCell")


@pytest.fixture
def page(odd_visit: Visit) -> Iterator[Page]:
    """The page with no condition open; afterwards nothing has gone wrong in it."""
    yield odd_visit.page
    odd_visit.page.keyboard.press("Escape")
    odd_visit.page.wait_for_selector("#sheet", state="hidden")
    assert odd_visit.trouble() == {}


def sheet(page: Page) -> str:
    page.wait_for_selector("#sheet:not([hidden])")
    return page.inner_text("#sheet")


def test_typing_a_name_and_enter_opens_all_that_is_stored_of_it(page: Page, odd: Planted) -> None:
    page.focus("#condition-finder")
    page.keyboard.type(f"{HOSTILE} PC9 0.5 ")
    page.wait_for_selector("#condition-finder-matches [role=option]")
    assert page.inner_text("#told") == "1 of 180 conditions match."
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#condition-finder", "aria-activedescendant") == "condition-finder-matches-0"
    page.keyboard.press("Enter")
    shown = sheet(page)
    table = odd.conditions
    one = table[(table["perturbation"] == HOSTILE) & (table["context"] == "PC9") & (table["dose"] == 0.5)].iloc[0]
    assert HOSTILE in shown
    for value in (number(float(one["effect"])), number(float(one["n_cells"])), number(float(one["reliability"]), 2)):
        assert value in shown
    assert "known perturbations in new contexts (CEX)" in shown
    assert "context sibling" in shown
    scores = odd.scores[(odd.scores["perturbation"] == HOSTILE) & (odd.scores["context"] == "PC9")]
    for model in MODELS:
        own = scores[(scores["model"] == model) & (scores["dose"] == 0.5) & (scores["metric"] == "pearson_delta")].iloc[
            0
        ]
        same = odd.scores[(odd.scores["model"] == model) & (odd.scores["metric"] == "pearson_delta")]["value"]
        if own["reason"]:
            assert own["reason"] in shown
        else:
            rank = int((same > own["value"]).sum()) + 1
            assert f"{number(own['value'], 2)}\nrank {rank} of {same.notna().sum()}" in shown.replace(" rank", "\nrank")
    assert odd.genes is not None
    genes = odd.genes[(odd.genes["perturbation"] == HOSTILE) & (odd.genes["context"] == "PC9")]
    assert set(genes.loc[genes["dose"] == 0.5, "gene"]) <= set(shown.split())
    assert "Copies of training effects" in shown
    assert "r: 0.987" in shown
    assert "Ceiling of" in shown
    assert page.evaluate("document.activeElement.id") == "sheet-title"
    assert page.inner_text("#told").startswith(f"Condition {HOSTILE} | PC9 | 0.5 | 24 h is shown: test, effect ")


def test_nothing_of_a_label_becomes_an_element(page: Page) -> None:
    page.evaluate("location.hash = '#condition=' + encodeURIComponent('\"><img src=x onerror=alert(1)>')")
    assert "6 conditions are called so" in sheet(page) or "18 conditions are called so" in sheet(page)
    page.click("#sheet .sheet-list a >> nth=0")
    page.wait_for_function("document.getElementById('sheet-title').textContent.includes('<img src=x')")
    assert page.query_selector_all("#sheet img, #sheet script, #sheet b > b") == []


def test_a_link_opens_the_page_at_its_condition(chromium: Browser, odd_report: Path, odd: Planted) -> None:
    row = odd.conditions[odd.conditions["role"] == "test"].iloc[-1]
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(odd_report.resolve().as_uri() + condition_link(row))
    assert sheet(page).startswith(f"{row['perturbation']}\n")
    context.close()


def test_a_row_of_worst_and_best_opens_it_and_escape_leads_back(page: Page) -> None:
    link = page.locator("#extremes a.clip").first
    link.focus()
    page.keyboard.press("Enter")
    assert link.inner_text() in sheet(page)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "clip"
    assert page.evaluate("location.hash") == ""


def test_a_point_is_opened_by_click_and_by_arrows_and_enter(page: Page) -> None:
    place = page.locator("#figure-scatter-0 .draw")
    place.focus()
    page.keyboard.press("End")
    page.wait_for_function("document.getElementById('told').textContent.includes('effect')")
    said = page.inner_text("#told").split(":")[0].split(" | ")
    page.keyboard.press("Enter")
    assert said[0] in sheet(page)
    rings = "#figure-scatter-0 svg path[stroke-width='2.5']"
    assert page.locator(rings).count() == 1
    page.keyboard.press("Escape")
    page.locator("#figure-scatter-1 svg .mark-symbol path").nth(7).click(force=True)
    assert "Scores beside the ceiling" in sheet(page)


def test_a_training_condition_says_that_it_is_not_scored(page: Page) -> None:
    page.evaluate("location.hash = '#condition=bortezomib&context=MCF7&dose=0.5'")
    shown = sheet(page)
    assert "train: it is not scored" in shown
    assert "It is not tested on, so it has no score." in shown


def test_what_nobody_measured_is_said_to_be_unknown(page: Page) -> None:
    page.evaluate("location.hash = '#condition=nobody'")
    assert "No condition on this page is called nobody" in sheet(page)


def test_the_panel_is_sound_for_a_screen_reader_and_on_a_phone(page: Page, odd_visit: Visit) -> None:
    page.locator("#extremes a.clip").first.click()
    sheet(page)
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run('.drill').then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))")
    assert found == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert odd_visit.overflow() == []
    box = page.locator("#sheet").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_open_condition_is_printed_where_it_belongs(page: Page) -> None:
    page.locator("#extremes a.clip").first.click()
    sheet(page)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.getElementById('sheet')).position") == "static"
    assert page.locator(".save:visible").count() == 0
    page.emulate_media(media="screen")


Open = Callable[..., Visit]


def test_without_scripts_the_page_says_where_it_is_stored(open_page: Open, odd_report: Path) -> None:
    quiet = open_page(odd_report, scripts=False)
    assert "conditions.parquet, scores.parquet and genes.parquet" in quiet.page.inner_text("#extremes")
