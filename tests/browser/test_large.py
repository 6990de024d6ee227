"""A page of very many conditions stays fluid: drawn as bins, said to be, and each condition still found at once."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.visit import visit
from tests.report.large import large
from vcassay.report import write_report
from vcassay.report.drill.drill import BUDGET
from vcassay.report.figures import scatter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOVE = """async (name) => {
  const input = document.getElementById("condition-finder");
  input.value = name;
  input.dispatchEvent(new Event("input"));
  const list = input.nextElementSibling;
  while (!list.children.length || list.hidden) await new Promise((r) => setTimeout(r, 1));
  const before = document.getElementById("sheet-title");
  const start = performance.now();
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  while (document.getElementById("sheet-title") === before) await new Promise((r) => setTimeout(r, 1));
  document.getElementById("sheet").getBoundingClientRect();
  return performance.now() - start;
}"""


def milliseconds(page: Page, names: list[str]) -> list[float]:
    """Time from Enter to a filled panel, for one name after the other."""
    return [float(page.evaluate(MOVE, name)) for name in names]


def test_bins_are_announced_and_each_condition_is_found(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scatter, "MAX_POINTS", 100)
    few = large(240, ("Kestrel-2",))
    file = write_report(few.write(tmp_path))[0]
    payload = re.search(r'id="drawings">(.*?)</script>', file.read_text(encoding="utf-8"), re.DOTALL)
    assert payload is not None
    bins = len(json.loads(payload[1])["tables"]["scatter-0"]["rows"])
    seen = visit(chromium, file)
    note = seen.page.inner_text("#figure-scatter-0 figcaption")
    assert f"more than 100: drawn as {bins:,} bins, darker is more; the finder still finds each." in note
    last = few.conditions.iloc[-1]
    milliseconds(seen.page, [f"{last['perturbation']} {last['context']} {last['dose']:g}"])
    assert seen.page.inner_text("#sheet-title") == last["perturbation"]
    seen.page.keyboard.press("Escape")
    marks = seen.page.locator("#figure-scatter-0 svg .mark-rect path[aria-label*='conditions: ']")
    for i in (0, 7, marks.count() - 1):
        counted = re.search(r"conditions: (\d+)", marks.nth(i).get_attribute("aria-label") or "")
        assert counted is not None
        marks.nth(i).click(force=True)
        seen.page.wait_for_selector("#sheet:not([hidden])")
        assert seen.page.inner_text("#sheet-title") == f"{counted[1]} conditions in this bin"
        seen.page.keyboard.press("Escape")
    assert seen.trouble() == {}
    seen.page.context.close()


@pytest.mark.slow
def test_sixty_thousand_conditions_of_three_models_are_fluid(chromium: Browser, tmp_path: Path) -> None:
    many = large(60_000)
    folder = many.write(tmp_path)
    start = time.perf_counter()
    file = write_report(folder)[0]
    assert time.perf_counter() - start < 60
    assert file.stat().st_size < BUDGET + 3_000_000
    start = time.perf_counter()
    seen = visit(chromium, file)
    assert time.perf_counter() - start < 10
    timing = seen.page.evaluate("performance.timing.domInteractive - performance.timing.navigationStart")
    assert timing < 3000
    seen.page.wait_for_timeout(3000)
    tested = many.conditions[many.conditions["role"] == "test"]
    names = [f"{r.perturbation} {r.context} {r.dose:g}" for r in tested.sample(6, random_state=1).itertuples()]
    _, *warm = milliseconds(seen.page, names)
    assert sorted(warm)[len(warm) // 2] < 200
    assert seen.trouble() == {}
    seen.page.context.close()
