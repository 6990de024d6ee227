"""Write the generated pages before the site is read; those that have not changed are left as they are."""

from __future__ import annotations

import re
import time
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from vcassay_docs import api, catalogue, commands, registered, schemas
from vcassay_docs.docstrings import safe
from vcassay_docs.rest import table, title

INDEX = """Catalogue
=========

Everything that vcassay can compute, by name: what it is, when it has no value, what fools it, and where it comes
from. These pages are written from the registries while the site is built, so they say what the code does;
``vcassay list`` prints the names, and ``vcassay explain NAME`` what stands here under ``#NAME``.

.. toctree::
   :hidden:

"""
ENTRY = re.compile(r"^\.\. vcassay:entry:: (\S+)\n(?:   :title: (.*)\n)?", re.MULTILINE)
logger = logging.getLogger(__name__)


def write_pages(folder: Path) -> list[str]:
    """Write every generated page into the documentation's folder.

    Returns
    -------
    Names of the pages.
    """
    texts = dict(page for part in (catalogue, registered, commands, schemas, api) for page in part.pages())
    for name, text in texts.items():
        _put(folder, name, text)
    _put(folder, "catalogue/index", _index({n: t for n, t in texts.items() if n.startswith("catalogue/")}))
    names = [*texts, "catalogue/index"]
    for stale in {*folder.glob("catalogue/*.rst"), *folder.glob("reference/*.rst")}:
        if stale.relative_to(folder).with_suffix("").as_posix() not in names:
            stale.unlink()
    return names


def _put(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.rst"
    path.parent.mkdir(exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _index(texts: dict[str, str]) -> str:
    """Every name of the catalogue with its title, page by page."""
    pages = [name.partition("/")[2] for name in texts]
    text = INDEX + "".join(f"   {page}\n" for page in pages) + "\n"
    for page, body in zip(pages, texts.values(), strict=True):
        heading, found = body.partition("\n")[0], ENTRY.findall(body)
        text += title(f"{heading} ({len(found)})" if found else heading, "-") + f":doc:`{heading} in full <{page}>`\n\n"
        if found:
            text += table(("name", "is"), [(f"``{name}``", safe(words)) for name, words in found], (40, 60))
    return text


def _write(app: Sphinx) -> None:
    began = time.monotonic()
    names = write_pages(Path(app.srcdir))
    logger.info("generated %d pages in %.1f s", len(names), time.monotonic() - began)


def setup(app: Sphinx) -> None:
    """Generate when the builder is ready."""
    app.connect("builder-inited", _write)
