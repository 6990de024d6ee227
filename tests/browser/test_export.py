"""Every figure is saved as SVG and every table as CSV, read again as they were written."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.browser.visit import Visit, visit
from tests.report.conftest import HOSTILE, Planted, make
from tests.report.large import with_genes
from vcassay.record import FindingRecord
from vcassay.report import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SVG = "{http://www.w3.org/2000/svg}"
TABLES = ".scroll:has(table) + .save"
FORMULA = '=HYPERLINK("http://evil","x")'


@pytest.fixture(scope="module")
def planted() -> Planted:
    """Labels that a page, a CSV file or a spreadsheet could stumble over."""
    whole = with_genes(make(hostile=True, n_perturbations=10, models=("Kestrel-2",)))
    odd = {"with": FORMULA, "comma": 'a, "b"\nc', "value": -0.5, "more": "+cmd"}
    rows = tuple(odd | {"n": i} for i in range(30))
    finding = FindingRecord(check="L01", title="Odd labels", status="FAIL", sentence="They are odd.", evidence=rows)
    return replace(whole, record=whole.record.model_copy(update={"findings": (finding, *whole.record.findings)}))


@pytest.fixture(scope="module")
def seen(chromium: Browser, planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    file = write_report(planted.write(tmp_path_factory.mktemp("export")))[0]
    opened = visit(chromium, file)
    yield opened
    opened.page.context.close()


@pytest.fixture
def page(seen: Visit) -> Iterator[Page]:
    yield seen.page
    assert seen.trouble() == {}


def press(page: Page, selector: str, i: int = 0) -> tuple[str, bytes]:
    """Press a button by keyboard; return the name and the bytes of what is saved."""
    button = page.locator(selector).nth(i)
    with page.expect_download(timeout=10_000) as caught:
        button.evaluate(
            "(b) => { for (let p = b; p; p = p.parentElement) if (p.tagName === 'DETAILS') p.open = true; }"
        )
        button.focus()
        page.keyboard.press("Enter")
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def test_every_figure_and_table_has_one_labelled_button(page: Page) -> None:
    assert page.locator("figure").count() == page.locator("figure > .save").count() > 20
    assert page.locator("table").count() == page.locator(TABLES).count() > 20
    assert page.locator(".scoreline + .save").count() == page.locator(".scoreline").count() > 0
    names = page.locator(".save").all_text_contents()
    assert all(name.startswith(("Save as SVG: ", "Save as CSV: ", "Save all conditions as CSV: ")) for name in names)


def test_every_figure_is_saved_as_a_drawing_that_stands_for_itself(page: Page) -> None:
    names = set()
    for i in range(page.locator("figure > .save").count()):
        name, data = press(page, "figure > .save", i)
        names.add(name)
        root = ET.fromstring(data)
        assert root.tag == f"{SVG}svg"
        assert root.find(f"{SVG}title") is not None
        assert (root.findtext(f"{SVG}desc") or "").strip()
        assert len(list(root.iter())) > 8
        text = data.decode("utf-8")
        assert "var(--" not in text
        assert "<script" not in text
        assert "http://" not in text.replace("http://www.w3.org/", "")
    assert len(names) == page.locator("figure").count()
    assert all(name.endswith(".svg") for name in names)


def test_a_score_line_is_saved_with_its_words(page: Page) -> None:
    _, data = press(page, ".scoreline + .save")
    root = ET.fromstring(data)
    words = " ".join(part.text or "" for part in root.iter(f"{SVG}text"))
    assert "Kestrel-2" in words
    assert len(list(root.iter(f"{SVG}rect"))) > 3


def test_every_table_is_whole_and_rectangular(page: Page) -> None:
    tables = page.evaluate(
        """() => [...document.querySelectorAll("table")].map((t) => [t.tBodies.length ? [...t.tBodies].reduce((n, b) =>
        n + b.rows.length, 0) : 0, t.tHead ? 1 : 0])"""
    )
    buttons = page.locator(TABLES)
    for i in range(0, buttons.count(), 4):  # a sample: each costs a download
        _, data = press(page, TABLES, i)
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
        assert data.endswith(b"\r\n")
        assert len(rows) == sum(tables[i])
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


def test_all_conditions_are_saved_with_units(page: Page, planted: Planted) -> None:
    name, data = press(page, ".every .save")
    table = pd.read_csv(io.BytesIO(data), keep_default_na=False)
    assert name.endswith("conditions.csv")
    assert len(table) == len(planted.conditions)
    assert {"time (h)", "n_cells (cells)", "effect (unit of the readout)"} <= set(table.columns)
    assert HOSTILE in set(table["perturbation"])
    order = planted.conditions.sort_values("role", key=lambda role: role != "test", kind="stable")
    assert table["n_cells (cells)"].tolist() == order["n_cells"].tolist()
    effect = pd.to_numeric(table["effect (unit of the readout)"], errors="coerce")
    assert effect.to_numpy() == pytest.approx(order["effect"].to_numpy(), rel=1e-4, nan_ok=True)
    own = planted.scores.query("model == 'Kestrel-2' and metric == 'pearson_delta'")
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
