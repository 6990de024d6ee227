"""Paragraphs, headings and status words on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from vcassay.report.wording import MINUS, Mark

TONES = {"good": "green", "part": "blue", "warn": "yellow", "bad": "red", "open": "magenta", "mute": "default"}


def say(console: Console, *parts: str | tuple[str, str], indent: int = 0) -> None:
    """Print one paragraph, wrapped and indented, without blanks at the ends of lines."""
    styled = [(part, "") if isinstance(part, str) else part for part in parts]
    text = Text.assemble(*((fit(console, words), style) for words, style in styled))
    for line in text.wrap(console, max(20, console.width - indent)):
        line.rstrip()
        console.print(Text(" " * indent) + line, soft_wrap=True)


def fit(console: Console, text: str) -> str:
    """Write what the terminal can show: no control characters, and plain signs where its encoding has no others."""
    text = "".join(c if c.isprintable() else " " for c in text.replace(MINUS, "-"))
    encoding = console.encoding or "utf-8"
    return text.encode(encoding, errors="replace").decode(encoding, errors="replace")


def heading(console: Console, title: str) -> None:
    """Print a blank line and a title."""
    console.print()
    say(console, (title, "bold"))


def word(mark: Mark) -> tuple[str, str]:
    """Word of a mark in its colour."""
    return mark.word.upper(), f"bold {TONES.get(mark.tone, 'default')}"
