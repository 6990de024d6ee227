"""After the build: every internal link leads somewhere, and no page asks the network for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.errors import SphinxError

RESOURCES = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
FETCHED = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload"}
ABROAD = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)


class Page(HTMLParser):
    """Anchors, links and resources of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.resources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names, leads to or loads."""
        has = {k: v or "" for k, v in attrs}
        self.ids |= {has[k] for k in ("id", "name") if k in has}
        if tag == "a" and "href" in has:
            self.links.append(has["href"])
        if tag == "link" and FETCHED & set(has.get("rel", "").split()):
            self.resources.append(has.get("href", ""))
        if tag in RESOURCES and RESOURCES[tag] in has:
            self.resources.append(has[RESOURCES[tag]])


def problems(folder: Path) -> Iterator[str]:
    """What leads nowhere or abroad in the pages and style sheets of a folder."""
    pages = {}
    for file in sorted(folder.rglob("*.html")):
        page = pages[file.resolve()] = Page()
        page.feed(file.read_text(encoding="utf-8"))
    for file, page in pages.items():
        own = file.relative_to(folder.resolve())
        for address in page.resources:
            if ABROAD.match(address):
                yield f"{own} loads {address}"
            elif not urlsplit(address).scheme and not (file.parent / urlsplit(address).path).is_file():
                yield f"{own} loads {address}, which is missing"
        for address in page.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.is_file():
                yield f"{own} leads to {address}, which is missing"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                yield f"{own} leads to {address}, which has no such anchor"
    for file in sorted(folder.rglob("*.css")):
        for address in re.findall(r"(?:@import\s+(?:url\()?|url\()[\"']?([^\"')]+)", file.read_text(encoding="utf-8")):
            if ABROAD.match(address):
                yield f"{file.relative_to(folder)} loads {address}"


def _check(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        found = sorted(set(problems(Path(app.outdir))))
        if found:
            raise SphinxError("The site does not stand alone:\n" + "\n".join(found))


def setup(app: Sphinx) -> None:
    """Check what was built."""
    app.connect("build-finished", _check, priority=900)
