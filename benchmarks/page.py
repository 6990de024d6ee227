"""Bytes and seconds of the page of an assessment, by the number of test conditions.

Run from the repository's root::

    PYTHONPATH=src:. python benchmarks/page.py
    PYTHONPATH=src:. python benchmarks/page.py --conditions 2000 --models 4 --browser /usr/bin/chromium

One line a size: the page and its parts in thousands of bytes (the chart library, the drawings' data, single conditions
and everything else: text, tables, drawings for readers without scripts), and the seconds to write it. With a browser
also the milliseconds until the page takes input, until every figure is drawn, for which it was blocked (what tasks
take beyond 50 ms each), and from Enter to the panel of a condition, in the middle of nine after the first.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

from tests.browser.test_large import milliseconds
from tests.report.large import large
from tests.report.story import MODELS

from vcassay.report import write_report
from vcassay.report.bundle import library

SIZES = ((200, 4), (2_000, 4), (60_000, 3))
PARTS = ("page", "library", "drawings", "conditions", "rest")
TIMES = ("input", "drawn", "blocked", "first", "drill")
WATCH = """window.tasks = [];
new PerformanceObserver((l) => l.getEntries().forEach((e) => window.tasks.push(e.duration)))
  .observe({ type: "longtask", buffered: true });
document.addEventListener("ready", () => { window.drawn = performance.now(); });"""


def parts(html: str) -> dict[str, int]:
    """Bytes of the page and of what it is made of."""
    found = {"page": len(html.encode()), "library": len(library().encode())}
    for name in ("drawings", "conditions"):
        inside = re.search(rf'id="{name}">(.*?)</script>', html, re.DOTALL)
        found[name] = len(inside[1].encode()) if inside else 0
    return found | {"rest": found["page"] - sum(v for k, v in found.items() if k != "page")}


def timed(file: Path, browser: str, names: list[str]) -> dict[str, float]:
    """Milliseconds in a browser that looks at the page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        page.goto(file.resolve().as_uri())
        page.wait_for_selector("html[data-ready=yes]", state="attached", timeout=120_000)
        page.wait_for_timeout(4000)
        found = {
            "input": page.evaluate("performance.timing.domInteractive - performance.timing.navigationStart"),
            "drawn": page.evaluate("window.drawn"),
            "blocked": sum(max(0.0, t - 50) for t in page.evaluate("window.tasks")),
        }
        first, *others = milliseconds(page, names)
        opened.close()
    return found | {"first": first, "drill": statistics.median(others)}


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conditions", type=int, help="test conditions; 200, 2,000 and 60,000 if left out")
    parser.add_argument("--models", type=int, default=3, help="models, up to 4")
    parser.add_argument("--browser", default="", help="path of a Chromium")
    asked = parser.parse_args()
    library()  # made once a process
    heads = [*(f"{name} kB" for name in PARTS), "write s", *(f"{name} ms" for name in TIMES if asked.browser)]
    print(f"{'conditions':>10} {'models':>6} " + " ".join(f"{head:>13}" for head in heads))
    sizes = SIZES if asked.conditions is None else ((asked.conditions, asked.models),)
    for n, models in sizes:
        planted = large(n, MODELS[:models])
        with tempfile.TemporaryDirectory() as folder:
            planted.write(Path(folder))
            start = time.perf_counter()
            file = write_report(Path(folder))[0]
            seconds = time.perf_counter() - start
            found = parts(file.read_text(encoding="utf-8"))
            row = [f"{found[name] / 1000:,.0f}" for name in PARTS] + [f"{seconds:.1f}"]
            if asked.browser:
                tested = planted.conditions[planted.conditions["role"] == "test"].sample(10, random_state=1)
                names = [f"{r.perturbation} {r.context} {r.dose:g}" for r in tested.itertuples()]
                row += [f"{value:,.0f}" for value in timed(file, asked.browser, names).values()]
            print(f"{n:>10,} {models:>6} " + " ".join(f"{text:>13}" for text in row), flush=True)


if __name__ == "__main__":
    main()
