"""A page opened from a file in a browser without network, and everything that went on in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Route

WATCH = """
window.refusals = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.refusals.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`.trim()));
"""
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass
class Visit:
    """An open page.

    Attributes
    ----------
    page
        The page itself.
    console, errors
        Errors and warnings that were written to the console, and exceptions that nothing caught.
    requests
        Addresses that the page asked for besides its own; each was refused.
    """

    page: Page
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def refusals(self) -> list[str]:
        """What the content security policy has refused so far."""
        found: list[str] = self.page.evaluate("window.refusals")
        return found

    def trouble(self) -> dict[str, list[str]]:
        """Everything that a sound page never does; empty if all is well."""
        found = {
            "console": self.console,
            "errors": self.errors,
            "requests": self.requests,
            "refusals": self.refusals(),
        }
        return {name: lines for name, lines in found.items() if lines}

    def axe(self, *rules: str) -> list[str]:
        """What axe holds against the page as it is now: one line a rule and element.

        Parameters
        ----------
        *rules
            Only these; all of WCAG 2.2 A and AA and the best practices if none is named.
        """
        only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(RULES)}
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        options = {"resultTypes": ["violations"], "runOnly": only, "preload": False, "elementRef": False}
        found: list[dict[str, Any]] = self.page.evaluate(RUN_AXE, options)
        return [
            f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary'].splitlines()[-1].strip()}"
            for rule in found
            for node in rule["nodes"]
        ]

    def overflow(self) -> list[str]:
        """What makes the page itself scroll sideways; a region that scrolls by itself is not meant."""
        found: list[str] = self.page.evaluate(OVERFLOW)
        return found


RUN_AXE = """async (options) => {
  // What is hidden inside an image anyway, thousands of marks, is set aside meanwhile: it takes most of the time.
  const images = document.querySelectorAll("svg.marks, svg[aria-hidden=true]");
  const drawn = [...images].map((svg) => [svg, [...svg.childNodes]]);
  for (const [svg] of drawn) svg.replaceChildren();
  const found = await axe.run(document, options);
  for (const [svg, marks] of drawn) svg.append(...marks);
  return found.violations;
}"""

OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const inside = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (["auto", "scroll", "hidden"].includes(getComputedStyle(p).overflowX)) return true; return false; };
  return ["page", ...[...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > wide + 1 && !inside(e))
    .map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute("class") || ""}`)];
}"""


def visit(
    browser: Browser,
    file: Path,
    *,
    width: int = 1280,
    height: int = 900,
    scheme: str = "light",
    motion: str = "no-preference",
    scripts: bool = True,
    wait: bool = True,
) -> Visit:
    """Open a file in a new window that nothing else shares.

    Parameters
    ----------
    scheme, motion
        What the reader prefers: ``light`` or ``dark``, ``no-preference`` or ``reduce``.
    scripts
        Whether scripts run at all.
    wait
        Whether to wait until the page says ``data-ready`` on its root.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce" if motion == "reduce" else "no-preference",
        java_script_enabled=scripts,
        offline=True,
    )
    page = context.new_page()
    opened = Visit(page)
    own = file.resolve().as_uri()

    def answer(route: Route) -> None:
        address = route.request.url
        if address.split("#")[0].split("?")[0] == own:
            route.continue_()
        else:
            opened.requests.append(address)
            route.abort()

    def write(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            opened.console.append(message.text)

    context.route("**/*", answer)
    page.on("console", write)
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    if scripts:
        page.add_init_script(WATCH)
    page.goto(own, wait_until="load")
    if scripts and wait:
        page.wait_for_selector("html[data-ready=yes]", state="attached", timeout=30_000)
    return opened
