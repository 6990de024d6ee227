"""Every figure is saved as SVG and every table as CSV, read again as they were written."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.browser.conftest import FORMULA
from tests.browser.visit import Visit
from tests.report.conftest import HOSTILE, Planted

if TYPE_CHECKING:
    from playwright.sync_api import Page

SVG = "{http://www.w3.org/2000/svg}"
TABLES = ".scroll:has(table) + .save, table + .save"


@pytest.fixture
def page(odd_visit: Visit) -> Iterator[Page]:
    yield odd_visit.page
    assert odd_visit.trouble() == {}


def press(page: Page, selector: str, i: int = 0, *, key: str = "") -> tuple[str, bytes]:
    """Press a button; return the name and the bytes of what is saved."""
    button = page.locator(selector).nth(i)
    button.evaluate("(b) => { for (let p = b; p; p = p.parentElement) if (p.tagName === 'DETAILS') p.open = true; }")
    page.wait_for_timeout(60)  # a browser takes a quicker series for one that nobody asked for
    with page.expect_download(timeout=10_000) as caught:
        if key:
            button.press(key)
        else:
            button.click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def test_every_figure_and_table_has_one_labelled_button(page: Page) -> None:
    assert page.locator("figure").count() == page.locator("figure > .save").count() > 20
    assert page.locator("main table").count() == page.locator(TABLES).count() > 20
    assert page.locator(".scoreline + .save").count() == page.locator(".scoreline").count() > 0
    names = page.locator(".save").all_text_contents()
    assert all(name.startswith(("Save as SVG: ", "Save as CSV: ", "Save all conditions as CSV: ")) for name in names)


def drawing(page: Page, i: int) -> str:
    """Save a figure, hold it against what a drawing must be, and return the name of its file."""
    name, data = press(page, "figure > .save", i)
    root = ET.fromstring(data)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title") is not None
    assert (root.findtext(f"{SVG}desc") or "").strip()
    assert len(list(root.iter())) > 8
    text = data.decode("utf-8")
    assert "var(--" not in text
    assert "<script" not in text
    assert "http://" not in text.replace("http://www.w3.org/", "")
    return name


@pytest.mark.parametrize("part", ["#claim .split", "#figure-scatter-0", "#biology figure:has(svg)"])
def test_a_figure_is_saved_as_a_drawing_that_stands_for_itself(page: Page, part: str) -> None:
    at = page.evaluate(f"[...document.querySelectorAll('figure')].indexOf(document.querySelector('{part}'))")
    assert drawing(page, at).endswith(".svg")


@pytest.mark.slow
def test_every_figure_is_saved_under_a_name_of_its_own(page: Page) -> None:
    n = page.locator("figure > .save").count()
    assert len({drawing(page, i) for i in range(n)}) == n


def test_a_score_line_is_saved_with_its_words(page: Page) -> None:
    _, data = press(page, ".scoreline + .save")
    root = ET.fromstring(data)
    words = " ".join(part.text or "" for part in root.iter(f"{SVG}text"))
    assert "Kestrel-2" in words
    assert len(list(root.iter(f"{SVG}rect"))) > 3


def test_every_table_is_whole_and_rectangular(page: Page) -> None:
    rows_of = "(t) => [...t.tBodies].reduce((n, body) => n + body.rows.length, t.tHead ? 1 : 0)"
    tables = page.eval_on_selector_all("main table", f"(all) => all.map({rows_of})")
    buttons = page.locator(TABLES)
    for i in range(0, buttons.count(), 9):  # a sample: each costs a download
        _, data = press(page, TABLES, i)
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
        assert data.endswith(b"\r\n")
        assert len(rows) == tables[i]
        assert len({len(row) for row in rows}) == 1


def test_hidden_rows_are_saved_and_formulas_are_not_run(page: Page) -> None:
    where = page.locator("details.evidence").filter(has=page.locator("caption", has_text="Odd labels")).first
    where.evaluate("(d) => { d.querySelector('.save').id = 'odd'; }")
    name, data = press(page, "#odd")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
    assert name.endswith(".csv")
    assert len(rows) == 30
    assert rows[0]["with"] == f"'{FORMULA}"
    assert rows[0]["more"] == "'+cmd"
    assert rows[0]["value"] == "-0.5"
    assert rows[0]["comma"] == 'a, "b" c'


def test_all_conditions_are_saved_with_units(page: Page, odd: Planted) -> None:
    name, data = press(page, ".every .save", key="Enter")
    table = pd.read_csv(io.BytesIO(data), keep_default_na=False)
    assert name.endswith("conditions.csv")
    assert len(table) == len(odd.conditions)
    assert {"time (h)", "n_cells (cells)", "effect (unit of the readout)"} <= set(table.columns)
    assert HOSTILE in set(table["perturbation"])
    order = odd.conditions.sort_values("role", key=lambda role: role != "test", kind="stable")
    assert table["n_cells (cells)"].tolist() == order["n_cells"].tolist()
    effect = pd.to_numeric(table["effect (unit of the readout)"], errors="coerce")
    assert effect.to_numpy() == pytest.approx(order["effect"].to_numpy(), rel=1e-4, nan_ok=True)
    own = odd.scores.query("model == 'Kestrel-2' and metric == 'pearson_delta'")
    saved = pd.to_numeric(table["Kestrel-2: Pearson of the effect"].head(len(own)), errors="coerce")
    assert saved.to_numpy() == pytest.approx(own["value"].to_numpy(), rel=1e-4, nan_ok=True)
    assert "Kestrel-2: most wrong gene 1" in table


def test_an_open_condition_can_be_saved(page: Page) -> None:
    page.locator("#extremes a.clip").first.click()
    page.wait_for_selector("#sheet .save")
    _, data = press(page, "#sheet .save")
    head = next(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    assert head[0] == "Answer"
    page.keyboard.press("Escape")


def test_what_a_spreadsheet_would_run_stays_text(page: Page) -> None:
    """The rule itself, on cells of every kind: the parts of the script are read as one."""
    script = page.locator("script[type=module]").first.text_content() or ""
    start = script.index("const NUMBER")
    end = script.index("const words =", start)
    cells = [
        "-0.5",
        "\u22120.5",
        "1,234",
        "=1+1",
        "@a",
        "\tx",
        "-cmd",
        "a,b",
        'say "x"',
        "x\ny",
        " x",
        "1e-5",
        "\uff1d1",
    ]
    made = page.evaluate(f"(cells) => {{ {script[start:end]} return csv([cells]); }}", cells)
    (read,) = csv.reader(io.StringIO(made, newline=""))
    assert made.endswith("\r\n")
    assert read == [
        *("-0.5", "-0.5", "1234", "'=1+1", "'@a", "'\tx", "'-cmd", "a,b", 'say "x"', "x\ny", " x", "1e-5", "'\uff1d1"),
    ]
    assert json.dumps(read)
