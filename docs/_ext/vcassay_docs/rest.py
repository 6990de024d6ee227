"""Small pieces of reStructuredText."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from vcassay_docs.docstrings import safe


def title(text: str, sign: str = "=") -> str:
    """A heading."""
    return f"{text}\n{sign * len(text)}\n\n"


def indented(text: str) -> str:
    """Text one level deeper."""
    return textwrap.indent(text.strip("\n"), "   ") + "\n\n"


def entry(name: str, body: str, *, kind: str = "entry", heading: str = "", mark: str = "") -> str:
    """An entry of the catalogue with its anchor."""
    head = f".. vcassay:{kind}:: {name}\n"
    if heading:
        head += f"   :title: {heading}\n"
    if mark:
        head += f"   :mark: {mark}\n"
    return f"{head}\n{indented(body)}"


def fields(facts: Iterable[tuple[str, str]]) -> str:
    """Names with their texts."""
    lines = [f":{name}: " + " ".join(safe(text).split()) for name, text in facts if text]
    return "\n".join(lines) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int], *, kind: str = "") -> str:
    """A table; cells are reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {' '.join(map(str, widths))}"]
    lines += [f"   :class: {kind}"] if kind else []
    lines.append("")
    for row in (head, *rows):
        for i, cell in enumerate(row):
            first, *rest = (cell or " ").splitlines() or [""]
            lines.append(f"   {'* -' if i == 0 else '  -'} {first}".rstrip())
            lines += [f"       {line}".rstrip() for line in rest]
    return "\n".join(lines) + "\n\n"
