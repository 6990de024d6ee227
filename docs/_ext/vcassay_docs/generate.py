"""Write the generated pages before the site is read; those that have not changed are left as they are."""

from __future__ import annotations

import time
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from vcassay_docs import api, catalogue, commands, registered, schemas

INDEX = """Catalogue
=========

Everything that vcassay can compute, by name: what it is, when it has no value, what fools it, and where it comes
from. The pages are written from the registries while the site is built, so they say what the code does. ``vcassay
list`` prints the names, and ``vcassay explain NAME`` what stands here under ``#NAME``. Use the search for a name.

.. toctree::
   :maxdepth: 2

"""
logger = logging.getLogger(__name__)


def write_pages(folder: Path) -> list[str]:
    """Write every generated page into the documentation's folder.

    Returns
    -------
    Names of the pages.
    """
    names = []
    for part in (catalogue, registered, commands, schemas, api):
        for name, text in part.pages():
            path = folder / f"{name}.rst"
            path.parent.mkdir(exist_ok=True)
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
            names.append(name)
    index = folder / "catalogue" / "index.rst"
    text = INDEX + "".join(f"   {name.partition('/')[2]}\n" for name in names if name.startswith("catalogue/"))
    if not index.is_file() or index.read_text(encoding="utf-8") != text:
        index.write_text(text, encoding="utf-8")
    names.append("catalogue/index")
    for stale in {*folder.glob("catalogue/*.rst"), *folder.glob("reference/*.rst")}:
        if stale.relative_to(folder).with_suffix("").as_posix() not in names:
            stale.unlink()
    return names


def _write(app: Sphinx) -> None:
    began = time.monotonic()
    names = write_pages(Path(app.srcdir))
    logger.info("generated %d pages in %.1f s", len(names), time.monotonic() - began)


def setup(app: Sphinx) -> None:
    """Generate when the builder is ready."""
    app.connect("builder-inited", _write)
