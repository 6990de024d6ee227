"""One condition at a time in a real browser: every way to it, what is said of it, and that labels stay text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.visit import AXE_SCRIPT, Visit, visit
from tests.report.conftest import HOSTILE, Planted, make
from tests.report.large import with_genes
from vcassay.record import FindingRecord
from vcassay.report import write_report
from vcassay.report.drill import condition_link
from vcassay.report.wording import number

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MODELS = ("Kestrel-2", "EchoCell")


@pytest.fixture(scope="module")
def planted() -> Planted:
    """Hostile labels, genes, and a finding whose evidence names one condition."""
    whole = with_genes(make(hostile=True, n_perturbations=14, models=MODELS))
    row = {"condition": f"PC9 | {HOSTILE} | 0.5 | 24 h", "r": 0.987}
    finding = FindingRecord(
        check="L26",
        title="Copies of training effects",
        status="WARN",
        sentence="It copies.",
        model="EchoCell",
        evidence=(row,),
    )
    return replace(whole, record=whole.record.model_copy(update={"findings": (*whole.record.findings, finding)}))


@pytest.fixture(scope="module")
def file(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(planted.write(tmp_path_factory.mktemp("drill")))[0]


@pytest.fixture(scope="module")
def seen(chromium: Browser, file: Path) -> Iterator[Visit]:
    opened = visit(chromium, file)
    yield opened
    opened.page.context.close()


@pytest.fixture
def page(seen: Visit) -> Iterator[Page]:
    """The page with no condition open; afterwards nothing has gone wrong in it."""
    yield seen.page
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#sheet", state="hidden")
    assert seen.trouble() == {}


def sheet(page: Page) -> str:
    page.wait_for_selector("#sheet:not([hidden])")
    return page.inner_text("#sheet")


def test_typing_a_name_and_enter_opens_all_that_is_stored_of_it(page: Page, planted: Planted) -> None:
    page.focus("#condition-finder")
    page.keyboard.type(f"{HOSTILE} PC9 0.5 ")
    page.wait_for_selector("#condition-finder-matches [role=option]")
    assert page.inner_text("#told") == "1 of 252 conditions match."
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#condition-finder", "aria-activedescendant") == "condition-finder-matches-0"
    page.keyboard.press("Enter")
    shown = sheet(page)
    table = planted.conditions
    one = table[(table["perturbation"] == HOSTILE) & (table["context"] == "PC9") & (table["dose"] == 0.5)].iloc[0]
    assert HOSTILE in shown
    for value in (number(float(one["effect"])), number(float(one["n_cells"])), number(float(one["reliability"]), 2)):
        assert value in shown
    assert "known perturbations in new contexts (CEX)" in shown
    assert "context sibling" in shown
    scores = planted.scores[(planted.scores["perturbation"] == HOSTILE) & (planted.scores["context"] == "PC9")]
    for model in MODELS:
        own = scores[(scores["model"] == model) & (scores["dose"] == 0.5) & (scores["metric"] == "pearson_delta")].iloc[
            0
        ]
        same = planted.scores[(planted.scores["model"] == model) & (planted.scores["metric"] == "pearson_delta")][
            "value"
        ]
        if own["reason"]:
            assert own["reason"] in shown
        else:
            rank = int((same > own["value"]).sum()) + 1
            assert f"{number(own['value'], 2)}\nrank {rank} of {same.notna().sum()}" in shown.replace(" rank", "\nrank")
    assert planted.genes is not None
    genes = planted.genes[(planted.genes["perturbation"] == HOSTILE) & (planted.genes["context"] == "PC9")]
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


def test_a_link_opens_the_page_at_its_condition(chromium: Browser, file: Path, planted: Planted) -> None:
    row = planted.conditions[planted.conditions["role"] == "test"].iloc[-1]
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(file.resolve().as_uri() + condition_link(row))
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


@pytest.mark.parametrize("width", [1280, 360])
def test_the_panel_is_sound_for_a_screen_reader(chromium: Browser, file: Path, width: int) -> None:
    seen = visit(chromium, file, width=width)
    seen.page.locator("#extremes a.clip").first.click()
    sheet(seen.page)
    seen.page.evaluate(AXE_SCRIPT)
    found = seen.page.evaluate(
        "axe.run('#sheet, .drill').then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))"
    )
    assert found == []
    assert seen.overflow() == []
    seen.page.context.close()


def test_an_open_condition_is_printed_where_it_belongs(page: Page) -> None:
    page.locator("#extremes a.clip").first.click()
    sheet(page)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.getElementById('sheet')).position") == "static"
    assert page.locator(".save:visible").count() == 0
    page.emulate_media(media="screen")


Open = Callable[..., Visit]


def test_without_scripts_the_page_says_where_it_is_stored(open_page: Open, file: Path) -> None:
    quiet = open_page(file, scripts=False)
    assert "conditions.parquet, scores.parquet and genes.parquet" in quiet.page.inner_text("#extremes")
