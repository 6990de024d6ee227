"""What the documentation generates from the package and runs while it is built."""

from sphinx.application import Sphinx

from vcassay_docs import docstrings, entry, generate, links, offline, run, style


def setup(app: Sphinx) -> dict[str, object]:
    """Register every part with Sphinx."""
    for part in (docstrings, entry, generate, links, offline, run, style):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
