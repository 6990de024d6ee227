"""Wording: numbers with their nouns, and beginnings of sentences."""

from __future__ import annotations

from collections.abc import Sequence


def plural(n: int, one: str, many: str = "") -> str:
    """Write a number and its noun: ``1 batch``, ``2,000 batches``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(names: Sequence[str], limit: int = 5) -> str:
    """Write how many there are and the first of them: ``50: A549, HCT116, ...``; a single one by its name."""
    if len(names) < 2:
        return "".join(names)
    return f"{len(names):,}: {', '.join(names[:limit])}{', ...' if len(names) > limit else ''}"


def capital(text: str) -> str:
    """Write text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
