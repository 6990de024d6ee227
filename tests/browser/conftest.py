"""One browser for all tests here, and the pages that most of them look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.visit import Visit, visit
from tests.report import evidence, leaks
from tests.report.conftest import HOSTILE, Planted, make
from tests.report.large import with_genes
from vcassay.record import FindingRecord
from vcassay.report import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--force-color-profile=srgb"),
]
OTHERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium: the one $CHROMIUM names, else the system's, else playwright's own; none is a reason to skip."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    named = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, OTHERS)), None)
    with api.sync_playwright() as playwright:
        if named is None and not Path(playwright.chromium.executable_path).is_file():
            pytest.skip("no Chromium: set CHROMIUM to one, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=named, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a file (see `visit`) for this test alone."""
    opened: list[Visit] = []

    def open_one(file: Path, **wishes: object) -> Visit:
        opened.append(visit(chromium, file, **wishes))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for one in opened:
        one.page.context.close()


@pytest.fixture(scope="session")
def shared_page(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a file once a session for all tests that only look at it: they leave it as they found it."""
    opened: dict[object, Visit] = {}

    def open_once(file: Path, **wishes: object) -> Visit:
        key = (file, *sorted(wishes.items()))
        if key not in opened:
            opened[key] = visit(chromium, file, **wishes)  # type: ignore[arg-type]
        return opened[key]

    yield open_once
    for one in opened.values():
        one.page.context.close()


@pytest.fixture(scope="session")
def story() -> Planted:
    """A record with everything that a page can show: four models, four ends, every room of biology."""
    planted = make()
    return Planted(evidence.full(leaks.touched(planted.record)), planted.conditions, planted.scores)


@pytest.fixture(scope="session")
def report(story: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of that record, report.html among its files."""
    folder = story.write(tmp_path_factory.mktemp("browser"))
    return write_report(folder)[0]


FORMULA = '=HYPERLINK("http://evil","x")'


@pytest.fixture(scope="session")
def odd() -> Planted:
    """A record with genes, labels that a page, a file or a spreadsheet could stumble over, and evidence on one."""
    whole = with_genes(make(hostile=True, n_perturbations=10, models=("Kestrel-2", "EchoCell")))
    copied = {"condition": f"PC9 | {HOSTILE} | 0.5 | 24 h", "r": 0.987}
    cells = {"with": FORMULA, "comma": 'a, "b"\nc', "value": -0.5, "more": "+cmd"}
    told = {"status": "WARN", "sentence": "It is so.", "model": "EchoCell"}
    added = (
        FindingRecord(check="L26", title="Copies of training effects", evidence=(copied,), **told),
        FindingRecord(check="L01", title="Odd labels", evidence=tuple(cells | {"n": i} for i in range(30)), **told),
    )
    return replace(whole, record=whole.record.model_copy(update={"findings": (*whole.record.findings, *added)}))


@pytest.fixture(scope="session")
def odd_report(odd: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of that record."""
    return write_report(odd.write(tmp_path_factory.mktemp("odd")))[0]


@pytest.fixture(scope="session")
def odd_visit(chromium: Browser, odd_report: Path) -> Iterator[Visit]:
    """That page, open: a test may use it, and closes what it opened."""
    opened = visit(chromium, odd_report)
    yield opened
    opened.page.context.close()
