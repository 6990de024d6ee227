"""Pieces of Markdown: escaped text, lists and pipe tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def escape(text: str) -> str:
    """Keep a label from acting as Markdown or HTML."""
    flat = " ".join(str(text).split())
    return SPECIAL.sub(r"\\\1", flat.replace("&", "&amp;"))


def bullets(rows: Sequence[str]) -> str:
    """Write a list."""
    return "\n".join(f"- {row}" for row in rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a pipe table; empty without rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
