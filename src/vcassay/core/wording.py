"""Wording: numbers with their nouns, and beginnings of sentences."""

from __future__ import annotations


def plural(n: int, one: str, many: str = "") -> str:
    """Write a number and its noun: ``1 batch``, ``2,000 batches``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def capital(text: str) -> str:
    """Write text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
